#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# The machine itself: ways to boot, CPUs, memory, PCI segments, restart, power-off, serial port.

bats_require_minimum_version 1.5.0
load ../asserts

load guest/guest

setup() {
	[ "${IN_LAB:-}" = 1 ] || skip "runs in the lab (tests/lab/run)"
	disk=$BATS_TEST_TMPDIR/disk.raw
	truncate -s 16M "$disk"
}

teardown() {
	guest_kill
}

@test "a stock bzImage boots on the serial port and powers off" {
	guest_boot vdpa-vmm --kernel "$LAB_STOCK_BZIMAGE" --initramfs "$LAB_MODULES_INITRD" \
		--cmdline "console=ttyS0 quiet" --console off --serial tty --memory size=256M
	guest_run 'test $(nproc) = 1'
	guest_send 'poweroff -f'
	guest_wait
}

@test "four CPUs in a topology, and memory on both sides of the hole" {
	guest_start --cpus boot=4,topology=2:2:1:1 --memory size=5G
	guest_run 'test $(nproc) = 4'
	[ "$(guest_run 'cat /sys/devices/system/cpu/cpu0/topology/thread_siblings_list')" = 0-1 ]
	guest_run 'test $(awk "/MemTotal/ {print \$2}" /proc/meminfo) -gt 4600000'
}

@test "devices sit where the command line promises, on two segments" {
	guest_start --platform num_pci_segments=2 --memory size=256M \
		--disk "path=$disk,pci_device_id=7" \
		--rng src=/dev/urandom,pci_segment=1
	run guest_run 'cd /sys/bus/pci/devices && echo *'
	[ "${lines[0]}" = "0000:00:00.0 0000:00:01.0 0000:00:07.0 0001:00:00.0" ]
}

@test "a guest that restarts itself comes back with its devices, again and again" {
	guest_start --memory size=256M --disk "path=$disk"
	for _ in 1 2 3; do
		guest_send 'reboot -f'
		guest_ready
		guest_run 'test -b /dev/vda'
	done
	guest_send 'poweroff -f'
	guest_wait
}

# The capability that firmware uses before it has placed BARs (4.1.4.9): here the number of queues of common configuration.
@test "a guest reads a device's registers through its configuration space" {
	guest_start --memory size=192M
	run -0 guest_run 'cd /sys/bus/pci/devices/0000:00:02.0
		byte() { hexdump -s $1 -n 1 -e "1/1 \"%d\"" config; }
		word() { printf "\\$(printf %o $2)\\0\\0\\0" | dd of=config bs=4 seek=$(($1 / 4)) conv=notrunc 2>/dev/null; }
		at=$(byte 52)
		while [ "$(byte $((at + 3)))" != 5 ]; do at=$(byte $((at + 1))); done
		word $((at + 8)) 18; word $((at + 12)) 2
		dd if=config bs=2 skip=$(((at + 16) / 2)) count=1 2>/dev/null | hexdump -e "1/2 \"%d\""; echo'
	assert_output 1
}

# Before a guest has set up its interrupts it is to hear of none.
@test "the power button pressed while the kernel starts does no harm" {
	cd "$BATS_TEST_TMPDIR" || return
	guest_spawn vdpa-vmm --kernel "$LAB_GUEST_VMLINUX" --initramfs "$LAB_TINY_INITRD" --cmdline "console=hvc0" \
		--console tty --serial null --memory size=192M --api-socket api
	for _ in {1..100}; do
		[ ! -S api ] || break
		guest_tick
	done
	for _ in 1 2 3 4 5; do
		curl -sS --unix-socket api --retry 50 --retry-connrefused --retry-delay 0 -X PUT http://localhost/api/v1/vm.power-button
	done
	guest_ready
}
