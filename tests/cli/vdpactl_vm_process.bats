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
		[ ! -e "$pid" ] || kill -KILL "$(cat "$pid")" 2>/dev/null || true
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

@test "a VMM that went silent, or speaks without end, holds nobody up" {
	# shellcheck disable=SC2016 # the fake's
	export ANSWER='[ ! -e mute ] || exec cat >/dev/null
		[ ! -e endless ] || exec yes "$(printf "HTTP/1.1 200 OK\r\nContent-Length: 99999999\r\n\r\n")"'
	for how in mute endless; do
		start --detach
		touch "$how"
		run -0 timeout 5 vdpactl vm list
		assert_line --regexp "^$vm +no-answer"
		run -0 timeout 3 vdpactl __complete vm remove-device "$vm" ''
		run -0 timeout 8 vdpactl vm kill "$vm"
		assert_not_exist "$at/$vm"
		rm "$how"
	done
}
