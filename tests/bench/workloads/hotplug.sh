# shellcheck shell=bash
# SPDX-License-Identifier: GPL-3.0-or-later
# A vDPA disk added to a running guest until the guest has read from it, and removed until the host
# has its device back; by the VMM's own socket, with the same small client.
# shellcheck disable=SC2034,SC2154

lab_of[hotplug]=smp
candidates_of[hotplug]="vdpa-vmm q35"
points_of[hotplug]="disk"

hotplug_install() { boot_install; }
hotplug_prepare() { create_disks 1; }
hotplug_finish() { delete_disks; }

# One request of our API, as a text for unix_ask.
api_request() { # ENDPOINT JSON
	printf 'PUT /api/v1/%s HTTP/1.1\\nHost: localhost\\nContent-Type: application/json\\nContent-Length: %d\\n\\n%s' \
		"$1" "${#2}" "$2"
}

hotplug_run() { # CANDIDATE POINT
	local cmd add remove socket=/tmp/hotplug.sock
	guest_defaults
	guest_mode=idle guest_api=$socket
	if [ "$1" = vdpa-vmm ]; then
		add="unix_ask $socket 'HTTP/1.1 2' '$(api_request vm.add-vdpa \
			"{\"id\":\"hot\",\"path\":\"$nodes\",\"num_queues\":1}")'"
		remove="unix_ask $socket 'HTTP/1.1 2' '$(api_request vm.remove-device '{"id":"hot"}')'"
	else
		add="unix_ask $socket return '{\"execute\":\"qmp_capabilities\"}' '{\"execute\":\"device_add\",$(
		)\"arguments\":{\"driver\":\"vhost-vdpa-device-pci\",\"id\":\"hot\",\"bus\":\"port0\",\"vhostdev\":\"$nodes\"}}'"
		remove="unix_ask $socket return '{\"execute\":\"qmp_capabilities\"}' $(
		)'{\"execute\":\"device_del\",\"arguments\":{\"id\":\"hot\"}}'"
	fi
	rm -f "$ROOT$socket"
	vmm_command "$1"
	# the guest settles for a second before each step
	in_root vmwatch -e released -t 40 -l "/tmp/log.$1" \
		-x "ready:sleep 1; echo @adding; $add" \
		-x "added:sleep 1; echo @removing; $remove; until (: <>$nodes) 2>/dev/null; do :; done; echo @released" \
		"${cmd[@]}" | awk '
			{ at[$1] = $2 }
			END {
				if (at["added"]) print "hot_add", at["added"] - at["adding"]
				if (at["released"]) print "hot_remove", at["released"] - at["removing"]
			}'
}
