#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# seconds: 1200
# A host that changes under the programs: hugepages that go between check and start, commands that meet on one device or
# profile, signals and a clock that jumps. FAULT_ROUNDS is how many times each of the random ones is tried (6).
bats_require_minimum_version 1.5.0

setup() {
	load ../asserts
	[ "${IN_LAB:-}" = 1 ] || skip "runs in the lab (tests/lab/run)"
	cd "$BATS_TEST_TMPDIR" || return 1
	export XDG_CONFIG_HOME=$PWD
	vm=(--kernel "$LAB_GUEST_VMLINUX" --initramfs "$LAB_TINY_INITRD" --cmdline "console=hvc0 quiet")
	rounds=${FAULT_ROUNDS:-6}
}

teardown() {
	local name
	vdpactl vm kill f-vm >/dev/null 2>&1 || true
	vdpactl vm kill f-other >/dev/null 2>&1 || true
	for name in $(vdpactl dev show --json | gojq -r '.dev | keys[] | select(startswith("f-"))'); do
		vdpactl dev del "$name" || true
	done
	echo 0 >/proc/sys/vm/nr_hugepages
}

pages() { awk '/^HugePages_(Free|Rsvd)/ { printf "%s ", $2 }' /proc/meminfo; }

# A device that only this VM has, and one page table of hugepages.
make_profile() { # NAME [WORD...]
	vdpactl profile create "$1" "${vm[@]}" --memory "${2:-size=128M}" >/dev/null
	vdpactl profile add "$1" vdpa.blk "device=$1-made" create=on mgmtdev=vdpasim_blk >/dev/null
}

assert_nothing_left() { # VM
	assert_not_exist "/run/vdpactl/$1"
	run -1 vdpactl dev show "$1-made"
}

@test "hugepages that go between check and start: how many are missing, the remedy, nothing left" {
	make_profile f-vm size=128M,hugepages=on
	make_profile f-other size=128M,hugepages=on
	echo 80 >/proc/sys/vm/nr_hugepages
	vdpactl check f-vm --only hugepages
	echo 20 >/proc/sys/vm/nr_hugepages
	run -1 vdpactl vm start f-vm --detach
	assert_output --partial "64 pages are needed, 20 are free (of 20)"
	assert_output --partial "vdpactl hugepages reserve 88M page 2M"
	assert_nothing_left f-vm
	run -1 vdpactl vm start f-vm --detach --no-check
	assert_output --partial "not enough hugepages of 2048 KiB: 64 needed, 20 free"
	assert_output --partial "echo 64 > /sys/kernel/mm/hugepages/hugepages-2048kB/nr_hugepages"
	assert_nothing_left f-vm
	assert_equal "$(pages)" "20 0 "
	# to another VM
	echo 80 >/proc/sys/vm/nr_hugepages
	run -0 vdpactl vm start f-other --detach
	run -1 vdpactl vm start f-vm --detach --no-check
	assert_output --partial "64 needed, 16 free"
	assert_output --partial "echo 128 > "
	assert_nothing_left f-vm
	# those that a VM has are kept for it: it does not die of what is taken away
	echo 0 >/proc/sys/vm/nr_hugepages
	assert_equal "$(vdpactl vm list --json | gojq -r '.vm["f-other"].state')" Running
	run -0 vdpactl vm kill f-other
	echo 80 >/proc/sys/vm/nr_hugepages
	run -0 vdpactl vm start f-vm --detach
	run -0 vdpactl vm kill f-vm
	assert_equal "$(pages)" "80 0 "
	assert_nothing_left f-vm
}

# Each ends by itself, done or with a reason.
ends() { # COMMAND...
	exec 3>&-
	local status=0 said=said.$BASHPID
	timeout 120 "$@" >"$said" 2>&1 || status=$?
	[ $status = 0 ] || { [ $status = 1 ] && grep -qE '^vdpactl: |^[{]"error"' "$said"; } ||
		{ echo "$* ended with $status: $(cat "$said")" >>bad; }
}

@test "add, set, show and del of one device at once: each done or refused with a reason, and none hangs" {
	local n
	for n in $(seq "$rounds"); do
		ends vdpactl dev add name f-r mgmtdev vdpasim_net mac 52:54:00:00:00:01 if-missing owner nobody mode 640 &
		ends vdpactl dev set name f-r mac 52:54:00:00:00:02 mode 660 &
		ends vdpactl dev del f-r if-exists &
		ends vdpactl dev show f-r --json &
		ends vdpactl dev bind f-r none &
		ends vdpactl dev del f-r --wait &
		wait
		[ ! -e bad ] || { cat bad && return 1; }
	done
	run -0 timeout 60 vdpactl dev del f-r if-exists
	run -0 timeout 60 vdpactl dev add name f-r mgmtdev vdpasim_net mac 52:54:00:00:00:01
	run -0 timeout 60 vdpactl dev del f-r
}

# The first one is held up between its two changes for longer than the second takes.
@test "two settings of owner and mode at once: the device has one of them, whole" {
	local node
	vdpactl dev add name f-a mgmtdev vdpasim_net mac 52:54:00:00:00:01
	node=/dev/$(basename /sys/bus/vdpa/devices/f-a/vhost-vdpa-*)
	strace -qq -o trace -e trace=fchownat -e inject=fchownat:delay_exit=3000000 \
		vdpactl dev set name f-a owner nobody mode 600 3>&- &
	until grep -q fchownat trace 2>/dev/null || [ "$(stat -c %U "$node")" = nobody ]; do sleep 0.1; done
	vdpactl dev set name f-a owner daemon mode 666
	wait
	run -0 stat -c '%U %a' "$node"
	assert_output --regexp '^(nobody 600|daemon 666)$'
}

@test "set, copy and delete of one profile at once: it is there whole, or not at all" {
	local n k
	for n in $(seq "$rounds"); do
		vdpactl profile create p --kernel k >/dev/null
		for k in 1 2; do
			ends vdpactl profile set p "memory.size=${k}G" &
			ends vdpactl profile add p "disk.d$k" "path=$k" &
		done
		ends vdpactl profile copy p "q$n" &
		ends vdpactl profile delete p &
		wait
		[ ! -e bad ] || { cat bad && return 1; }
		run -0 ls -A vdpactl/profiles
		for k in "${lines[@]}"; do
			assert_regex "$k" '^[pq][0-9]*\.ini$'
			run -0 vdpactl profile check "${k%.ini}"
		done
		rm -f vdpactl/profiles/*
	done
}

until_settled() { # VM
	local end=$((SECONDS + 120))
	while [ -e "/run/vdpactl/$1/keeper.pid" ] && [ "$(cat "/proc/$(head -n 1 "/run/vdpactl/$1/keeper.pid")/comm" 2>/dev/null)" = vdpactl ] &&
		[ "$(vdpactl vm list --json | gojq -r --arg n "$1" '.vm[$n].state')" != Running ]; do
		[ $SECONDS -lt $end ] || return 1
		sleep 0.2
	done
}

@test "SIGTERM and SIGHUP at any moment of 'vm start': the next start works, and nothing is left" {
	local n how pid
	make_profile f-vm
	for n in $(seq "$rounds"); do
		how=$([ $((n % 2)) = 0 ] && echo --detach || echo --foreground)
		vdpactl vm start f-vm "$how" </dev/null >started 2>&1 3>&- &
		pid=$!
		sleep "$((RANDOM % 2)).$((RANDOM % 10))"
		kill -"$([ $((n % 4)) -lt 2 ] && echo TERM || echo HUP)" $pid 2>/dev/null || true
		wait $pid || true
		until_settled f-vm
		# it came up all the same, or it did not
		if [ "$(vdpactl vm list --json | gojq -r '.vm["f-vm"].state')" != Running ]; then
			run -0 timeout 120 vdpactl vm start f-vm --detach
		fi
		run -0 timeout 120 vdpactl vm kill f-vm
		assert_nothing_left f-vm
	done
}

@test "SIGTERM and SIGHUP at any moment of 'dev add', 'dev del' and 'apply': the next one works" {
	local n pid words
	printf '[device "f-%d"]\nmgmtdev = vdpasim_net\nmac = 52:54:00:00:00:01\n' 1 2 3 4 5 6 >host.ini
	for n in $(seq $((rounds * 2))); do
		case $((n % 3)) in
		0) words=(apply host.ini) ;;
		1) words=(dev add mgmtdev vdpasim_net mac 52:54:00:00:00:01 name f-1 name f-2 name f-3 name f-4 name f-5 name f-6) ;;
		2) words=(dev del f-1 f-2 f-3 f-4 f-5 f-6) && vdpactl apply host.ini >/dev/null ;;
		esac
		vdpactl "${words[@]}" >/dev/null 2>&1 3>&- &
		pid=$!
		sleep "0.$(printf '%03d' $((RANDOM % 400)))"
		kill -"$([ $((n % 2)) = 0 ] && echo TERM || echo HUP)" $pid 2>/dev/null || true
		wait $pid || true
		# what was being deleted goes
		while pgrep -x vdpactl-delete >/dev/null; do sleep 0.05; done
		run -0 timeout 60 vdpactl apply host.ini
		run -0 timeout 60 vdpactl dev del f-1 f-2 f-3 f-4 f-5 f-6
	done
}

@test "a keeper that gets SIGTERM or SIGHUP ends its VM in order" {
	local signal
	make_profile f-vm
	for signal in TERM HUP; do
		run -0 vdpactl vm start f-vm --detach
		kill -$signal "$(head -n 1 /run/vdpactl/f-vm/keeper.pid)"
		run -0 timeout 60 vdpactl vm wait f-vm --timeout 50
		assert_nothing_left f-vm
	done
}

@test "the clock jumps under commands and a detached VM: waits end when they should, its age stays true" {
	local now day=100000000 age
	make_profile f-vm
	run -0 vdpactl vm start f-vm --detach
	now=$(date +%s)
	for jump in $day -$day; do
		date -s "@$((now + jump))" >/dev/null
		age=$(vdpactl vm list --json | gojq '.vm["f-vm"].uptime_seconds')
		assert [ "$age" -ge 0 ]
		assert [ "$age" -lt 300 ]
		run -0 vdpactl vm pause f-vm
		run -0 vdpactl vm resume f-vm
		run -1 timeout 60 vdpactl vm wait f-vm --timeout 1
		assert_output --partial "still running after 1 s"
		run -0 timeout 60 vdpactl dev add name f-c mgmtdev vdpasim_net mac 52:54:00:00:00:01 --wait
		run -0 timeout 60 vdpactl dev del f-c --wait
	done
	# and while a command waits
	timeout 120 vdpactl vm wait f-vm --timeout 5 >waited 2>&1 3>&- &
	for jump in $day -$day 0; do
		date -s "@$((now + jump))" >/dev/null
		sleep 0.3
	done
	wait $! || true
	run -0 cat waited
	assert_output --partial "still running after 5 s"
	run -0 vdpactl vm kill f-vm
	assert_nothing_left f-vm
}
