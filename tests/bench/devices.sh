# shellcheck shell=bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Inside the lab: the vDPA devices that the workloads use.

# Exactly this many network devices, bench0 and up.
ensure_devices() { # COUNT
	local have
	have=$(find /sys/bus/vdpa/devices -name 'bench*' | wc -l)
	if [ "$have" -lt "$1" ]; then
		in_root floor_netlink add "$have" "$1"
	elif [ "$have" -gt "$1" ]; then
		in_root floor_netlink del "$1" "$have"
	fi
}

# Simulated disks of 128 MiB each; sets `nodes`.
create_disks() { # COUNT
	local i
	nodes=
	for ((i = 0; i < $1; i++)); do
		vdpa dev add name "disk$i" mgmtdev vdpasim_blk || return
		nodes+="${nodes:+ }$(disk_node "disk$i")"
	done
}

disk_node() { # NAME
	echo "/dev/$(basename "$(echo /sys/bus/vdpa/devices/"$1"/vhost-vdpa-*)")"
}

# A VMM that was killed may hold its device a moment longer.
delete_disks() {
	local device
	for device in /sys/bus/vdpa/devices/disk*; do
		[ ! -e "$device" ] || timeout 20 vdpa dev del "$(basename "$device")"
	done
}

# Moves a device between vhost_vdpa and virtio_vdpa, the kernel's own driver.
bind_disk() { # NAME DRIVER
	local device=/sys/bus/vdpa/devices/$1
	modprobe -a "$2" virtio_blk
	echo "$2" >"$device/driver_override"
	[ ! -e "$device/driver" ] || echo "$1" >"$device/driver/unbind"
	echo "$1" >/sys/bus/vdpa/drivers_probe
}
