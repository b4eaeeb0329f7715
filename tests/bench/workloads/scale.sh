# shellcheck shell=bash
# SPDX-License-Identifier: GPL-3.0-or-later
# How start-up grows with the size of the guest: RAM, vCPUs, vDPA devices, queues of a disk.
# shellcheck disable=SC2034,SC2154

lab_of[scale]=icount
candidates_of[scale]="vdpa-vmm q35"
points_of[scale]="ram-128 ram-512 ram-2048 ram-8192 cpus-1 cpus-2 cpus-4 cpus-8 devices-1 devices-4 devices-16 queues-1 queues-4 queues-16"
quick_points_of[scale]="ram-128 ram-8192 cpus-1 cpus-8 devices-1 devices-16 queues-1 queues-16"

scale_install() { entry_install; }
scale_prepare() {
	truncate -s 16M "$ROOT/tmp/scale.raw"
	echo 1 >/proc/sys/vm/overcommit_memory
}
scale_finish() {
	ensure_devices 0
	rm -f "$ROOT/tmp/scale.raw"
}

scale_run() { # CANDIDATE POINT
	local cmd i count=${2#*-} kind=${2%-*}
	guest_defaults
	guest_kernel=/guest/bzImage.probe
	case $kind in
	ram) guest_memory=$count ;;
	cpus) guest_cpus=$count ;;
	# no more than vCPUs, which are the same for all points
	queues) guest_cpus=16 guest_disk=/tmp/scale.raw guest_queues=$count ;;
	devices)
		guest_queues=3
		ensure_devices "$count" || return
		for ((i = 0; i < count; i++)); do
			guest_vdpa+="${guest_vdpa:+ }$(disk_node "bench$i")"
		done
		;;
	esac
	vmm_command "$1"
	in_root vmwatch -e first -t 60 -l "/tmp/log.$1" "${cmd[@]}" |
		awk -v figure="scale_$kind" -v count="$count" '$1 == "first" { print figure, count, $2 }'
}
