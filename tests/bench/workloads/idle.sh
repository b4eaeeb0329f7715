# shellcheck shell=bash
# SPDX-License-Identifier: GPL-3.0-or-later
# What a VMM with one vDPA device keeps and does while its guest has nothing to do.
# shellcheck disable=SC2034,SC2154

lab_of[idle]=smp
candidates_of[idle]="vdpa-vmm q35"
points_of[idle]="vdpa"

idle_install() { boot_install; }
idle_prepare() { create_disks 1; }
idle_finish() { delete_disks; }

idle_run() { # CANDIDATE POINT
	local cmd
	guest_defaults
	guest_mode=idle guest_vdpa=$nodes
	vmm_command "$1"
	in_root vmwatch -i ready -s 4 -e ready -t 60 -l "/tmp/log.$1" "${cmd[@]}" | awk '
		$1 == "idle" { print "idle_cpu", $6 / 1e6 / ($2 / 1e9); print "idle_exits", $3 / ($2 / 1e9) }
		$1 == "size" { print "idle_memory", $2; print "idle_threads", $3; print "idle_fds", $4 }'
}
