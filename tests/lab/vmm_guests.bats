#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# A vDPA disk under the kernels that guests have, and what such kernels do: start another one, crash, use memory
# above 4 GiB.

bats_require_minimum_version 1.5.0
load ../asserts

load guest/guest

setup() {
	[ "${IN_LAB:-}" = 1 ] || skip "runs in the lab (tests/lab/run)"
	cd "$BATS_TEST_TMPDIR" || return
	vdpa dev add name b0 mgmtdev vdpasim_blk
}

teardown() {
	guest_kill
	vdpa dev del b0
}

# works KERNEL RELEASE-PREFIX: it boots, and the disk takes and gives back what it is given.
works() {
	GUEST_KERNEL=$1 GUEST_INITRD=$LAB_MODULES_INITRD guest_start --memory size=256M --vdpa device=b0
	run -0 guest_run 'uname -r; blkio write /dev/vda 7 2097152 && blkio verify /dev/vda 7 2097152'
	assert_line --regexp "^$2\."
	assert_line 'verified 2097152 bytes'
	guest_send 'poweroff -f'
	guest_wait
}

@test "a 6.1 kernel, as bzImage" {
	works "$LAB_61_BZIMAGE" 6.1
}

@test "a 6.1 kernel, as vmlinux" {
	works "$LAB_61_VMLINUX" 6.1
}

@test "a 6.12 kernel, as bzImage" {
	works "$LAB_STOCK_BZIMAGE" 6.12
}

@test "a 6.12 kernel, as vmlinux" {
	works "$LAB_STOCK_VMLINUX" 6.12
}

@test "a kernel that a PVH guest starts by kexec finds its devices" {
	cp "$LAB_GUEST_BZIMAGE" kernel
	cp "$LAB_TINY_INITRD" initrd
	truncate -s %512 kernel initrd
	guest_start --memory size=256M --vdpa device=b0 --disk path=kernel,readonly=on --disk path=initrd,readonly=on
	run -0 guest_run 'blkio write /dev/vdc 3 2097152 && cat /dev/vda >/tmp/kernel && cat /dev/vdb >/tmp/initrd'
	guest_send 'kexec /tmp/kernel /tmp/initrd "$(cat /proc/cmdline) second"'
	guest_ready
	run -0 guest_run 'cat /proc/cmdline; blkio verify /dev/vdc 3 2097152 && blkio write /dev/vdc 4 2097152 &&
		blkio verify /dev/vdc 4 2097152'
	assert_line --partial ' second'
	# It leaves as the first one would.
	guest_send 'poweroff -f'
	guest_wait
}

@test "a guest that crashes in the middle of I/O is reset, and its disk works" {
	GUEST_CMDLINE='panic=1' guest_start --memory size=256M --vdpa device=b0 --event-monitor path=events
	run -0 guest_run 'blkio write /dev/vda 5 2097152'
	guest_send 'while :; do dd if=/dev/zero of=/dev/vda bs=1M seek=4 count=16; done >/dev/null 2>&1 &
		sleep 1; echo c >/proc/sysrq-trigger'
	guest_ready
	run -0 guest_run 'blkio verify /dev/vda 5 2097152 && blkio write /dev/vda 6 2097152 && blkio verify /dev/vda 6 2097152'
	run -0 gojq -r 'select(.source == "vm") | .event' events
	assert_line rebooted
}

@test "the kernel that a crash leaves the machine to finds its disk and the dump" {
	cp "$LAB_STOCK_BZIMAGE" kernel
	cp "$LAB_MODULES_INITRD" initrd
	truncate -s %512 kernel initrd
	GUEST_KERNEL=$LAB_STOCK_BZIMAGE GUEST_INITRD=$LAB_MODULES_INITRD GUEST_CMDLINE='crashkernel=192M' guest_start \
		--memory size=640M --vdpa device=b0 --disk path=kernel,readonly=on --disk path=initrd,readonly=on
	run -0 guest_run 'blkio write /dev/vdc 3 2097152 && cat /dev/vda >/tmp/kernel && cat /dev/vdb >/tmp/initrd &&
		kexec --crash /tmp/kernel /tmp/initrd "$(cat /proc/cmdline) reset_devices" && cat /sys/kernel/kexec_crash_loaded'
	assert_line 1
	# The disk is in use at that moment, and nobody resets it but the other kernel's driver.
	guest_send 'while :; do dd if=/dev/zero of=/dev/vdc bs=1M seek=4 count=16; done >/dev/null 2>&1 &
		sleep 1; echo c >/proc/sysrq-trigger'
	guest_ready
	run -0 guest_run 'cat /proc/cmdline; head -c 4 /proc/vmcore; echo
		blkio verify /dev/vdc 3 2097152 && blkio write /dev/vdc 4 2097152 && blkio verify /dev/vdc 4 2097152'
	assert_line --partial 'reset_devices'
	assert_line --partial 'ELF'
	guest_send 'poweroff -f'
	guest_wait
}

@test "the disk reads into memory above 4 GiB" {
	guest_start --memory size=4608M --vdpa device=b0
	# What is read stays in the page cache: 64 MiB less in the zone that begins at 4 GiB.
	run -0 guest_run 'free() { awk "/^Node/ { zone = \$4 } /nr_free_pages/ && zone == \"Normal\" { print \$2 }" /proc/zoneinfo; }
		blkio write /dev/vda 8 67108864; before=$(free)
		dd if=/dev/vda of=/tmp/read bs=1M count=64 2>/dev/null; blkio verify /dev/vda 8 67108864
		echo $(((before - $(free)) / 256))'
	assert_line 'verified 67108864 bytes'
	assert [ "${lines[-1]}" -ge 60 ]
}

@test "a triple fault restarts the guest, and the log says that it was one" {
	GUEST_CMDLINE="reboot=triple" guest_start --memory size=128M,shared=on --log-file log
	run -0 cat log
	refute_output --partial "triple fault"
	guest_send 'reboot -f'
	guest_ready
	run -0 cat log
	assert_output --partial "vCPU 0: triple fault, the machine is reset"
}
