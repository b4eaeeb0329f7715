#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# The guest's virtio devices on the simulator and on vduse: disks, networks, consoles.

bats_require_minimum_version 1.5.0
load ../asserts

load guest/guest

setup() {
	[ "${IN_LAB:-}" = 1 ] || skip "runs in the lab (tests/lab/run)"
	cd "$BATS_TEST_TMPDIR" || return
}

teardown() {
	guest_kill
	for dev in b0 n0 v0 v1; do
		vdpa dev del $dev 2>/dev/null || true
	done
	[ -z "${DAEMON:-}" ] || kill "$DAEMON"
}

MEMORY=(--memory size=192M,shared=on)

@test "the simulator's disk holds every byte, over two guests" {
	vdpa dev add name b0 mgmtdev vdpasim_blk
	guest_start "${MEMORY[@]}" --vdpa device=b0
	run -0 guest_run 'cat /sys/block/vda/size'
	assert_output 262144
	run -0 guest_run 'blkio write /dev/vda 7 && blkio flush /dev/vda && blkio verify /dev/vda 7'
	run -0 guest_run 'blkio discard /dev/vda 0 1048576'
	guest_run 'poweroff -f' || true
	guest_wait
	guest_start "${MEMORY[@]}" --vdpa device=b0,queue_size=64
	run -0 guest_run 'blkio verify /dev/vda 7'
}

@test "interrupts that are counted are those that the guest got" {
	vdpa dev add name b0 mgmtdev vdpasim_blk
	guest_start "${MEMORY[@]}" --vdpa device=b0,id=counted,count_interrupts=on --api-socket api.sock
	for _ in 1 2; do
		run -0 guest_run 'blkio write /dev/vda 7 && blkio verify /dev/vda 7'
		run -0 guest_run 'cat /proc/interrupts'
		got=$(awk '/-req\.0/ { print $2 }' <<<"$output")
		run -0 vdpactl vm rings ./api.sock --json
		used=$(gojq '.rings.counted.queues[0].used_index' <<<"$output")
		run -0 vdpactl vm counters ./api.sock --json
		# At most one for each request; those that come close together are one for the guest.
		run -0 gojq -c --argjson got "$got" --argjson used "$used" '.counters.counted |
			[$got > 50, .queue0_interrupts >= $got, .queue0_interrupts <= $used, .errors]' <<<"$output"
		assert_output '[true,true,true,0]'
		vdpactl vm pause ./api.sock
		vdpactl vm resume ./api.sock
	done
	guest_run 'poweroff -f' || true
	guest_wait
	guest_start "${MEMORY[@]}" --vdpa device=b0,id=direct --api-socket api.sock
	run -0 vdpactl vm counters ./api.sock --json
	run -0 gojq -c '.counters.direct | [.queue0_kicks > 0, has("queue0_interrupts")]' <<<"$output"
	assert_output '[true,false]'
}

@test "a raw image, buffered and direct, zeroed and discarded" {
	truncate -s 16M image.raw
	guest_start "${MEMORY[@]}" --disk path=image.raw,serial=disk-of-mine,num_queues=1
	run -0 guest_run 'cat /sys/block/vda/serial; echo'
	assert_output disk-of-mine
	run -0 guest_run 'blkio write /dev/vda 3 && blkio verify /dev/vda 3'
	run -0 guest_run 'blkio zero /dev/vda 0 2097152; blkio discard /dev/vda 4194304 1048576'
	run -0 guest_run 'cmp -n 2097152 /dev/vda /dev/zero'
	guest_run 'poweroff -f' || true
	guest_wait
	run -0 cmp -n 2097152 image.raw /dev/zero
	guest_start "${MEMORY[@]}" --disk path=image.raw,direct=on
	run -0 guest_run 'blkio write /dev/vda 4 && blkio verify /dev/vda 4'
	run -0 guest_run 'sync; echo 3 >/proc/sys/vm/drop_caches; dd if=/dev/vda bs=512 count=3 skip=5 2>/dev/null | wc -c'
	assert_output 1536
}

@test "a read-only image, and an image that someone else has" {
	truncate -s 4M image.raw
	guest_start "${MEMORY[@]}" --disk path=image.raw,readonly=on
	run -0 guest_run 'cat /sys/block/vda/ro; ! dd if=/dev/zero of=/dev/vda count=1 2>/dev/null'
	assert_output 1
	run -1 timeout 180 vdpa-vmm "${MEMORY[@]}" --kernel "$LAB_GUEST_VMLINUX" --disk path=image.raw --console off
	assert_output --partial "image.raw' is in use"
}

@test "an image that is cut while the guest uses it gives I/O errors, not a crash" {
	truncate -s 8M image.raw
	guest_start "${MEMORY[@]}" --disk path=image.raw
	run -0 guest_run 'blkio write /dev/vda 1'
	truncate -s 1M image.raw
	run guest_run 'echo 3 >/proc/sys/vm/drop_caches; dd if=/dev/vda of=/dev/null bs=1M skip=4 count=1'
	assert_failure
	run -0 guest_run 'dd if=/dev/vda of=/dev/null bs=64k count=8'
}

@test "the simulator's network carries frames with 3, 2 and auto queues" {
	vdpa dev add name n0 mgmtdev vdpasim_net mac 52:54:00:aa:bb:cc
	for queues in 3 2 auto; do
		guest_start "${MEMORY[@]}" --vdpa device=n0,num_queues=$queues
		run -0 guest_run 'cat /sys/class/net/eth0/address'
		assert_output 52:54:00:aa:bb:cc
		run -0 guest_run 'ip link set eth0 up && netio eth0 30'
		assert_output --partial '30 of 30'
		guest_run 'poweroff -f' || true
		guest_wait
	done
}

@test "drivers are unbound and bound again, many times" {
	vdpa dev add name n0 mgmtdev vdpasim_net mac 52:54:00:aa:bb:cc
	guest_start "${MEMORY[@]}" --vdpa device=n0,num_queues=auto
	run -0 guest_run 'cd /sys/bus/virtio/drivers/virtio_net; d=$(ls -d virtio*)
		for i in 1 2 3 4 5 6 7 8 9 10; do echo $d >unbind; echo $d >bind; done
		ip link set eth0 up && netio eth0 10'
	assert_output --partial '10 of 10'
}

@test "queue counts and sizes that can not work are refused with the ones that do" {
	local vmm=(timeout 180 vdpa-vmm "${MEMORY[@]}" --kernel "$LAB_GUEST_VMLINUX" --console off)

	vdpa dev add name n0 mgmtdev vdpasim_net mac 52:54:00:aa:bb:cc
	vdpa dev add name b0 mgmtdev vdpasim_blk
	run -1 "${vmm[@]}" --vdpa device=n0
	assert_output --partial 'num_queues=3, or num_queues=auto'
	run -1 "${vmm[@]}" --vdpa device=n0,num_queues=4
	assert_output --partial 'more than the 3 queues'
	run -1 "${vmm[@]}" --vdpa device=b0,queue_size=512
	assert_output --partial '(256)'
	# What its driver would not do is not seen of a simulator: bit 33 missing in the answer to VHOST_GET_FEATURES.
	run -1 strace -f -qqo /dev/null -e trace=ioctl -P "$(vdpactl dev show b0 --json | gojq -r '.dev.b0.node')" \
		-e inject=ioctl:poke_exit=@arg3=0000000001000000:when=5 "${vmm[@]}" --vdpa device=b0
	assert_output --partial 'does not offer VERSION_1 and ACCESS_PLATFORM (features 0x100000000)'
	run -1 "${vmm[@]}" --vdpa path=/dev/null
	assert_output --partial "'/dev/null' is not a vhost-vdpa device"
	run -1 "${vmm[@]}" --vdpa device=none
	assert_output --partial "none"
}

@test "a vduse disk with two queues, and limited to one" {
	truncate -s 16M vduse.img
	qemu-storage-daemon --blockdev driver=file,filename=vduse.img,node-name=d0 \
		--export type=vduse-blk,id=e0,node-name=d0,writable=on,num-queues=2,name=v0 3>&- &
	DAEMON=$!
	until vdpa dev add name v0 mgmtdev vduse 2>/dev/null; do sleep 0.2; done
	guest_start "${MEMORY[@]}" --cpus boot=2 --vdpa device=v0,num_queues=auto
	run -0 guest_run 'ls /sys/block/vda/mq | wc -w'
	assert_output 2
	run -0 guest_run 'blkio write /dev/vda 5 && blkio verify /dev/vda 5'
	guest_run 'poweroff -f' || true
	guest_wait
	guest_start "${MEMORY[@]}" --cpus boot=2 --vdpa device=v0
	run -0 guest_run 'ls /sys/block/vda/mq | wc -w'
	assert_output 1
	run -0 guest_run 'blkio verify /dev/vda 5'
	guest_run 'poweroff -f' || true
	guest_wait
	vdpa dev del v0
}

# ring FILTER: of the first queue of the only vDPA device.
ring() {
	curl -s --unix-socket api http://localhost/api/v1/vm.rings | gojq -c ".disk.queues[0] | $1"
}

@test "a backend that stands still is seen in the rings, one that died is told to the guest and reported" {
	local used
	truncate -s 16M vduse.img
	qemu-storage-daemon --blockdev driver=file,filename=vduse.img,node-name=d0 \
		--export type=vduse-blk,id=e0,node-name=d0,writable=on,name=v1 3>&- &
	DAEMON=$!
	until vdpa dev add name v1 mgmtdev vduse 2>/dev/null; do sleep 0.2; done
	echo 2 >/sys/class/vduse/v1/msg_timeout
	guest_start "${MEMORY[@]}" --vdpa device=v1,id=disk --api-socket api --event-monitor path=events
	run -0 guest_run 'blkio write /dev/vda 5'
	# A guest that asks for nothing: nothing in flight.
	assert_equal "$(ring .in_flight)" 0
	kill -STOP "$DAEMON"
	guest_run 'blkio verify /dev/vda 5 >/tmp/said 2>&1 &'
	for _ in $(seq 900); do [ "$(ring '.in_flight > 0')" = false ] || break; sleep 0.1; done
	used=$(ring .used_index)
	sleep 0.5
	assert_equal "$(ring '[.in_flight > 0, .used_index]')" "[true,$used]"
	kill -CONT "$DAEMON"
	for _ in $(seq 900); do [ "$(ring "[.in_flight, .used_index != $used]")" != '[0,true]' ] || break; sleep 0.1; done
	assert_equal "$(ring "[.in_flight, .used_index != $used]")" '[0,true]'
	run -0 guest_run 'blkio verify /dev/vda 5'
	kill -KILL "$DAEMON"
	DAEMON=
	run -0 guest_run 'cd /sys/bus/virtio/drivers/virtio_blk; d=$(ls -d virtio*); echo $d >unbind; echo $d >bind; ls /sys/block'
	refute_output --partial vda
	run -0 gojq -r 'select(.source == "vdpa") | .event' events
	assert_line failed
	assert_equal "$(curl -s --unix-socket api http://localhost/api/v1/vm.info | gojq -r .state)" Running
	guest_run 'poweroff -f' || true
	guest_wait
}

@test "entropy comes from the host" {
	guest_start "${MEMORY[@]}"
	run -0 guest_run 'head -c 100000 /dev/hwrng | wc -c; cat /sys/class/misc/hw_random/rng_current'
	assert_line 100000
	assert_line --partial virtio_rng
}

@test "disk, entropy and vDPA disk work behind the virtio-iommu" {
	vdpa dev add name b0 mgmtdev vdpasim_blk
	truncate -s 8M image.raw
	guest_start "${MEMORY[@]}" --disk path=image.raw,iommu=on --vdpa device=b0,iommu=on \
		--rng src=/dev/urandom,iommu=on
	run -0 guest_run 'ls /sys/kernel/iommu_groups | wc -w'
	assert_output 3
	run -0 guest_run 'for d in /dev/vda /dev/vdb; do blkio write $d 7 1048576 && blkio verify $d 7 1048576 || exit; done'
	run -0 guest_run 'head -c 1000 /dev/hwrng | wc -c'
	assert_output 1000
	run -0 guest_run 'cd /sys/bus/virtio/drivers/virtio_blk; for d in virtio*; do echo $d >unbind; echo $d >bind; done
		blkio verify /dev/vdb 7 1048576'
}
