#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# What vdpactl does around a VMM's process, with one beside it that does as the test tells it: no privileges, no KVM.
bats_require_minimum_version 1.5.0

setup() {
	load ../asserts
	built=$BATS_TEST_DIRNAME/../../build/${CONFIG:-release}/bin
	# Another user has to get there.
	top=$(mktemp -d /tmp/vdpactl.XXXXXX)
	chmod 755 "$top"
	cd "$top" || return 1
	mkdir bin serve run
	chmod 755 bin serve
	cp "$built/vdpactl" bin
	ln -s "$(command -v socat)" serve/vdpa-vmm
	PATH=$top/bin:$PATH
	export HOME=$top XDG_RUNTIME_DIR=$top/run REPLY_BODY='{"state":"Running"}'
	unset XDG_CONFIG_HOME XDG_STATE_HOME
	cat >bin/vdpa-vmm <<-TEXT
		#!/bin/sh
		for word; do
			case \$word in path=*api.sock) sock=\${word#path=} ;; esac
		done
		eval "\$BEFORE"
		exec $top/serve/vdpa-vmm UNIX-LISTEN:\$sock,fork,mode=600 EXEC:$top/bin/answer
	TEXT
	cat >bin/answer <<-'TEXT'
		#!/bin/sh
		# socat, which cannot hand over what nobody reads, would end before it handed back the answer.
		while read -r line && [ ${#line} -gt 1 ]; do :; done
		[ -z "$ANSWER" ] || eval "$ANSWER"
		printf 'HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s' "${#REPLY_BODY}" "$REPLY_BODY"
	TEXT
	chmod 755 bin/*
	# Root's are in one place, whatever the environment says.
	vm=bats-$$ at=$top/run/vdpactl
	[ "$(id -u)" != 0 ] || at=/run/vdpactl
}

teardown() {
	local pid
	for pid in "$at/$vm"*/*.pid; do
		[ ! -e "$pid" ] || kill -KILL "$(head -n 1 "$pid")" 2>/dev/null || true
	done
	rm -rf "$top" "${at:?}/$vm"*
}

# start [OPTION...]
start() { vdpactl vm start --no-check --name "$vm" --kernel k --console off --serial off "$@" 3>&-; }

# until COMMAND...: waits until it is true.
until_true() {
	local i
	for ((i = 0; i < 200; i++)); do
		! "$@" 2>/dev/null || return 0
		sleep 0.05
	done
	echo "never true: $*"
	return 1
}

as_nobody() { setpriv --reuid 65534 --regid 65534 --clear-groups "$@"; }

@test "the VM of another user: what root goes by is root's, and no other VM stands in for it" {
	[ "$(id -u)" = 0 ] || skip "root alone starts a VM as another user"
	vm=$vm-victim start --detach
	start --detach --user nobody
	run -0 vdpactl vm info "$vm"
	cd "$at/$vm"
	run -0 stat -c '%u %a %N' . vmm vmm.pid keeper.pid vmm.log api.sock vmm/api.sock
	assert_output - <<-TEXT
		0 711 '.'
		65534 700 'vmm'
		0 600 'vmm.pid'
		0 600 'keeper.pid'
		0 600 'vmm.log'
		0 777 'api.sock' -> 'vmm/api.sock'
		65534 600 'vmm/api.sock'
	TEXT
	run -1 as_nobody mv vmm.log vmm.pid
	run -1 as_nobody ln -s /dev/null devices
	run -1 as_nobody rm -f vmm.pid
	as_nobody rm vmm/api.sock
	as_nobody ln -s "$at/$vm-victim/api.sock" vmm/api.sock
	run -1 vdpactl vm info "$vm"
	assert_output --partial "not the VMM"
	as_nobody ln -s "$at/$vm-victim/api.sock" vmm/console.sock
	run -1 vdpactl vm console "$vm"
	assert_output --partial "not the VMM"
	as_nobody mkfifo vmm/fifo
	cd "$top"
	vdpactl vm kill "$vm"
	assert_not_exist "$at/$vm"
	run -0 vdpactl vm info "$vm-victim"
}

@test "a VMM that went silent, or speaks without end, holds nobody up" {
	# shellcheck disable=SC2016 # the fake's
	export ANSWER='[ ! -e mute ] || exec cat >/dev/null
		[ ! -e endless ] || exec yes "$(printf "HTTP/1.1 200 OK\r\nContent-Length: 99999999\r\n\r\n")"'
	for how in mute endless; do
		start --detach
		touch "$how"
		run -0 timeout 10 vdpactl vm list
		assert_line --regexp "^$vm +no-answer"
		run -0 timeout 10 vdpactl __complete vm remove-device "$vm" ''
		run -0 timeout 20 vdpactl vm kill "$vm"
		assert_not_exist "$at/$vm"
		rm "$how"
	done
}

@test "a VMM that a signal stopped is said to be stopped, at once" {
	start --detach
	vmm=$(head -n 1 "$at/$vm/vmm.pid")
	kill -STOP "$vmm"
	for what in info stop ping; do
		run -1 timeout 10 vdpactl vm "$what" "$vm"
		assert_output --partial "the VMM, PID $vmm, is stopped and answers nobody ('kill -CONT $vmm' lets it go on, 'vdpactl vm kill $vm' ends it)"
	done
	run -0 timeout 10 vdpactl vm list
	assert_line --regexp "^$vm +stopped +$vmm "
	kill -CONT "$vmm"
	run -0 vdpactl vm info "$vm"
	kill -STOP "$vmm"
	run -0 timeout 20 vdpactl vm kill "$vm"
	assert_not_exist "$at/$vm"
}

@test "in the foreground: Ctrl-C leaves nothing behind, a failure is one JSON document" {
	env --default-signal=INT vdpactl vm start --no-check --name "$vm" --kernel k --console off --serial off 3>&- &
	started=$!
	until_true test -S "$at/$vm/api.sock"
	# As the terminal does it: to both.
	kill -INT "$started" "$(head -n 1 "$at/$vm/vmm.pid")"
	wait "$started" || ended=$?
	assert_equal "$ended" $((128 + 2))
	assert_not_exist "$at/$vm"
	BEFORE='exit 1' run -1 --separate-stderr start --json
	assert_equal "$(gojq -r .error.message <<<"$output")" "the VMM ended with status 1"
}

@test "console: a VMM that takes nobody in is said at once" {
	start --detach
	socat "UNIX-LISTEN:$at/$vm/console.sock" PIPE &
	until_true test -S "$at/$vm/console.sock"
	run -1 timeout 10 strace -qqo /dev/null -e inject=connect:error=EAGAIN vdpactl vm console "$vm"
	assert_output --partial "cannot reach '$at/$vm/console.sock': Resource temporarily unavailable (others wait there already"
	kill %%
}

@test "detached: Ctrl-C before the VMM answers leaves nothing behind" {
	ANSWER='sleep 30' env --default-signal=INT vdpactl vm start --no-check --name "$vm" --kernel k --detach 3>&- &
	started=$!
	until_true test -S "$at/$vm/api.sock"
	vmm=$(head -n 1 "$at/$vm/vmm.pid")
	kill -INT "$started"
	wait "$started" || ended=$?
	assert_equal "$ended" $((128 + 2))
	assert_not_exist "$at/$vm"
	run ! kill -0 "$vmm"
}

@test "a signal that is ignored ends neither the start nor the VMM" {
	BEFORE='sleep 1' env --ignore-signal=HUP vdpactl vm start --no-check --name "$vm" --kernel k --detach 3>&- &
	started=$!
	until_true test -s "$at/$vm/vmm.pid"
	kill -HUP "$started" "$(head -n 1 "$at/$vm/keeper.pid")"
	wait "$started"
	run -0 vdpactl vm info "$vm"
}

@test "a device that cannot be deleted: the folder that names it stays, for whoever tries next" {
	# A list that cannot be read will do.
	# shellcheck disable=SC2016 # the fake's
	export BEFORE='ln -s / "${sock%/*}/devices"; exit 0'
	start --detach
	run -0 vdpactl vm list
	assert_line --regexp "^$vm +died"
	run -0 vdpactl vm log "$vm"
	assert_line --partial "cannot open '$at/$vm/devices'"
	run -1 vdpactl vm stop "$vm"
	rm "$at/$vm/devices"
	run -0 vdpactl vm stop "$vm"
	# The process that gave up is one that starts VMs still.
	printf 'vm start --no-check --name %s --kernel k\n' "$vm" "$vm" >vms
	run -1 timeout 15 vdpactl -k -f vms 3>&-
	assert_line --partial "vms:1: vm start: cannot open '$at/$vm/devices'"
	assert_line --partial "vms:2: vm start: cannot open '$at/$vm/devices'"
	rm "$at/$vm/devices"
	run -0 vdpactl vm stop "$vm"
}

@test "a start that failed takes nothing away from the next one of that name" {
	# The first is held up before the second of its own locks, with which it cleans up.
	BEFORE='sleep 1; exit 1' strace -qqo /dev/null -e trace=flock -e inject=flock:delay_enter=4s:when=2 \
		vdpactl vm start --no-check --name "$vm" --kernel k --detach >first 2>&1 3>&- &
	started=$!
	until_true test -e "$at/$vm/vmm.pid"
	ended() { ! kill -0 "$1"; }
	until_true ended "$(head -n 1 "$at/$vm/vmm.pid")"
	start --detach
	wait "$started" || failed=$?
	assert_equal "$failed" 1
	run -0 cat first
	assert_output --partial "the VMM ended at once"
	run -0 vdpactl vm info "$vm"
}

@test "whatever a VMM answers is taken as an answer" {
	# shellcheck disable=SC2016 # the fake's
	ANSWER='REPLY_BODY=$(cat body)' start --detach
	for body in 5 null '[]' '{"state":{},"config":7,"device_tree":5}' '{"config":{"vdpa":5,"disks":[1,null]},"device_tree":[{}]}' \
		'{"config":{"cpus":[],"memory":"x","vdpa":[{"id":"a"}]},"a":{"x_kicks":"y"},"device_tree":{"a":null,"b":{"pci_bdf":[]}}}' \
		'{"a":{"queues":[1,null,{"size":{}}]},"b":{"queues":{}},"c":null}' '{' ''; do
		echo "$body" >body
		for command in list 'info {}' 'info {} --json' 'counters {}' 'rings {}' top 'top --json' 'ping {}' \
			'add-disk {} path=x' 'pause {}'; do
			# shellcheck disable=SC2086 # a list of words
			run vdpactl vm ${command/'{}'/$vm}
			assert [ "$status" -le 1 ]
		done
	done
}

@test "what is inherited: an ignored SIGCHLD is no harm, a lock is not held by the keeper" {
	BEFORE='exit 1' run -1 timeout -s KILL 20 env --ignore-signal=CHLD \
		vdpactl vm start --no-check --name "$vm" --kernel k --console off --serial off 3>&-
	assert_line --partial "the VMM ended with status 1"
	BEFORE='echo reason; exit 1' run -1 timeout -s KILL 20 env --ignore-signal=CHLD \
		vdpactl vm start --no-check --name "$vm" --kernel k --detach 3>&-
	assert_line --partial "the VMM ended at once: reason"
	(
		flock 9
		# The real one closes what its options do not name.
		BEFORE='exec 9>&-' start --detach
	) 9>lock
	run -0 flock --nonblock lock true
}

# on_terminal COMMAND: runs it on a terminal of its own, whose modes are noted before and after.
on_terminal() {
	rm -f tty before after
	[ -e keys ] || mkfifo keys
	exec 4<>keys
	printf 'tty >tty\nstty -g >before\n%s\nstty -g >after\n' "$1" >inner
	env --default-signal script -qec "echo \$\$ >inner.pid; exec sh inner" /dev/null <keys >screen 2>&1 3>&- 4>&- &
	until_true is_raw
}

is_raw() { [ -s before ] && [ "$(stty -gF "$(cat tty)")" != "$(cat before)" ]; }

assert_put_back() {
	until_true test -s after
	exec 4>&-
	assert_equal "$(cat after)" "$(cat before)"
}

@test "the terminal is as it was, whatever ends what made it raw" {
	export TERM=xterm
	for signal in TERM HUP QUIT; do
		on_terminal vdpactl
		pkill -"$signal" -x -P "$(cat inner.pid)" vdpactl
		assert_put_back
	done
	on_terminal "BEFORE='stty raw -echo; while :; do sleep 1; done' vdpactl vm start --no-check --name $vm --kernel k"
	kill -KILL "$(head -n 1 "$at/$vm/vmm.pid")"
	assert_put_back
	BEFORE="exec $top/serve/vdpa-vmm UNIX-LISTEN:\${sock%/*}/console.sock,fork EXEC:cat" start &
	until_true test -S "$at/$vm/console.sock"
	on_terminal "vdpactl vm console $vm"
	pkill -TERM -x -P "$(cat inner.pid)" vdpactl
	assert_put_back
}

@test "a number that a later VMM has is not taken for the one that is gone" {
	run -0 start --detach
	until_true test -S "$at/$vm/api.sock"
	mkdir -m 700 "$at/$vm-gone"
	cp "$at/$vm/vmm.pid" "$at/$vm-gone"
	run -0 vdpactl vm list
	assert_line --regexp "^$vm-gone +no-answer"
	sed -i '2s/.*/1/' "$at/$vm-gone/vmm.pid"
	run -0 vdpactl vm list
	assert_line --regexp "^$vm-gone +died"
	run vdpactl vm kill "$vm-gone"
	run -0 vdpactl vm list
	assert_line --regexp "^$vm +Running"
}
