#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# Consoles: a terminal that is given back whatever ends the VMM, a pty, a file, a socket; and memory
# and CPUs at the ends of their ranges on the way.

load guest/guest

setup() {
	[ "${IN_LAB:-}" = 1 ] || skip "runs in the lab (tests/lab/run)"
	cd "$BATS_TEST_TMPDIR"
}

teardown() {
	guest_kill
}

# Runs a script on a terminal of its own; what it prints comes out.
on_terminal() { # SCRIPT
	SHELL=/bin/bash timeout 120 script -qec "$1" /dev/null </dev/null
}

# Starts the VMM on that terminal, waits until it is raw, lets ACTION end it: prints "same STATUS"
# when the settings are as before.
terminal_after() { # ACTION [OPTION...]
	local action=$1
	shift
	export LAB_GUEST_VMLINUX
	on_terminal "
		stty intr ^X
		before=\$(stty -a)
		vdpa-vmm --kernel \$LAB_GUEST_VMLINUX --memory size=128M $* </dev/tty >/dev/null 2>vmm.err &
		pid=\$!
		for i in \$(seq 900); do
			stty -a | grep -q -- '-icanon' && raw=raw && break
			kill -0 \$pid 2>/dev/null || break
			sleep 0.1
		done
		$action
		wait \$pid
		status=\$?
		after=\$(stty -a)
		[ \"\$before\" = \"\$after\" ] && echo \"same \$raw \$status\" || echo \"differs \$after\"
	" | tr -d '\r' | tail -n 1
}

@test "the terminal is given back after signals of every kind" {
	local row
	for row in "TERM 0" "INT 0" "HUP 0" "QUIT 131" "SEGV 139" "ABRT 134" "BUS 135" "SYS 159"; do
		run terminal_after "kill -${row% *} \$pid"
		echo "$row: $output"
		[ "$output" = "same raw ${row#* }" ]
	done
	grep -q 'Probable seccomp violation' vmm.err
}

@test "the terminal is given back after an error" {
	run terminal_after : --vdpa path=/dev/null
	[[ $output = "same "*" 1" ]]
	grep -q 'chain of errors' vmm.err
}

@test "a terminal's size reaches the guest; 16 vCPUs in 128 MiB" {
	printf '#!/bin/bash\ntty >tty\nexec vdpa-vmm "$@"\n' >vmm && chmod +x vmm
	guest_boot script -qefc "./vmm --kernel $LAB_GUEST_VMLINUX --initramfs $LAB_TINY_INITRD \
		--cmdline 'console=hvc0 quiet' --cpus boot=16 --memory size=128M" /dev/null
	guest_run 'test $(nproc) = 16'
	stty -F "$(cat tty)" cols 97 rows 31
	guest_run 'for i in 1 2 3 4 5 6 7 8 9; do
		test "$(stty size </dev/hvc0)" = "31 97" && exit; sleep 0.2; done; stty size </dev/hvc0; exit 1'
	guest_send 'poweroff -f'
	guest_wait
}

# The VMM with its console where OPTION says, and the test's pipes on the console.
bridged() { # ADDRESS-SCRIPT OPTION...
	local address=$1
	shift
	vdpa-vmm --kernel "$LAB_GUEST_VMLINUX" --initramfs "$LAB_TINY_INITRD" -v --log-file log \
		--cmdline "console=hvc0 quiet" "$@" </dev/null &
	local pid=$! at=
	for _ in {1..300}; do
		at=$(eval "$address") && [ -n "$at" ] && break
		sleep 0.1
	done
	socat - "$at" <&0 &
	wait $pid
}
# A program of its own, which another user can be given (GUEST_USER).
export -f bridged
guest_boot_bridged() { guest_boot bash -c 'bridged "$@"' bridged "$@"; }

@test "a pty as console; prefaulted memory without huge pages" {
	guest_boot_bridged 'sed -n "s,.*console: \(/dev/pts/[0-9]*\).*,FILE:\1\,raw\,echo=0,p" log' \
		--console pty --memory size=256M,prefault=on,thp=off
	guest_run 'test $(nproc) = 1'
	guest_send 'poweroff -f'
	guest_wait
}

@test "a socket as console, a file as serial port; mergeable memory" {
	guest_boot_bridged 'test -S con.sock && echo UNIX-CONNECT:con.sock' \
		--console socket=con.sock --serial file=serial.txt --memory size=256M,mergeable=on,thp=on
	guest_run 'echo over the serial port >/dev/ttyS0'
	guest_send 'poweroff -f'
	guest_wait
	grep -q 'over the serial port' serial.txt
	[ ! -e con.sock ]
}
