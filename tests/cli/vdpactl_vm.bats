#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# vdpactl's vm commands against a VMM that has no guest: no privileges, no KVM.
bats_require_minimum_version 1.5.0

setup() {
	load ../asserts
	PATH=$BATS_TEST_DIRNAME/../../build/${CONFIG:-release}/bin:$PATH
	cd "$BATS_TEST_TMPDIR" || return 1
	export HOME=$PWD XDG_RUNTIME_DIR=$PWD
	sock=$PWD/api.sock
	vdpa-vmm --api-socket "$sock" >vmm.log 2>&1 </dev/null 3>&- &
	pid=$!
	for _ in $(seq 100); do
		[ ! -S "$sock" ] || return 0
		sleep 0.05
	done
	cat vmm.log
	return 1
}

teardown() {
	kill "$pid" $(cat started 2>/dev/null) 2>/dev/null || true
	wait "$pid" 2>/dev/null || true
	[ -z "${folder:-}" ] || vdpactl vm kill "bats-$$" >/dev/null 2>&1 || true
}

create() {
	touch kernel disk.img
	truncate -s 1M disk.img
	curl -sf --unix-socket "$sock" -X PUT -d "{\"payload\":{\"kernel\":\"$PWD/kernel\"}}" http://localhost/api/v1/vm.create
}

@test "ping: version and process of whoever serves the socket" {
	run -0 vdpactl vm ping "$sock"
	assert_line --regexp "^pid +$pid\$"
	run -0 --separate-stderr vdpactl vm ping ./api.sock --json
	assert_equal "$(gojq -r '.vmm_ping | [.pid, (.version | length > 0)] | @csv' <<<"$output")" "$pid,true"
	run -1 vdpactl vm ping ./nonesuch.sock
	assert_output --partial "no VMM serves './nonesuch.sock'"
	run -1 --separate-stderr vdpactl vm ping nonesuch --json
	assert_equal "$(gojq -r .error.code <<<"$output")" not-found
}

@test "add and remove devices of a VM that has not booted" {
	run -1 vdpactl vm add-disk ./api.sock path=disk.img
	assert_output --partial "VM is not created"
	create
	run -0 vdpactl vm add-disk ./api.sock path=disk.img,id=data
	assert_line --regexp '^./api.sock +configured$'
	# The path is made one that means the same to the VMM.
	run -0 --separate-stderr vdpactl vm info ./api.sock --json
	assert_equal "$(gojq -r '.vm_info.config.disks[0] | .id + " " + .path' <<<"$output")" "data $PWD/disk.img"
	run -1 --separate-stderr vdpactl vm add-disk ./api.sock path=disk.img,id=data --json
	assert_equal "$(gojq -r .error.code <<<"$output")" exists
	run -0 vdpactl vm add-vdpa ./api.sock path=/dev/vhost-vdpa-0,id=v0,iommu=on
	run -0 --separate-stderr vdpactl vm info ./api.sock --json
	assert_equal "$(gojq -c '.vm_info.config.vdpa[0] | [.id, .path, .iommu]' <<<"$output")" '["v0","/dev/vhost-vdpa-0",true]'
	run -0 vdpactl __complete vm remove-device ./api.sock ''
	assert_line "$(printf 'data\t%s/disk.img' "$PWD")"
	assert_line "$(printf 'v0\t/dev/vhost-vdpa-0')"
	run -0 --separate-stderr vdpactl vm remove-device ./api.sock data --json
	assert_equal "$(gojq -r '.device[0].id' <<<"$output")" data
	run -1 vdpactl vm remove-device ./api.sock data
	assert_output --partial "'vdpactl vm info ./api.sock' shows devices with their identifiers"
}

@test "options of a device are checked before the VMM sees them" {
	create
	run -1 vdpactl vm add-vdpa ./api.sock nonsense=1
	assert_output --partial "'nonsense=1': unknown option: nonsense"
	run -1 vdpactl vm add-disk ./api.sock path=disk.img,readonly=perhaps
	assert_output --partial "perhaps"
	run -2 vdpactl vm add-vdpa ./api.sock
	run -2 vdpactl vm remove-device ./api.sock
}

@test "create, boot, shutdown, delete, shutdown-vmm: the life of a VM over the socket of its VMM" {
	run -1 vdpactl vm boot ./api.sock
	assert_output --partial "VM is not created"
	echo "{\"payload\":{\"kernel\":\"$PWD/nonesuch\"}}" >vm.json
	run -0 --separate-stderr vdpactl vm create ./api.sock vm.json --json
	assert_equal "$output" '{"vm":{"./api.sock":{"changed":true}}}'
	run -1 vdpactl vm create ./api.sock vm.json
	assert_output --partial "VM is already created"
	run -1 vdpactl vm boot ./api.sock
	assert_output --partial "could not boot the VM"
	run -1 vdpactl vm shutdown ./api.sock
	assert_output --partial "the VM is not running"
	run -0 vdpactl vm delete ./api.sock
	assert_line --regexp '^./api.sock +deleted$'
	run -0 sh -c 'vdpactl vm create ./api.sock - <vm.json && vdpactl vm delete ./api.sock'
	run -0 sh -c 'vdpactl vm create ./api.sock <vm.json'
	run -1 vdpactl vm create ./api.sock nofile.json
	assert_output --partial "cannot open 'nofile.json'"
	echo '{"nonsense":1}' >bad.json
	vdpactl vm delete ./api.sock
	run -1 vdpactl vm create ./api.sock bad.json
	assert_output --partial "bad.json: "
	assert_output --partial "unknown member: nonsense"
	run -2 vdpactl vm create
	run -1 vdpactl vm boot nonesuch
	assert_output --partial "no VM 'nonesuch' is running"
	for what in stop kill wait; do
		run -1 vdpactl vm "$what" ./api.sock
		assert_output --partial "'vdpactl vm shutdown-vmm' takes the path of a socket"
	done
	run -0 vdpactl vm shutdown-vmm ./api.sock
	assert_line --regexp '^./api.sock +ended$'
	wait "$pid"
	run -1 vdpactl vm shutdown-vmm ./api.sock
	assert_output --partial "no VMM serves './api.sock'"
}

@test "what needs a running guest says that there is none" {
	create
	for what in counters rings nmi power-button; do
		run -1 vdpactl vm "$what" ./api.sock
		assert_output --partial "VM is not running"
	done
	for what in counters rings nmi power-button ping log; do
		run -1 vdpactl vm "$what" nonesuch
		assert_output --partial "no VM 'nonesuch' is running"
	done
}

@test "top: one look off a terminal, a line of JSON each" {
	run -0 --separate-stderr vdpactl vm top --json
	gojq -e 'has("vm")' <<<"$output"
	run -0 --separate-stderr vdpactl vm top --json --interval 1 --count 2
	assert_equal "${#lines[@]}" 2
	run -2 vdpactl vm top --interval 0
	run -0 timeout 10 script -qec "vdpactl vm top --count 1" /dev/null
	run -0 timeout 10 script -qec "vdpactl vm top" /dev/null <<<q
}

@test "log --follow: one VM, text only" {
	run -2 vdpactl vm log --follow a b
	run -2 vdpactl vm log --follow a --json
}

@test "completion: options of a device by the place they stand in" {
	run -0 vdpactl __complete vm add-vdpa x num_
	assert_line --regexp '^num_queues=	'
	refute_line --partial readonly
	# What is there already, and what excludes it, is not offered again.
	run -0 vdpactl __complete vm add-vdpa x num_queues=2,device=d,
	assert_line --regexp 'device=d,queue_size=	'
	refute_line --regexp ',(path|device|fd|num_queues)=	'
	run -0 vdpactl __complete vm add-disk x path=d,readonly=o
	assert_line --regexp 'readonly=on	'
	run -0 vdpactl __complete vm add-disk x path=
	assert_line :files
}

@test "snapshot and restore: what is not there, or no snapshot, is named and leaves no VM" {
	mkdir snap
	run -1 vdpactl vm snapshot ./api.sock nowhere
	assert_output --partial "folder 'nowhere'"
	run -1 vdpactl vm snapshot ./api.sock snap
	assert_output --partial "VM is not created"
	run -1 vdpactl vm snapshot nonesuch snap
	assert_output --partial "no VM 'nonesuch' is running"
	run -2 vdpactl vm snapshot ./api.sock
	run -1 vdpactl vm restore ./api.sock snap
	assert_output --partial "cannot open '$PWD/snap/state.json'"
	run -1 --separate-stderr vdpactl vm restore v nowhere --json
	assert_equal "$(gojq -r .error.code <<<"$output")" not-found
	run -1 vdpactl vm restore v snap
	assert_output --partial "cannot open '$PWD/snap/config.json'"
	echo '{"payload":{"kernel":"/k"},"nonsense":1}' >snap/config.json
	run -1 vdpactl vm restore v snap
	assert_output --partial "'$PWD/snap/config.json': unknown member: nonsense"
	echo '{"payload":{"kernel":"/nonesuch"}}' >snap/config.json
	run -1 vdpactl vm restore v snap
	assert_output --partial "/nonesuch"
	run -2 vdpactl vm start --restore source_url="file://$PWD/snap"
	assert_output --partial "'vdpactl vm restore' starts a VM from one"
	[ ! -e vdpactl/v ]
	create
	run -1 vdpactl vm snapshot ./api.sock snap
	assert_output --partial "VM is not running"
	run -1 vdpactl vm restore ./api.sock snap
	assert_output --partial "the VM is not running"
	assert_equal "$(ls snap)" config.json
}

# vm start of a VMM that only notes that it began; its keeper gets no further than its first call for 3 s, and loses its
# parent then.
orphan_keeper() {
	local starter
	mkdir -p bin
	cp "$(command -v vdpactl)" bin
	printf '#!/bin/bash\necho $$ >>%q\nsleep 60 &\nwait\n' "$PWD/started" >bin/vdpa-vmm
	chmod +x bin/vdpa-vmm
	start=(bin/vdpactl vm start --name "bats-$$" --kernel k --no-check)
	folder=$([ "$(id -u)" = 0 ] && echo /run || echo "$XDG_RUNTIME_DIR")/vdpactl/bats-$$
	strace -f -qq -o trace -e trace=setsid -e inject=setsid:delay_enter=3000000 "${start[@]}" --detach 3>&- &
	for _ in $(seq 100); do
		starter=$(head -n 1 "$folder/keeper.pid" 2>/dev/null) && keeper=$(pgrep -P "$starter" -x vdpactl) && break
		sleep 0.02
	done
	kill -KILL "$starter"
	timeout 10 tail --pid="$starter" -f /dev/null
}

keeper_ended() { timeout 20 tail --pid="$keeper" -f /dev/null || fail "the keeper goes on, with VMM $(cat started)"; }

@test "a keeper whose parent was killed begins nothing in a folder that is another's by then" {
	orphan_keeper
	run -0 vdpactl vm kill "bats-$$"
	assert_not_exist "$folder"
	"${start[@]}" >/dev/null 2>&1 3>&- &
	second=$!
	keeper_ended
	run -0 head -n 1 "$folder/keeper.pid"
	assert_output "$second"
	assert_equal "$(wc -l <started)" 1
	run -0 vdpactl vm kill "bats-$$"
}

@test "a keeper whose parent was killed begins nothing while its folder is being taken away" {
	local lock
	orphan_keeper
	exec {lock}<"${folder%/*}"
	flock "$lock"
	for _ in $(seq 100); do
		! grep -q 'setsid.* = [0-9]' trace || break
		sleep 0.1
	done
	sleep 0.5
	rm -r "$folder"
	exec {lock}<&-
	keeper_ended
	assert_not_exist started
	assert_not_exist "$folder"
}
