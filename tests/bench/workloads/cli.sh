# shellcheck shell=bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Listing vDPA devices, in text and in JSON, from process start to end.
# shellcheck disable=SC2034,SC2154

lab_of[cli]=icount
candidates_of[cli]="vdpactl vdpa netlink"
points_of[cli]="1 100 1000"

cli_run() { # CANDIDATE POINT
	local -a text json
	ensure_devices "$2" || return
	case $1 in
	vdpactl) text=(vdpactl dev show) json=(vdpactl --json dev show) ;;
	vdpa) text=(vdpa dev show) json=(vdpa -j dev show) ;;
	netlink) text=(floor_netlink show) json=(floor_netlink show) ;;
	esac
	in_root stopwatch -r 3 "${text[@]}" | sed 's/^/show_text /'
	in_root stopwatch -r 3 "${json[@]}" | sed 's/^/show_json /'
}

cli_finish() { ensure_devices 0; }
