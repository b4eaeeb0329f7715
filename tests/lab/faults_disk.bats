#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# Disks that are full or read-only, under profiles, history and what VMs note.
bats_require_minimum_version 1.5.0

setup() {
	load ../asserts
	[ "${IN_LAB:-}" = 1 ] || skip "runs in the lab (tests/lab/run)"
	cd "$BATS_TEST_TMPDIR" || return 1
	mkdir small
	mount -t tmpfs -o size=1M small small
	export XDG_CONFIG_HOME=$PWD/small/config XDG_STATE_HOME=$PWD/small/state
	mkdir -p small/config small/state/vdpactl
}

teardown() {
	vdpactl vm kill d-vm 2>/dev/null || true
	vdpactl dev del d-made if-exists || true
	umount /run/vdpactl 2>/dev/null || true
	umount "$BATS_TEST_TMPDIR/runtime" 2>/dev/null || true
	umount "$BATS_TEST_TMPDIR/small" || true
}

fill() { # FOLDER [BYTES-LEFT]
	dd if=/dev/zero of="$1/fill" bs=4k status=none 2>/dev/null || true
	truncate -s "-${2:-0}" "$1/fill"
}
# A line typed at the shell; what it prints.
type_lines() { timeout 60 script -qec vdpactl /dev/null < <(printf '%s\n' "$@" exit) 2>&1 3>&-; }
profiles() { cat small/config/vdpactl/profiles/p.ini && ls -A small/config/vdpactl/profiles; }

@test "profiles stay whole and alone on a disk that is full or read-only" {
	local step
	vdpactl profile create p --kernel k
	profiles >before
	fill small
	for step in "No space left" "Read-only file system"; do
		for command in "set p memory.size=2G" "create q --kernel k" "copy p q" "add p disk path=x" \
			"import q -- --kernel k"; do
			# shellcheck disable=SC2086 # words of a command
			run -1 vdpactl profile $command
			assert_output --partial "$step"
		done
		run -1 vdpactl save small/host.ini
		assert_output --partial "$step"
		assert_not_exist small/host.ini
		profiles | diff before -
		rm -f small/fill
		mount -o remount,ro small
	done
	run -1 vdpactl profile delete p
	assert_output --partial "Read-only file system"
	profiles | diff before -
}

@test "the shell goes on where its history cannot be kept, and loses none of it" {
	seq -f 'version %.0f' 2500 >small/state/vdpactl/history
	fill small 4096
	run -0 type_lines version
	refute_output --partial "not kept"
	run -0 head -n 1 small/state/vdpactl/history
	assert_output "version 1"
	fill small
	# as many as fill the rest of the last page
	for _ in $(seq 40); do printf 'version --json --pretty\nversion --pretty --json --json --json --json\n'; done >lines
	mapfile -t lines <lines
	run -0 type_lines "${lines[@]}"
	assert_output --partial "this history is not kept: cannot write"
	assert_equal "$(grep -c 'not kept' <<<"$output")" 1
	rm small/fill
	run -0 type_lines version
	assert_equal "$(wc -l <small/state/vdpactl/history)" 2002
	mount -o remount,ro small
	run -0 type_lines version
	assert_output --partial "Read-only file system"
}

@test "a VM on a full or read-only disk: refused with the reason, its devices gone" {
	local vm=(vdpactl vm start d-vm --detach --no-check)
	vdpactl profile create d-vm --kernel "$LAB_GUEST_VMLINUX"
	vdpactl profile add d-vm vdpa.a device=d-made create=on mgmtdev=vdpasim_blk
	mkdir runtime
	mount -t tmpfs -o size=64k runtime runtime
	mkdir -p /run/vdpactl
	mount --bind runtime /run/vdpactl
	fill runtime
	run -1 "${vm[@]}"
	assert_output --partial "No space left on device"
	run -0 ls -A runtime
	assert_output fill
	# enough for the device's note, not for the process's
	fill runtime 4096
	run -1 "${vm[@]}"
	assert_output --partial "No space left on device"
	run -0 ls -A runtime
	assert_output fill
	mount -o remount,ro,bind /run/vdpactl
	run -1 "${vm[@]}"
	assert_output --partial "Read-only file system"
	umount /run/vdpactl
	run -1 vdpactl dev show d-made
}
