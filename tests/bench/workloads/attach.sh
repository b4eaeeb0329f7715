# shellcheck shell=bash
# SPDX-License-Identifier: GPL-3.0-or-later
# System calls on the descriptor of one vDPA disk (one queue, one region of RAM), from open until the
# guest has read from it; without the reads of configuration space that the guest asks for.
# shellcheck disable=SC2034,SC2154

lab_of[attach]=smp
candidates_of[attach]="vdpa-vmm q35"
points_of[attach]="1-queue"

attach_install() { boot_install; }
attach_prepare() { create_disks 1; }
attach_finish() { delete_disks; }

attach_run() { # CANDIDATE POINT
	local cmd
	guest_defaults
	guest_mode=idle guest_vdpa=$nodes
	vmm_command "$1"
	rm -f "$ROOT/tmp/trace"
	in_root vmwatch -e ready -t 80 -l "/tmp/log.$1" strace -f -y -qq -o /tmp/trace \
		-e trace=openat,ioctl,write,writev,read,mmap,munmap,pwrite64 "${cmd[@]}" >/dev/null &&
		awk '/vhost-vdpa-/ && !/resumed>|VHOST_VDPA_GET_CONFIG,/ { n++ } END { print "attach", n }' "$ROOT/tmp/trace"
}
