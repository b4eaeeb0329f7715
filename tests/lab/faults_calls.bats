#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# seconds: 900
# Allocations and system calls that fail in turn (tests/faults) where there are real devices: over netlink, in sysfs, on
# /dev/vhost-vdpa-N and /dev/kvm. One site in FAULT_ONE_IN (3) is taken, and one in several times that where they are
# many and runs are long; FAULT_ALL=1 takes all.
bats_require_minimum_version 1.5.0

setup() {
	load ../asserts
	[ "${IN_LAB:-}" = 1 ] || skip "runs in the lab (tests/lab/run)"
	cd "$BATS_TEST_TMPDIR" || return 1
	# over 9p every page of a program is a round trip
	mkdir bin
	cp "$LAB_TOP/build/release/faults.so" "$LAB_TOP/build/release/preload/"* bin
	# what looks after a run: as it is installed, which starts in a fraction of the time
	mkdir plain
	cp "$LAB_TOP/build/release/bin/vdpactl" plain
	plain=$PWD/plain:$PATH
	PATH=$PWD/bin:$PATH
	export XDG_CONFIG_HOME=$PWD
	took=$SECONDS
}

teardown() {
	local name
	vdpactl vm kill f-vm >/dev/null 2>&1 || true
	for name in $(vdpactl dev show --json | gojq -r '.dev | keys[] | select(startswith("f-"))'); do
		vdpactl dev del "$name" || true
	done
	echo 0 >/proc/sys/vm/nr_hugepages
}

net=(mgmtdev vdpasim_net mac 52:54:00:00:00:01)

# sweep KIND STEP PROGRAM ARGUMENT...: CHECK is what `sh` finds after each run, and where it puts things back.
sweep() {
	local kind=$1 step=$(($2 * ${FAULT_ONE_IN:-3}))
	shift 2
	[ -z "${FAULT_ALL:-}" ] || step=1
	run env FAULT="$kind" FAULT_STEP="$step" FAULT_SECONDS=60 FAULT_CHECK="${CHECK:+PATH=$plain; $CHECK}" \
		LD_PRELOAD="$PWD/bin/faults.so" "$@"
	echo "# $* (step $step, after $((SECONDS - took)) s): $output" >&3
	assert_success
	assert_output --regexp "$kind: [1-9][0-9]* sites"
}

@test "devices are listed whole, or not at all and the reason said" {
	local words
	vdpactl dev add name f-n "${net[@]}" name f-m mgmtdev vdpasim_blk name f-b mgmtdev vdpasim_blk >/dev/null
	vdpactl dev bind f-m none >/dev/null
	for words in "dev show --json" "dev show" "dev show --detail --json" "dev show f-n f-m --json" "dev config --json" \
		"mgmtdev show --json" "topology --json" "topology" "dev inspect f-b --json"; do
		# shellcheck disable=SC2086 # words
		sweep system 1 vdpactl $words
		# shellcheck disable=SC2086
		sweep alloc 1 vdpactl $words
	done
	sweep system 3 vdpactl save
	sweep alloc 3 vdpactl save
}

@test "a device is made, or the reason is said and it is not there" {
	# Where the answer of the kernel is lost, nobody knows.
	# shellcheck disable=SC2016 # for sh
	CHECK='n=0; vdpactl dev show f-n f-m >/dev/null 2>&1 || n=1
		[ "$FAULT_STATUS" != 0 ] || [ $n = 0 ] || exit 1
		vdpactl dev del f-n f-m if-exists >/dev/null'
	sweep system 1 vdpactl dev add "${net[@]}" mode 660 name f-n name f-m
	sweep alloc 1 vdpactl dev add "${net[@]}" mode 660 name f-n name f-m
	sweep cut 1 vdpactl dev add "${net[@]}" mode 660 name f-n name f-m
}

@test "a device is deleted and gone, or the reason is said" {
	vdpactl dev add "${net[@]}" name f-n name f-m >/dev/null
	# shellcheck disable=SC2016 # for sh
	CHECK='while pgrep -x vdpactl-delete >/dev/null; do sleep 0.02; done
		[ "$FAULT_STATUS" != 0 ] || ! vdpactl dev show f-n >/dev/null 2>&1 || exit 1
		vdpactl dev add if-missing mgmtdev vdpasim_net mac 52:54:00:00:00:01 name f-n name f-m >/dev/null'
	sweep system 1 vdpactl dev del f-n f-m
	sweep alloc 1 vdpactl dev del f-n f-m
	sweep cut 2 vdpactl dev del f-n f-m
}

@test "a device is changed, or the reason is said" {
	vdpactl dev add "${net[@]}" name f-n >/dev/null
	node=/dev/$(basename /sys/bus/vdpa/devices/f-n/vhost-vdpa-*)
	export node
	# shellcheck disable=SC2016 # for sh
	CHECK='[ "$FAULT_STATUS" != 0 ] || [ "$(stat -c "%U %a" $node)" = "nobody 640" ] || exit 1
		chown root $node && chmod 600 $node'
	sweep system 1 vdpactl dev set name f-n mac 52:54:00:00:00:02 owner nobody mode 640
	sweep alloc 1 vdpactl dev set name f-n mac 52:54:00:00:00:02 owner nobody mode 640
	CHECK='vdpactl dev bind f-n none >/dev/null'
	vdpactl dev bind f-n none >/dev/null
	sweep system 1 vdpactl dev bind f-n vhost_vdpa
}

vm_profile() {
	vdpactl profile create f-vm --kernel "$LAB_GUEST_VMLINUX" --initramfs "$LAB_TINY_INITRD" --memory size=128M \
		--cmdline "console=hvc0 quiet" >/dev/null
	vdpactl profile add f-vm vdpa.net device=f-v create=on mgmtdev=vdpasim_net num_queues=auto \
		mac=52:54:00:00:00:01 >/dev/null
}

@test "a running VM's device and VM are looked at whole, or the reason is said" {
	vm_profile
	vdpactl vm start f-vm --detach >/dev/null
	until vdpactl dev stats f-v >/dev/null 2>&1; do sleep 0.2; done
	sweep system 1 vdpactl dev stats f-v --json
	sweep alloc 1 vdpactl dev stats f-v --json
	sweep system 1 vdpactl vm counters f-vm --json
	# what tells a VM that runs from one that has died; what it does not answer is seen in its state
	FAULT_LAST=7 sweep system 1 vdpactl vm list
}

@test "a VM starts detached and runs, or the reason is said and nothing is left" {
	vm_profile
	run -0 vdpactl vm start f-vm --detach
	run -0 vdpactl vm kill f-vm
	# One that runs is ended; none leaves its folder or its device, however it went. A keeper whose
	# parent has died goes on: there is a VM soon, or no keeper.
	# shellcheck disable=SC2016 # for sh
	CHECK='killed=0
		for _ in $(seq 100); do
			vdpactl vm kill f-vm >/dev/null 2>&1 && killed=1 && break
			[ "$(pgrep -xc vdpactl)" -gt 1 ] || break
			sleep 0.1
		done
		[ $killed = 1 ] || [ "$FAULT_STATUS" != 0 ] || exit 1
		[ ! -e /run/vdpactl/f-vm ] && ! vdpactl dev show f-v >/dev/null 2>&1; left=$?
		vdpactl dev del f-v if-exists >/dev/null; exit $left'
	sweep system 2 vdpactl vm start f-vm --detach --no-check
	sweep alloc 3 vdpactl vm start f-vm --detach --no-check
	# whatever was left is taken away by what comes next
	sweep cut 3 vdpactl vm start f-vm --detach --no-check
}

@test "a VMM boots its guest to the end, or says why and leaves device and memory free" {
	vdpactl dev add name f-b mgmtdev vdpasim_blk name f-n "${net[@]}" >/dev/null
	echo 40 >/proc/sys/vm/nr_hugepages
	cp "$LAB_TOP/build/hostile/hostile.elf" .
	truncate -s 1M image
	# shellcheck disable=SC2016 # for sh
	CHECK='[ ! -e api.sock ] && ! fuser -s /dev/vhost-vdpa-* && grep -q "^HugePages_Free: *40$" /proc/meminfo'
	# shellcheck disable=SC2054 # commas of options
	local words=(vdpa-vmm --kernel hostile.elf --cmdline "rounds=0" --memory size=64M,hugepages=on --console off --serial null
		--disk path=image --vdpa device=f-b device=f-n,num_queues=3 --api-socket api.sock --seccomp false)
	sweep system 9 "${words[@]}"
	sweep alloc 17 "${words[@]}"
}
