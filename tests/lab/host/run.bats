#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# tests/lab/run from outside, on the host: status, output and end of a lab.

bats_require_minimum_version 1.5.0
load ../../asserts

setup() {
	[ "${LAB:-}" != native ] || skip "no machine is emulated with LAB=native"
	LAB="$BATS_TEST_DIRNAME/../run"
	export TMPDIR="$BATS_TEST_TMPDIR"
}

nothing_left() {
	run -0 find "$TMPDIR" -maxdepth 1 -name 'vdpa-lab.*'
	assert_output ""
}

@test "status, both outputs, folder and environment of the command come through" {
	cd "$BATS_TEST_DIRNAME"
	GREETING="it's \$here" run --separate-stderr "$LAB" -- \
		bash -c 'echo "$GREETING"; pwd; echo oops >&2; exit 7'
	assert_equal "$status" 7
	assert_line --index 0 "it's \$here"
	assert_line --index 1 "$BATS_TEST_DIRNAME"
	assert_equal "$stderr" oops
	nothing_left
}

@test "a time limit ends the lab with status 124" {
	run -124 "$LAB" --timeout 3 -- sleep 60
	nothing_left
}

@test "SIGTERM ends the lab at once and leaves nothing" {
	"$LAB" -- sleep 60 3>&- &
	pid=$!
	sleep 6
	kill -TERM $pid
	status=0
	wait $pid || status=$?
	assert_equal "$status" 143
	nothing_left
}

@test "two labs run side by side" {
	"$LAB" -- sh -c 'echo one; exit 3' >"$TMPDIR/one" 3>&- &
	pid=$!
	run -4 --separate-stderr "$LAB" -- sh -c 'echo two; exit 4'
	assert_output two
	status=0
	wait $pid || status=$?
	assert_equal "$status" 3
	assert_equal "$(cat "$TMPDIR/one")" one
}

# Some dozen at once, without their machines.
@test "labs that begin at once leave each other's folder alone" {
	begin_and_end() {
		# shellcheck disable=SC2034 # used in machine.sh
		local tty=0 keep=0 vp=0 pinned=0 bare=0 assignments="" session
		set +e
		# shellcheck source=/dev/null
		. "${LAB%/*}/boot/machine.sh"
		for _ in $(seq 10); do
			session_create true
			[ -s "$session/command" ] || return 1
			session_destroy
		done
	}
	local pids=() status=0
	for _ in $(seq 12); do
		begin_and_end 3>&- &
		pids+=($!)
	done
	for pid in "${pids[@]}"; do
		wait "$pid" || status=$?
	done
	assert_equal "$status" 0
	nothing_left
}

@test "a lab whose kernel stands still ends, and says where" {
	# a delete waits in the kernel for whoever holds the device
	run -125 "$LAB" -- bash -c 'vdpa dev add name held mgmtdev vdpasim_blk && exec 9<>/dev/vhost-vdpa-0 || exit
		echo 3 >/proc/sys/kernel/hung_task_timeout_secs; vdpa dev del held & sleep 60'
	assert_output --regexp 'task vdpa:[0-9]+ blocked for more than [0-9]+ seconds'
	assert_output --partial vhost_vdpa_remove
}

@test "with --again, a command whose lab died is run once more, and that is said" {
	died='n=$(cat "$LAB_OUT/n" 2>/dev/null); echo $((n + 1)) >"$LAB_OUT/n"; [ $((n)) -ge $0 ] || { sync; echo ${1:-c} >/proc/sysrq-trigger; sleep 5; }; echo run $((n + 1))'
	run -0 --separate-stderr "$LAB" --again --out "$TMPDIR/out" -- bash -c "$died" 1
	assert_output "run 2"
	assert_equal "${stderr_lines[-1]}" "lab: the lab died: once more"
	assert_equal "$(grep -c 'Kernel panic' <<<"$stderr")" 1
	# Not three times, and not unasked.
	rm "$TMPDIR/out/n"
	run -125 "$LAB" --again --out "$TMPDIR/out" -- bash -c "$died" 3
	assert_output --partial "the lab ended without a word"
	rm "$TMPDIR/out/n"
	run -125 "$LAB" --out "$TMPDIR/out" -- bash -c "$died" 1
	# Nor does it matter whether the kernel said anything.
	rm "$TMPDIR/out/n"
	run -0 --separate-stderr "$LAB" --again --out "$TMPDIR/out" -- bash -c "$died" 1 b
	assert_output "run 2"
}

@test "unknown options are refused with status 2" {
	run -2 "$LAB" --no-such-option
	assert_output --partial "unknown option '--no-such-option'"
}
