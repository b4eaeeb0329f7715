#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# Much of the same in the lab: devices made and removed, plugged and pulled, guests rebooted, while the guest writes and
# verifies all the time. Each of SOAK_ROUNDS makes and removes 10 devices, plugs and pulls 4 times and reboots twice.
bats_require_minimum_version 1.5.0

load ../lab/guest/guest
load ../../bats/vdpa

setup() {
	load ../asserts
	[ "${IN_LAB:-}" = 1 ] || skip "runs in the lab (tests/lab/run)"
	cd "$BATS_TEST_TMPDIR" || return 1
	echo 100 >/proc/sys/vm/nr_hugepages
}

teardown() {
	guest_kill
	for name in s-a s-b s-c; do
		vdpactl dev del "$name" if-exists || true
	done
	echo 0 >/proc/sys/vm/nr_hugepages
}

request() { # METHOD NAME [BODY]
	curl -sS --max-time 20 --unix-socket api.sock -X "$1" ${3:+-d "$3"} "http://localhost/api/v1/$2"
}

# Descriptors, anonymous KiB outside hugepages and pinned KiB of the VMM; the kernel's slab in KiB.
figures() {
	echo "$(find "/proc/$GUEST_PID/fd" -type l | wc -l) $(awk '/^RssAnon/ { r = $2 } /^VmPin/ { p = $2 } END { print r, p }' \
		"/proc/$GUEST_PID/status") $(awk '/^Slab/ { print $2 }' /proc/meminfo)"
}

hot_used() { request GET vm.counters | gojq -e '.hot.queue0_kicks > 0'; }
hot_free() { ! fuser "$hot"; }

make_and_remove() { # TIMES
	for _ in $(seq "$1"); do
		vdpactl dev add name s-c mgmtdev vdpasim_net mac 52:54:00:00:00:01 >/dev/null
		vdpactl dev del s-c >/dev/null
	done
}
plug_and_pull() { # TIMES
	for _ in $(seq "$1"); do
		request PUT vm.add-vdpa "{\"path\":\"$hot\",\"id\":\"hot\"}" | gojq -e .bdf >/dev/null
		vdpa_wait_until hot_used
		request PUT vm.remove-device '{"id":"hot"}'
		vdpa_wait_until hot_free
	done
}
start_io() {
	# shellcheck disable=SC2016 # for the guest
	guest_run ': >/tmp/io; (n=1; while blkio write /dev/vda $n 2097152 && blkio verify /dev/vda $n 2097152; do
		echo $n >/tmp/rounds; n=$((n + 1)); done; echo stopped >>/tmp/rounds) >>/tmp/io 2>&1 &' >/dev/null
}
# How often all was written and read back; fails where a byte was wrong, nothing moves, or the guest has started anew by
# itself and so knows of no I/O.
stop_io() {
	guest_run 'n=0; until [ -s /tmp/rounds ] || [ $n = 300 ] || ! [ -e /tmp/io ]; do sleep 0.2; n=$((n + 1)); done
		[ -s /tmp/rounds ] && ! grep -q stopped /tmp/rounds && ! grep -q "instead\|blkio:" /tmp/io && cat /tmp/rounds ||
			{ cut -d " " -f 1 /proc/uptime; tail -n 3 /tmp/io; false; }'
}

@test "devices come and go under a guest that writes and reboots: every byte right, nothing grows" {
	local rounds=${SOAK_ROUNDS:-5} round before after done=0 n
	vdpactl dev add name s-a mgmtdev vdpasim_blk
	vdpactl dev add name s-b mgmtdev vdpasim_blk
	hot=/dev/$(basename /sys/bus/vdpa/devices/s-b/vhost-vdpa-*)
	guest_start --memory size=128M,hugepages=on --vdpa device=s-a --api-socket api.sock
	for round in $(seq 0 "$rounds"); do
		start_io
		make_and_remove 10
		plug_and_pull 4
		for _ in 1 2; do
			n=$(stop_io) || { echo "I/O failed in round $round; seconds that the guest is up, and its words: $n" && return 1; }
			done=$((done + n))
			guest_send 'reboot -f'
			guest_ready
			start_io
		done
		n=$(stop_io)
		after=$(figures)
		echo "# round $round: descriptors, anonymous, pinned, slab KiB: $after; I/O $done times, $SECONDS s" >&3
		# the first one warms up
		[ "$round" != 0 ] || before=$after
		guest_send 'reboot -f'
		guest_ready
	done
	assert [ "$done" -gt "$rounds" ]
	read -r fds anon pin slab <<<"$before"
	read -r fds2 anon2 pin2 slab2 <<<"$after"
	assert_equal "$fds2" "$fds"
	assert_equal "$pin2" "$pin"
	assert [ "$anon2" -le $((anon + 1024)) ]
	assert [ "$slab2" -le $((slab + 16384)) ]
}
