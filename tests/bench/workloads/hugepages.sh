# shellcheck shell=bash
# SPDX-License-Identifier: GPL-3.0-or-later
# From exec to the kernel's entry with 1 GiB on hugepages of 2 MiB, touched by the guest or before it.
# shellcheck disable=SC2034,SC2154

lab_of[hugepages]=smp
candidates_of[hugepages]="vdpa-vmm microvm q35"
points_of[hugepages]="lazy preallocated"

hugepages_install() { entry_install; }
hugepages_prepare() {
	echo 1 >/proc/sys/vm/compact_memory
	echo 514 >/proc/sys/vm/nr_hugepages
	[ "$(cat /proc/sys/vm/nr_hugepages)" -ge 512 ]
}
hugepages_finish() { echo 0 >/proc/sys/vm/nr_hugepages; }

hugepages_run() { # CANDIDATE POINT
	local cmd
	guest_defaults
	guest_kernel=/guest/bzImage.probe guest_memory=1024 guest_huge=1
	[ "$2" = lazy ] || guest_prealloc=1
	vmm_command "$1"
	in_root vmwatch -e first -t 60 -l "/tmp/log.$1" "${cmd[@]}" | awk '$1 == "first" { print "hugepages", $2 }'
}
