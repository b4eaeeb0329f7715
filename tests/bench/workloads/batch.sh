# shellcheck shell=bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Making and deleting a hundred network devices: a batch against one process a device. Counted, since deletions wait
# for the kernel more or less long as the machine is loaded.
# shellcheck disable=SC2034,SC2154

lab_of[batch]=icount
candidates_of[batch]="vdpactl vdpa-loop netlink"
points_of[batch]="100"

batch_prepare() {
	local i
	: >"$ROOT/tmp/add"
	: >"$ROOT/tmp/del"
	for ((i = 0; i < 100; i++)); do
		echo "dev add name bench$i mgmtdev vdpasim_net mac 02:00:00:00:00:$(printf %02x $i)" >>"$ROOT/tmp/add"
		echo "dev del bench$i" >>"$ROOT/tmp/del"
	done
}

batch_run() { # CANDIDATE POINT
	local -a add del
	case $1 in
	vdpactl) add=(-l 1 vdpactl -f /tmp/add) del=(-l 1 vdpactl -f /tmp/del) ;;
	vdpa-loop)
		add=(-l 100 vdpa dev add name bench%d mgmtdev vdpasim_net)
		del=(-l 100 vdpa dev del bench%d)
		;;
	netlink) add=(-l 1 floor_netlink add 0 100) del=(-l 1 floor_netlink del 0 100) ;;
	esac
	in_root stopwatch "${add[@]}" | sed 's/^/add_100 /'
	in_root stopwatch "${del[@]}" | sed 's/^/del_100 /'
	ensure_devices 0
}
