# shellcheck shell=bash
# SPDX-License-Identifier: GPL-3.0-or-later
# fio in a guest on a raw image (in tmpfs), direct and buffered.
# shellcheck disable=SC2034,SC2154

lab_of[disk]=smp
candidates_of[disk]="vdpa-vmm q35"
points_of[disk]="direct buffered"
quick_points_of[disk]="direct"

disk_install() { io_install; }
disk_prepare() { truncate -s 128M "$ROOT/tmp/disk.raw"; }
disk_finish() { rm -f "$ROOT/tmp/disk.raw"; }

disk_run() { # CANDIDATE POINT
	local cmd
	guest_defaults
	guest_mode=fio guest_disk=/tmp/disk.raw guest_initrd=/guest/initrd.fio guest_memory=512
	guest_append="bench.seconds=$io_seconds"
	[ "$2" = direct ] || guest_direct=0
	vmm_command "$1"
	in_root vmwatch -e "done" -t 120 -l "/tmp/log.$1" "${cmd[@]}" | io_figures |
		awk -v mode="$2" '/^io_(iops|mib)/ { sub(/^io/, "disk"); print $1, $2 "-" mode, $3 }'
}
