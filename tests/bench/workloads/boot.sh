# shellcheck shell=bash
# SPDX-License-Identifier: GPL-3.0-or-later
# From exec of the VMM to the first process of the guest: the stock bzImage, 256 MiB, one vCPU, on
# either console; and apart, on the serial one, from its vmlinux, which spares unpacking.
# shellcheck disable=SC2034,SC2154

lab_of[boot]=smp
candidates_of[boot]="vdpa-vmm microvm q35 kvmtool"
points_of[boot]="ttyS0 hvc0 vmlinux"
quick_points_of[boot]="ttyS0 hvc0"

boot_install() {
	install_qemu
	install_guest "$LAB_STOCK_BZIMAGE"
	install_guest "$LAB_STOCK_VMLINUX"
	install_guest "$BENCH_GUEST/initrd"
}

boot_run() { # CANDIDATE POINT
	local cmd
	guest_defaults
	case $2 in
	vmlinux) guest_kernel=/guest/vmlinux ;;
	*) guest_console=$2 ;;
	esac
	vmm_command "$1"
	in_root vmwatch -e init -t 60 -l "/tmp/log.$1" "${cmd[@]}" | awk '
		$1 == "init" { print "boot_wall", $2; print "boot_exits", $3; print "boot_userspace", $4 }'
}
