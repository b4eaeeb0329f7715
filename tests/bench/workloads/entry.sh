# shellcheck shell=bash
# SPDX-License-Identifier: GPL-3.0-or-later
# From exec of the VMM to the first instruction of the guest's kernel: a stock bzImage of which only
# the entry points are patched, so that it says so on the serial port.
# shellcheck disable=SC2034,SC2154

lab_of[entry]=icount
candidates_of[entry]="vdpa-vmm microvm q35 kvmtool floor"
points_of[entry]="256"

entry_install() {
	install_qemu
	install_guest "$BENCH_PROGRAMS/bzImage.probe"
	install_guest "$BENCH_GUEST/initrd"
}

entry_run() { # CANDIDATE POINT
	local cmd
	guest_defaults
	guest_kernel=/guest/bzImage.probe guest_memory=$2
	vmm_command "$1"
	in_root vmwatch -e first -t 60 -l "/tmp/log.$1" "${cmd[@]}" | awk '$1 == "first" { print "entry", $2 }'
}
