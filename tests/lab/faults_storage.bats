#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# Disks that fail or are full under a running guest: its image, its consoles, what its VMM writes.
bats_require_minimum_version 1.5.0

load guest/guest

setup() {
	load ../asserts
	[ "${IN_LAB:-}" = 1 ] || skip "runs in the lab (tests/lab/run)"
	cd "$BATS_TEST_TMPDIR" || return 1
	mkdir full
}

teardown() {
	vdpactl vm kill s-vm >/dev/null 2>&1 || true
	guest_kill
	[ -z "${disk:-}" ] || dm remove --retry f-disk
	[ -z "${loop:-}" ] || losetup -d "$loop"
	umount /run/vdpactl 2>/dev/null || true
	umount full 2>/dev/null || true
}

# No udev runs here, for whose answer dmsetup would wait without end.
dm() { timeout 60 dmsetup --noudevrules --noudevsync "$@" 3>&-; }

# 16 MiB, as a device under which anything can be put.
make_device() {
	modprobe -a loop dm_mod
	truncate -s 16M image
	loop=$(losetup -f --show image)
	dm create f-disk --table "0 32768 linear $loop 0"
	disk=/dev/dm-$(dm info -c --noheadings -o minor f-disk)
}

# Puts it on sound ground, or on such that fails from 4 to 5 MiB.
ground() { # sound|damaged
	if [ "$1" = sound ]; then
		echo "0 32768 linear $loop 0"
	else
		printf '%s\n' "0 8192 linear $loop 0" "8192 2048 error" "10240 22528 linear $loop 10240"
	fi | dm load f-disk
	dm resume f-disk
}

device_is_free() {
	run -1 fuser "$disk"
	dm remove --retry f-disk
	losetup -d "$loop"
	loop='' disk=''
}

fill() { # FOLDER [BYTES-LEFT]
	dd if=/dev/zero of="$1/fill" bs=4k status=none 2>/dev/null || true
	truncate -s "-${2:-0}" "$1/fill"
}

counters() { vdpactl vm counters "$1" --json | gojq -r ".counters.disk.$2"; }

@test "a disk that begins to fail: errors of those sectors alone, and none once it is mended" {
	make_device
	guest_start --memory size=128M --disk path="$disk",direct=on,id=disk --api-socket api.sock
	run -0 guest_run 'blkio write /dev/vda 1 && blkio verify /dev/vda 1'
	ground damaged
	run -1 guest_run 'blkio verify /dev/vda 1'
	assert_output --partial "read at 4194304: Input/output error"
	run -1 guest_run 'blkio write /dev/vda 1'
	assert_output --partial "write at 4194304: Input/output error"
	run -0 guest_run 'blkio write /dev/vda 1 4194304 && blkio verify /dev/vda 1 4194304'
	run -0 guest_run 'dd if=/dev/vda of=/tmp/end bs=1M skip=15 iflag=direct && dd if=/tmp/end of=/dev/vda bs=1M seek=15 oflag=direct'
	assert [ "$(counters ./api.sock errors)" -ge 2 ]
	run -0 cat "$GUEST_ERR"
	assert_output --regexp "disk: I/O error at byte 4[0-9]*: Input/output error"
	assert_equal "${#lines[@]}" 1
	ground sound
	run -0 guest_run 'blkio verify /dev/vda 1 && blkio write /dev/vda 2 && blkio verify /dev/vda 2'
	guest_send 'poweroff -f'
	guest_wait
	assert_not_exist api.sock
	device_is_free
}

@test "a disk that loses what it took: the flush fails; one that is gone: the guest ends in order" {
	make_device
	ground damaged
	guest_start --memory size=128M --disk path="$disk",id=disk --api-socket api.sock
	# the host's page cache takes it all
	run -1 guest_run 'blkio write /dev/vda 1'
	assert_output --partial "flush at 0: Input/output error"
	run -0 guest_run 'blkio write /dev/vda 1 4194304 && blkio verify /dev/vda 1 4194304'
	dm wipe_table f-disk
	echo 3 >/proc/sys/vm/drop_caches
	run guest_run 'echo 3 >/proc/sys/vm/drop_caches; dd if=/dev/vda of=/dev/null bs=64k count=1'
	assert_output --partial "Input/output error"
	run -0 guest_run 'echo here'
	assert_output here
	guest_send 'poweroff -f'
	guest_wait
	device_is_free
}

@test "an image on a full disk: errors where there is no room, every other byte right, and on when there is room" {
	mount -t tmpfs -o size=12M full full
	truncate -s 32M full/image
	guest_start --memory size=128M --disk path=full/image,id=disk --api-socket api.sock
	run -1 guest_run 'blkio write /dev/vda 1'
	assert_output --regexp "write at (11|12)[0-9]{6}: "
	assert [ "$(counters ./api.sock errors)" -ge 1 ]
	run -0 cat "$GUEST_ERR"
	assert_output --partial "No space left on device"
	# what fitted is there, what did not has changed nothing
	run -0 guest_run 'blkio verify /dev/vda 1 10485760 && dd if=/dev/vda bs=1M skip=16 iflag=direct | cmp -n 16777216 - /dev/zero'
	# the guest makes the room itself
	run -0 guest_run 'blkio discard /dev/vda 0 4194304 && dd if=/dev/zero of=/dev/vda bs=1M seek=20 count=2 oflag=direct'
	mount -o remount,size=64M full
	run -0 guest_run 'blkio write /dev/vda 2 && blkio verify /dev/vda 2'
	guest_send 'poweroff -f'
	guest_wait
	assert_equal "$(stat -c %s full/image)" 33554432
}

@test "serial port, log and events on a full disk: the guest is not held up, and what fits again is written" {
	mount -t tmpfs -o size=64k full full
	truncate -s 4M image
	guest_boot vdpa-vmm --kernel "$LAB_GUEST_VMLINUX" --initramfs "$LAB_TINY_INITRD" --cmdline "console=hvc0 quiet" \
		--memory size=128M --console tty --serial file=full/serial --log-file full/log --event-monitor path=full/events \
		--api-socket api.sock -v --disk path=image,id=disk
	fill full
	# shellcheck disable=SC2016 # for the guest
	run -0 guest_run 'i=0; while [ $i -lt 100 ]; do echo "a line of fifty characters or so for the serial port"; i=$((i + 1)); done >/dev/ttyS0; echo here'
	assert_output here
	# something for the log, and for the events: those of a device that is reset come from a vCPU
	run -0 guest_run 'cd /sys/bus/virtio/drivers/virtio_rng && for i in $(seq 30); do for d in virtio*; do echo $d >unbind; echo $d >bind; done; done; echo here'
	assert_output here
	truncate -s 1M image
	run -1 guest_run 'dd if=/dev/vda of=/dev/null bs=1M skip=2 count=1 iflag=direct'
	for _ in $(seq 10); do
		run -0 vdpactl vm pause ./api.sock
		run -0 vdpactl vm resume ./api.sock
	done
	rm full/fill
	run -0 guest_run 'echo again >/dev/ttyS0; echo here'
	assert_output here
	run -0 vdpactl vm pause ./api.sock
	run -0 vdpactl vm resume ./api.sock
	guest_send 'poweroff -f'
	guest_wait
	run -0 tail -n 1 full/serial
	assert_output --regexp "again.?$"
	# each line of the events is whole
	run -0 gojq -r .event full/events
	assert_line --index -2 deleted
	assert_line --index -1 shutdown
	assert [ "$(gojq -s 'map(.properties.lost // 0) | add' full/events)" -gt 0 ]
}

@test "a snapshot onto a full disk is refused whole, and the guest goes on" {
	mount -t tmpfs -o size=4M full full
	mkdir full/snap
	guest_start --memory size=128M --api-socket api.sock
	run -0 vdpactl vm pause ./api.sock
	run -1 vdpactl vm snapshot ./api.sock full/snap
	assert_output --partial "No space left on device"
	run -0 ls -A full/snap
	assert_output ""
	run -0 vdpactl vm resume ./api.sock
	run -0 guest_run 'echo here'
	assert_output here
}

@test "a detached VM whose own folder and consoles are on full disks stays up, answers, and leaves nothing" {
	mount -t tmpfs -o size=256k full full
	mkdir -p full/run /run/vdpactl
	mount --bind full/run /run/vdpactl
	export XDG_CONFIG_HOME=$PWD
	truncate -s 4M image
	# the guest writes to its consoles and to a disk that fails, again and again
	vdpactl profile create s-vm --kernel "$LAB_GUEST_VMLINUX" --initramfs "$LAB_TINY_INITRD" --memory size=128M \
		--cmdline "console=hvc0 quiet run=$(base64 -w0 <<<'while :; do blkio write /dev/vdb 1; dd if=/dev/vda of=/tmp/x bs=1M skip=2 count=1 iflag=direct; done')" \
		--serial file=full/serial --disk path=image,id=disk
	vdpactl profile add s-vm vdpa.blk device=s-made create=on mgmtdev=vdpasim_blk
	run -0 vdpactl vm start s-vm --detach
	fill full
	truncate -s 1M image
	end=$((SECONDS + 120))
	until [ "$(counters s-vm errors)" -gt 0 ] && [ "$(vdpactl vm counters s-vm --json | gojq .counters.blk.queue0_kicks)" -gt 5 ]; do
		[ $SECONDS -lt $end ] || { vdpactl vm counters s-vm; vdpactl vm log s-vm; return 1; }
		sleep 0.5
	done
	assert_equal "$(vdpactl vm list --json | gojq -r '.vm["s-vm"].state')" Running
	run -0 vdpactl vm log s-vm
	run -0 vdpactl vm kill s-vm
	run -0 ls -A full/run
	assert_output ""
	run -1 vdpactl dev show s-made
}
