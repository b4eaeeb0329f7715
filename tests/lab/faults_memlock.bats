#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# lab: --pinned
# The locked-memory limit is lowered between the check and the start, or is too low for one device more.
bats_require_minimum_version 1.5.0

load guest/guest

setup() {
	load ../asserts
	[ "${IN_LAB:-}" = 1 ] || skip "runs in the lab (tests/lab/run)"
	cd "$BATS_TEST_TMPDIR" || return 1
	echo 80 >/proc/sys/vm/nr_hugepages
	export XDG_CONFIG_HOME=$PWD/config
	vdpactl dev add name f-a mgmtdev vdpasim_blk >/dev/null
	# shellcheck disable=SC2054 # commas of options
	vm=(--kernel "$LAB_GUEST_VMLINUX" --initramfs "$LAB_TINY_INITRD" --memory size=128M,hugepages=on
		--cmdline "console=hvc0 quiet")
	vdpactl profile create f-vm "${vm[@]}" >/dev/null
}

teardown() {
	guest_kill
	vdpactl vm kill f-vm >/dev/null 2>&1 || true
	XDG_RUNTIME_DIR=$PWD/run as_user unlimited vdpactl vm kill f-vm >/dev/null 2>&1 || true
	vdpactl dev del f-a f-b f-made if-exists >/dev/null || true
	echo 0 >/proc/sys/vm/nr_hugepages
}

# An ordinary user with that limit, who cannot raise it.
as_user() { # BYTES COMMAND...
	prlimit --memlock="$1" -- setpriv --reuid daemon --regid daemon --clear-groups --no-new-privs -- "${@:2}"
}

# Root that may do all but raise limits.
as_bound_root() { # BYTES COMMAND...
	prlimit --memlock="$1" -- setpriv --bounding-set=-sys_resource --inh-caps=-sys_resource -- "${@:2}"
}

node_of() { echo "/dev/$(basename /sys/bus/vdpa/devices/"$1"/vhost-vdpa-*)"; }

# The device is free, every hugepage is, and no folder or socket is left.
assert_nothing_left() { # RUNTIME-FOLDER
	run -1 fuser "$(node_of f-a)"
	assert_equal "$(awk '/^HugePages_(Free|Rsvd)/ { printf "%s ", $2 }' /proc/meminfo)" "80 0 "
	assert_not_exist "$1/f-vm"
}

@test "a user's limit, lowered after the check: named with the remedy, nothing left, the next start works" {
	export XDG_RUNTIME_DIR=$PWD/run
	mkdir -m 700 run
	chown daemon run "$(node_of f-a)"
	chmod 666 /dev/kvm
	chmod -R a+rX config "$BATS_RUN_TMPDIR"
	vdpactl profile add f-vm vdpa.blk device=f-a >/dev/null
	run as_user unlimited vdpactl check f-vm --json
	assert_equal "$(gojq -c '[.findings[] | select(.status == "fail")]' <<<"$output")" "[]"
	# the start's own check sees it
	run -1 as_user 67108864 vdpactl vm start f-vm --detach
	assert_output --regexp "1 pinning device needs 129M of locked memory, the limit is 64M"
	assert_output --partial "90-vdpactl.conf"
	assert_nothing_left run/vdpactl
	# without it, the VMM does
	run -1 as_user 67108864 vdpactl vm start f-vm --detach --no-check
	assert_output --regexp "cannot pin guest memory .*the locked-memory limit is 64M"
	assert_output --partial "ulimit -l 131072"
	assert_nothing_left run/vdpactl
	run -0 as_user 137363456 vdpactl vm start f-vm --detach
	run -0 as_user 67108864 vdpactl vm kill f-vm
	assert_nothing_left run/vdpactl
}

@test "root whose limit binds: the device that was made for the VM is gone again" {
	vdpactl profile add f-vm vdpa.blk device=f-made create=on mgmtdev=vdpasim_blk >/dev/null
	run -1 as_bound_root 67108864 vdpactl vm start f-vm --detach --no-check
	assert_output --partial "locked-memory limit is 64M"
	run -1 vdpactl dev show f-made
	assert_nothing_left /run/vdpactl
	# root that may, raises it
	run -0 prlimit --memlock=67108864 -- vdpactl vm start f-vm --detach
	run -0 vdpactl vm kill f-vm
	run -1 vdpactl dev show f-made
	assert_nothing_left /run/vdpactl
}

@test "a limit that has room for one device: the second is refused, and the guest goes on" {
	vdpactl dev add name f-b mgmtdev vdpasim_blk >/dev/null
	guest_boot prlimit --memlock=140000000 -- vdpa-vmm "${vm[@]}" --console tty --serial null --api-socket api.sock \
		--vdpa device=f-a
	run -1 vdpactl vm add-vdpa ./api.sock device=f-b,id=late
	assert_output --partial "locked-memory limit"
	run -1 fuser "$(node_of f-b)"
	run -0 guest_run 'ls /sys/block; blkio write /dev/vda 1 1048576 && blkio verify /dev/vda 1 1048576'
	assert_line vda
	refute_line vdb
	# the limit is raised from outside: now it fits
	prlimit --memlock=unlimited --pid "$GUEST_PID"
	run -0 vdpactl vm add-vdpa ./api.sock device=f-b,id=late
	run -0 guest_run 'until [ -b /dev/vdb ]; do sleep 0.1; done; blkio write /dev/vdb 2 1048576 && blkio verify /dev/vdb 2 1048576'
	guest_send 'poweroff -f'
	guest_wait
	assert_nothing_left /run/vdpactl
}
