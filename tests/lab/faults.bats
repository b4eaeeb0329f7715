#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# seconds: 900
# What goes wrong around VMs and devices: death at any moment, things taken away, two at once, names that nobody
# expects. FAULT_KILLS is how many VMMs are killed (8).
bats_require_minimum_version 1.5.0

load guest/guest

setup() {
	load ../asserts
	[ "${IN_LAB:-}" = 1 ] || skip "runs in the lab (tests/lab/run)"
	cd "$BATS_TEST_TMPDIR" || return 1
}

teardown() {
	guest_kill
	local name
	vdpactl vm kill f-vm >/dev/null 2>&1 || true
	for name in $(vdpactl dev show --json | gojq -r '.dev | keys[] | select(startswith("f-"))'); do
		vdpactl dev del "$name" || true
	done
	echo 0 >/proc/sys/vm/nr_hugepages
}

free_pages() { awk '/^HugePages_Free/ { print $2 }' /proc/meminfo; }

# A VMM in the background whose guest writes to its device without end; its socket is always the same.
start() { # OPTION...
	vdpa-vmm --kernel "$LAB_GUEST_VMLINUX" --initramfs "$LAB_TINY_INITRD" --memory size=128M,hugepages=on \
		--cmdline "console=hvc0 quiet run=$(base64 -w0 <<<'while :; do blkio write /dev/vda 1 1048576; done')" \
		--console null --serial null --api-socket api.sock --vdpa device=f-a,id=blk "$@" </dev/null 3>&- 2>errors &
	GUEST_PID=$!
	# until it is the VMM, a signal would be its shell's, which has the traps of this test
	until [[ $(readlink "/proc/$GUEST_PID/exe") = *vdpa-vmm ]]; do kill -0 "$GUEST_PID" || return; done
}

request() { # METHOD NAME [BODY]
	curl -sS --max-time 20 --unix-socket api.sock -X "$1" ${3:+-d "$3"} "http://localhost/api/v1/$2"
}

@test "a VMM killed at any moment leaves device, hugepages and name to the next" {
	local kills=${FAULT_KILLS:-8} n ms
	echo 80 >/proc/sys/vm/nr_hugepages
	vdpactl dev add name f-a mgmtdev vdpasim_blk
	for n in $(seq "$kills"); do
		start
		# from the first instant of its life to I/O and, each fourth time, unplug
		ms=$((RANDOM % (n % 3 == 0 ? 5000 : 700)))
		sleep "$((ms / 1000)).$(printf '%03d' $((ms % 1000)))"
		[ $((n % 4)) != 0 ] || request PUT vm.remove-device '{"id":"blk"}' >/dev/null 2>&1 || true
		kill -KILL "$GUEST_PID" 2>/dev/null || { cat errors && return 1; }
		wait "$GUEST_PID" || true
		assert_equal "kill $n after $ms ms: $(free_pages) pages free" "kill $n after $ms ms: 80 pages free"
		run -1 fuser "/dev/$(basename /sys/bus/vdpa/devices/f-a/vhost-vdpa-*)"
	done
	# The socket that the last one left is not taken for a VM, and the next start replaces it.
	start
	until request GET vmm.ping >ping 2>/dev/null; do sleep 0.2; done
	assert_equal "$(gojq .pid ping)" "$GUEST_PID"
}

@test "SIGTERM and SIGHUP at any moment end a VMM in order" {
	local n status
	echo 80 >/proc/sys/vm/nr_hugepages
	vdpactl dev add name f-a mgmtdev vdpasim_blk
	for n in 1 2 3 4 5 6 7 8; do
		start
		sleep "0.$((RANDOM % 10))"
		kill -"$([ $((n % 2)) = 0 ] && echo TERM || echo HUP)" "$GUEST_PID"
		status=0
		wait "$GUEST_PID" || status=$?
		# before it takes signals itself, the signal's own effect
		assert [ "$status" = 0 ] || [ "$status" = 143 ] || [ "$status" = 129 ]
		assert_equal "$(free_pages)" 80
	done
}

@test "what is taken away between check and start refuses the start and leaves nothing" {
	local vmm=(timeout 180 vdpa-vmm --kernel "$LAB_GUEST_VMLINUX" --console off --memory size=128M,hugepages=on)
	vdpactl dev add name f-a mgmtdev vdpasim_blk
	echo 20 >/proc/sys/vm/nr_hugepages
	run -1 "${vmm[@]}" --vdpa device=f-a
	assert_output --partial hugepages
	assert_equal "$(free_pages)" 20
	echo 80 >/proc/sys/vm/nr_hugepages
	run -1 "${vmm[@]}" --vdpa device=f-gone
	assert_output --partial f-gone
	start
	until request GET vmm.ping >ping 2>/dev/null; do sleep 0.2; done
	run -1 "${vmm[@]}" --vdpa device=f-a
	refute_output ""
	run -1 timeout 180 vdpactl dev del f-a
	assert_output --partial "in use by"
	run -1 timeout 180 vdpactl module unload vdpa_sim_blk
	kill -TERM "$GUEST_PID"
	wait "$GUEST_PID"
	run -0 vdpactl dev del f-a
	run -1 "${vmm[@]}" --vdpa device=f-a
	assert_output --partial f-a
}

@test "two at once: one device made, one VM started" {
	local n wins
	for n in 1 2 3 4; do
		vdpactl dev add name f-t mgmtdev vdpasim_net mac 52:54:00:00:00:01 >"add.$n" 2>&1 3>&- &
	done
	wait
	assert_equal "$(grep -l 'f-t *created' add.* | wc -l)" 1
	export XDG_CONFIG_HOME=$PWD
	vdpactl profile create p --kernel k
	for n in 1 2 3 4; do
		vdpactl profile set p "memory.size=${n}G" 3>&- &
	done
	wait
	run -0 vdpactl profile check p
	assert_equal "$(grep -c '^size = ' vdpactl/profiles/p.ini)" 1
	assert_equal "$(ls vdpactl/profiles)" p.ini
	for n in 1 2 3 4; do vdpactl profile add p "disk.d$n" "path=$n" 3>&- & done
	wait
	assert_equal "$(grep -c '^\[disk "d' vdpactl/profiles/p.ini)" 4
	two_starts_and_a_deletion
}

# The profile makes its device itself: the ones that lose take neither it nor the winner's folder away.
two_starts_and_a_deletion() {
	local n
	vdpactl profile create f-vm --kernel "$LAB_GUEST_VMLINUX" --initramfs "$LAB_TINY_INITRD" \
		--memory size=128M --cmdline "console=hvc0 quiet"
	vdpactl profile add f-vm vdpa.blk device=f-made create=on mgmtdev=vdpasim_blk
	for n in 1 2 3 4; do
		vdpactl vm start f-vm --detach >"start.$n" 2>&1 3>&- &
	done
	wait
	cat start.*
	assert_equal "$(grep -l ': running' start.* | wc -l)" 1
	# by the VM's folder, or sooner by the device that the winner has opened
	assert_equal "$(grep -lE "a VM 'f-vm' is running|f-made: .* is in use by" start.* | wc -l)" 3
	assert_equal "$(vdpactl vm list --json | gojq -r '.vm["f-vm"].state')" Running
	run -1 timeout 30 vdpactl dev del f-made
	vdpactl vm kill f-vm
	until ! vdpactl dev show f-made >/dev/null 2>&1; do sleep 0.2; done
	assert_not_exist /run/vdpactl/f-vm
	# deleted while a VM starts: it does not start, or the deletion is refused; nothing is left
	vdpactl profile unset f-vm vdpa.blk.create vdpa.blk.mgmtdev
	vdpactl dev add name f-made mgmtdev vdpasim_blk
	vdpactl vm start f-vm --detach >started 2>&1 3>&- &
	vdpactl dev del f-made >deleted 2>&1 3>&- &
	wait
	cat started deleted
	if grep -q running started; then
		grep "in use by" deleted
		vdpactl vm kill f-vm
		vdpactl dev del f-made
	else
		# looked up too late, or found and opened too late
		grep -E "no vDPA device 'f-made'|f-made: .*No such file or directory" started
		run -1 vdpactl dev show f-made
	fi
	assert_not_exist /run/vdpactl/f-vm
}

@test "the clock jumps under a guest" {
	guest_start --memory size=192M
	local now
	now=$(date +%s)
	date -s "@$((now + 100000000))" >/dev/null
	run -0 guest_run 'echo forth'
	date -s "@$((now - 100000000))" >/dev/null
	run -0 guest_run 'echo back; sleep 1'
	date -s "@$now" >/dev/null
	guest_run 'poweroff -f' || true
	guest_wait
}

@test "names that the kernel allows and nobody expects" {
	local name long
	long=f-$(printf 'x%.0s' $(seq 250))
	for name in $'f-new\nline' 'f-ümläut' 'f-%s%n' "$long"; do
		vdpa dev add name "$name" mgmtdev vdpasim_net || true
	done
	run -0 vdpactl dev show
	assert_line --partial 'f-new\x0aline'
	vdpactl dev show --json >shown
	for name in $'f-new\nline' 'f-ümläut' 'f-%s%n' "$long"; do
		gojq -e --arg n "$name" '.dev | has($n)' shown
		run -0 vdpactl dev del "$name"
	done
}
