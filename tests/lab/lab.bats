#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# The lab itself, from inside: what the other tests here rely on.

bats_require_minimum_version 1.5.0
load ../asserts

load guest/guest

setup() {
	[ "${IN_LAB:-}" = 1 ] || skip "runs in the lab (tests/lab/run)"
}

teardown() {
	guest_kill
	vdpa dev del b0 2>/dev/null || true
}

@test "the netlink family is there with the simulators and vduse" {
	run -0 vdpa mgmtdev show
	assert_line --partial vdpasim_blk
	assert_line --partial vdpasim_net
	assert_line --partial vduse
}

@test "a simulated disk appears as a vhost-vdpa node" {
	run -0 vdpa dev add name b0 mgmtdev vdpasim_blk
	run -0 ls /sys/bus/vdpa/devices/b0
	assert_line --regexp '^vhost-vdpa-[0-9]+$'
	assert [ -c "/dev/$(ls /sys/bus/vdpa/devices/b0 | grep '^vhost-vdpa-')" ]
}

@test "modprobe finds the modules of the lab's kernel, ours included" {
	run -0 modinfo -n vdpa_sim
	assert_output --partial updates/vdpa_sim.ko
	run -0 modprobe -n virtio_vdpa vp_vdpa
}

@test "the host's tree can be written to without reaching the host" {
	run -0 sh -c 'mkdir -p /etc/vdpactl/profiles && echo x >/etc/vdpactl/profiles/x.ini'
}

@test "hugepages can be reserved and used" {
	run -0 sh -c 'echo 8 >/proc/sys/vm/nr_hugepages && cat /proc/sys/vm/nr_hugepages'
	assert_output 8
	echo 0 >/proc/sys/vm/nr_hugepages
	run -0 findmnt -n -o FSTYPE /dev/hugepages
	assert_output hugetlbfs
}

@test "the loopback interface is up" {
	run -0 ip -o addr show lo
	assert_output --partial 127.0.0.1
}

@test "results can leave the lab" {
	run -0 sh -c 'echo result >"$LAB_OUT/lab.bats.out" && cat "$LAB_OUT/lab.bats.out"'
	assert_output result
	rm "$LAB_OUT/lab.bats.out"
}

@test "KVM runs the small guest, which runs scripts and powers off" {
	guest_boot qemu-system-x86_64 -accel kvm -cpu host -m 256 -nodefaults -display none -no-reboot \
		-serial stdio -monitor none -kernel "$LAB_GUEST_VMLINUX" -initrd "$LAB_TINY_INITRD" \
		-append "console=ttyS0 quiet panic=-1"
	run -0 guest_run 'echo one; echo two >&2; nproc'
	assert_output "$(printf 'one\ntwo\n1')"
	run -7 guest_run 'exit 7'
	assert_output ""
	guest_send 'poweroff -f'
	guest_wait
}
