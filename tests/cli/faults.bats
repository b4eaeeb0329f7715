#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# Every allocation and every system call of a command fails in turn (tests/faults): an error each, no crash, nothing
# half done; with CONFIG=asan no leak either.
bats_require_minimum_version 1.5.0

setup() {
	load ../asserts
	build=$BATS_TEST_DIRNAME/../../build/${CONFIG:-release}
	PATH=$build/preload:$PATH
	cd "$BATS_TEST_TMPDIR" || return 1
	export XDG_CONFIG_HOME=$PWD/config XDG_RUNTIME_DIR=$PWD/run XDG_STATE_HOME=$PWD/state
	export ASAN_OPTIONS=verify_asan_link_order=0:exitcode=99
	mkdir run state
	vm=(--cpus boot=1 --memory size=1G,hugepages=on --disk path=focal.raw --kernel vmlinux
		--cmdline "root=/dev/vda1 console=hvc0" --vdpa path=/dev/vhost-vdpa-0,num_queues=1)
	vdpactl profile create demo "${vm[@]}" >/dev/null
	mkdir kept
	cp config/vdpactl/profiles/demo.ini kept
}

teardown() {
	[ -z "${died:-}" ] || rm -rf "$died"
}

# sweep KIND PROGRAM ARGUMENT...: CHECK is what `sh` finds after each run, and where it puts things back.
sweep() {
	local kind=$1
	shift
	run env FAULT="$kind" FAULT_CHECK="${CHECK:-}" LD_PRELOAD="$build/faults.so" "$@"
	echo "# $1 ${*:2:2}: $output" >&3
	assert_success
}
sweep_both() {
	sweep alloc "$@"
	sweep system "$@"
}

@test "a profile is made whole or not at all" {
	vdpactl profile export demo >kept/line
	# shellcheck disable=SC2016 # for sh
	CHECK='{ [ ! -e config/vdpactl/profiles/new.ini ] || vdpactl profile export new | cmp -s - kept/line; } &&
		rm -f config/vdpactl/profiles/new.ini && [ "$(ls config/vdpactl/profiles)" = demo.ini ]'
	sweep_both vdpactl profile create new "${vm[@]}"
}

# Whole: as it was, or as it was to become.
# shellcheck disable=SC2016 # for sh
whole='cmp -s kept/demo.ini config/vdpactl/profiles/demo.ini || cmp -s kept/new.ini config/vdpactl/profiles/demo.ini'

@test "a profile is changed whole or not at all" {
	sed 's/^size = 1G/size = 2G/' kept/demo.ini >kept/new.ini
	# shellcheck disable=SC2016
	CHECK="{ $whole; } && "'[ "$(ls config/vdpactl/profiles)" = demo.ini ] && cp kept/demo.ini config/vdpactl/profiles/'
	sweep_both vdpactl profile set demo memory.size=2G
}

@test "power is cut before any system call of a change: the old profile or the new one, whole" {
	sed 's/^size = 1G/size = 2G/' kept/demo.ini >kept/new.ini
	CHECK="{ $whole; } && rm -rf config/vdpactl/profiles/* && cp kept/demo.ini config/vdpactl/profiles/"
	sweep cut vdpactl profile set demo memory.size=2G
	assert_output --regexp 'cut: [1-9][0-9]+ sites, .* 0 wrong'
}

@test "what a change wrote is on the disk before its name is, and the name before the command ends" {
	strace -f -o calls -e trace=write,fsync,rename vdpactl profile set demo memory.size=2G
	run -0 sed -n 's/^[0-9]* *\(write\|fsync\|rename\)(.*/\1/p' calls
	assert_output "write
fsync
rename
fsync"
}

@test "profiles are read" {
	sweep_both vdpactl profile show demo --json
	sweep_both vdpactl profile list
	sweep_both vdpactl profile export demo --format json
	sweep_both vdpactl profile export demo --format qemu
	sweep alloc vdpactl vm start demo --dry-run --no-check
}

@test "the host is checked and listed" {
	sweep_both vdpactl check ./kept/demo.ini --json
	sweep_both vdpactl dev show --json
	sweep_both vdpactl mgmtdev show --json
	# one that died, so that there is something to leave out
	died=/run/vdpactl/bats-died
	[ "$EUID" = 0 ] || export XDG_RUNTIME_DIR=$PWD died=$PWD/vdpactl/bats-died
	mkdir -p -m 700 "$died"
	printf "4194303\n1\n" >"$died/vmm.pid"
	sweep_both vdpactl vm list --json
}

@test "help, completion and command files" {
	printf 'profile list\nhelp dev add\nprofile show demo\n' >batch
	sweep_both vdpactl help dev add
	sweep_both vdpactl -f batch
	sweep alloc vdpactl __complete profile ''
	sweep alloc vdpactl __complete vm start --vdpa ''
}

@test "options of the VMM" {
	sweep alloc vdpa-vmm --help
	sweep alloc vdpa-vmm "${vm[@]}" --disk readonly=perhaps
}

# Up to its guest, whose kernel is not there: events, API and loop are set up and taken down.
@test "a VMM starts and ends" {
	# shellcheck disable=SC2016 # for sh
	CHECK='[ ! -e api.sock ] && rm -f events'
	sweep_both vdpa-vmm --api-socket "$PWD/api.sock" --event-monitor path=events --kernel none --console off \
		--seccomp false
}

@test "a VMM with system-call filters starts whole or says why" {
	sweep alloc vdpa-vmm --kernel none --console off
}

# request METHOD NAME [BODY]: as tests/faults/fault_client.c reads them.
request() {
	printf '%s /api/v1/%s HTTP/1.1\nHost: localhost\nConnection: close\n' "$1" "$2"
	[ "$1" = GET ] || printf 'Content-Length: %d\n' $((${#3} ? ${#3} + 2 : 0))
	printf '\n%s%%%%\n' "${3:+$3
}"
}

# Whatever fails as clients come and go: the VMM lives, serves the next one, and ends when it is told to. Bodies
# have no keys: json-c (0.16) does not look whether it could copy one.
@test "a VMM serves the next client, and ends, after any failure" {
	{
		request GET vm.info
		request PUT vm.create '{}'
		request PUT vm.boot
		request GET vmm.ping
	} >requests
	export FAULT_REQUESTS=requests FAULT_SOCKET=$PWD/api.sock FAULT_TELL=20
	sweep alloc vdpa-vmm --api-socket "$PWD/api.sock" --seccomp false
}
