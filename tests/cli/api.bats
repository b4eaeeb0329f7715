#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# The HTTP API as a client with nothing but curl sees it; no machine runs here.
bats_require_minimum_version 1.5.0

setup() {
	load ../asserts
	vmm=${VMM:-$BATS_TEST_DIRNAME/../../build/${CONFIG:-release}/bin/vdpa-vmm}
	[ -x "$vmm" ] || skip "vdpa-vmm is not built"
	dir=$(mktemp -d "$BATS_TEST_TMPDIR/api.XXXX")
	sock=$dir/api.sock
	pid=
}

teardown() {
	[ -n "${pid:-}" ] || return 0
	kill -KILL "$pid" 2>/dev/null || true
	wait "$pid" 2>/dev/null || true
}

# Starts a VMM that waits for requests: serve [OPTION...]
serve() {
	"${serve[@]}" "$vmm" --api-socket "$sock" --log-file "$dir/log" "$@" </dev/null >"$dir/out" 2>&1 3>&- &
	pid=$!
	for _ in $(seq 100); do
		[ -S "$sock" ] && call GET vmm.ping && [ "$status" = 200 ] && return 0
		sleep 0.05
	done
	cat "$dir/out" "$dir/log"
	return 1
}

# The VMM has ended or is about to, with status 0. (Under `run` it would be no child of the shell.)
ended() {
	local code=0
	wait "$pid" || code=$?
	assert_equal "exit status $code" "exit status 0"
}

# One request; sets $status to the HTTP status and $output to the body: call METHOD NAME [BODY]
call() {
	local args=(-s --max-time 10 --unix-socket "$sock" -X "$1" -o "$dir/body" -w '%{http_code}')
	[ $# -lt 3 ] || args+=(-H 'Content-Type: application/json' --data-binary "$3")
	: >"$dir/body"
	status=$(curl "${args[@]}" "http://localhost/api/v1/$2") || true
	output=$(<"$dir/body")
}

expect() { # expect STATUS METHOD NAME [BODY]
	local want=$1
	shift
	call "$@"
	assert_equal "$* -> $status $output" "$* -> $want $output"
}

vm='{"payload":{"kernel":"/boot/none"},"vdpa":[{"path":"/dev/vhost-vdpa-0"}]}'

@test "ping names version and process" {
	serve
	expect 200 GET vmm.ping
	run -0 gojq -r '.pid, (.version | type), (.build_version | type), (.features | type)' <<<"$output"
	assert_output "$pid
string
string
array"
	# The same as --version shows.
	run -0 --separate-stderr "$vmm" -vV
	features=${lines[2]#Enabled features: }
	expect 200 GET vmm.ping
	assert_equal "$(gojq -c .features <<<"$output")" "$(gojq -c . <<<"$features")"
}

@test "the answers carry cloud-hypervisor's server name and JSON" {
	serve
	run -0 curl -si --unix-socket "$sock" http://localhost/api/v1/vmm.ping
	assert_output --partial 'HTTP/1.1 200 OK'
	assert_output --partial 'Server: Cloud Hypervisor API'
	assert_output --partial 'Content-Type: application/json'
}

@test "requests before vm.create" {
	serve
	for name in vm.boot vm.pause vm.resume vm.reboot vm.power-button vm.nmi; do
		expect 404 PUT "$name"
	done
	expect 500 PUT vm.shutdown
	expect 204 PUT vm.delete
	expect 404 GET vm.info
	expect 404 GET vm.counters
	expect 404 GET vm.rings
	expect 404 PUT vm.remove-device '{"id":"x"}'
	expect 404 PUT vm.add-vdpa '{"path":"/dev/vhost-vdpa-0"}'
	expect 404 PUT vm.add-disk '{"path":"/d"}'
}

@test "create, info, delete: no KVM is needed" {
	serve
	expect 204 PUT vm.create "$vm"
	expect 500 PUT vm.create "$vm"
	assert_output --partial 'VM is already created'
	expect 200 GET vm.info
	run -0 gojq -c '[.state, .memory_actual_size, .device_tree, .config.vdpa[0].path,
		.config.vdpa[0].num_queues, (.config.vdpa[0] | has("iommu"))]' <<<"$output"
	assert_output '["Created",536870912,{},"/dev/vhost-vdpa-0",1,false]'
	expect 500 PUT vm.pause
	expect 500 GET vm.counters
	expect 204 PUT vm.delete
	expect 404 GET vm.info
	expect 204 PUT vm.create "$vm"
}

@test "what vm.info shows can be created again, to the same" {
	serve
	again() {
		expect 200 GET vm.info
		first=$(gojq -c .config <<<"$output")
		expect 204 PUT vm.delete
		expect 204 PUT vm.create "$first"
		expect 200 GET vm.info
		assert_equal "$(gojq -c .config <<<"$output")" "$first"
	}
	expect 204 PUT vm.create "$vm"
	again
	assert_equal "$(gojq -c '.iommu, .platform' <<<"$first" | tr '\n' ' ')" "false null "
	expect 204 PUT vm.add-disk '{"path":"/d","pci_segment":1,"iommu":true}'
	again
	assert_equal "$(gojq -c '.iommu, .platform.iommu_segments' <<<"$first" | tr '\n' ' ')" "true [1] "
}

@test "a boot that can not be leaves the VM as created, with the reason" {
	serve
	expect 204 PUT vm.create '{"payload":{"kernel":"/nowhere/vmlinux"}}'
	expect 500 PUT vm.boot
	run -0 gojq -r 'type, .[0]' <<<"$output"
	assert_output 'array
could not boot the VM'
	expect 200 GET vm.info
	assert_output --partial '"state":"Created"'
}

@test "devices of a VM that does not run" {
	serve
	expect 204 PUT vm.create "$vm"
	expect 204 PUT vm.add-disk '{"path":"/d","id":"data","readonly":true}'
	expect 204 PUT vm.add-vdpa '{"path":"/dev/vhost-vdpa-1","num_queues":2,"iommu":true}'
	expect 200 GET vm.info
	run -0 gojq -c '[.config.disks[0].id, .config.vdpa[1].num_queues, .config.vdpa[1].iommu]' <<<"$output"
	assert_output '["data",2,true]'
	expect 409 PUT vm.add-disk '{"path":"/e","id":"data"}'
	expect 204 PUT vm.remove-device '{"id":"data"}'
	expect 404 PUT vm.remove-device '{"id":"data"}'
}

@test "a wrong method is 400, an unknown path 404, a request out of scope 501" {
	serve
	expect 400 PUT vmm.ping
	expect 400 POST vm.create "$vm"
	expect 400 GET vm.boot
	expect 400 DELETE vm.delete
	expect 404 GET vm.inf
	expect 404 PUT vm.boot/
	run -0 curl -s --unix-socket "$sock" -o /dev/null -w '%{http_code}' http://localhost/api/v2/vmm.ping
	assert_output 404
	for name in resize resize-disk resize-zone coredump add-net add-vsock add-fs add-pmem \
		add-device add-user-device add-generic-vhost-user send-migration receive-migration; do
		expect 501 PUT "vm.$name" '{}'
		assert_output --partial "vm.$name is not supported by this VMM"
	done
}

@test "bodies: missing, unwanted, malformed, wrong, over the limit" {
	serve
	expect 400 PUT vm.create
	expect 400 PUT vm.boot '{}'
	expect 400 PUT vm.create '{"payload":'
	expect 400 PUT vm.create '[]'
	expect 400 PUT vm.create 'null'
	expect 400 PUT vm.create '{"payload":{"kernel":"/k"}} {}'
	expect 400 PUT vm.create '{"payload":{"kernel":"/k"},"cpus":{"boot_vcpus":"two"}}'
	expect 400 PUT vm.create '{"payload":{"kernel":"/k"},"cpus":{"boot_vcpus":2,"max_vcpus":1}}'
	assert_output --partial 'max CPUs (1) lower than boot CPUs (2)'
	expect 400 PUT vm.create '{"payload":{"kernel":"/k"},"vdpa":[{"num_queues":1}]}'
	expect 400 PUT vm.create '{"cpus":{"boot_vcpus":1,"max_vcpus":1}}'
	expect 400 PUT vm.create '{"payload":{"kernel":"/k"},"memory":{"size":3145728,"hugepages":true}}'
	expect 404 GET vm.info
	head -c 4194305 /dev/zero | tr '\0' ' ' >"$dir/big"
	expect 413 PUT vm.create "@$dir/big"
	expect 200 GET vmm.ping
}

@test "a hangup that the caller ignores does not end it" {
	serve=(env --ignore-signal=HUP)
	serve
	kill -HUP "$pid"
	expect 200 GET vmm.ping
	kill -TERM "$pid"
	wait "$pid"
}

@test "a hundred clients at once" {
	serve
	seq 100 | xargs -P 20 -I{} curl -s --max-time 10 --unix-socket "$sock" -o "$dir/{}" -w '%{http_code}\n' \
		http://localhost/api/v1/vmm.ping >"$dir/codes"
	run -0 sort -u "$dir/codes"
	assert_output 200
	assert_equal "$(wc -l <"$dir/codes")" 100
}

@test "vmm.shutdown answers, ends with 0 and removes the socket" {
	serve
	expect 204 PUT vmm.shutdown
	ended
	pid=
	assert_not_exists "$sock"
}

@test "SIGTERM and SIGHUP end it with 0 and remove the socket" {
	for signal in TERM HUP; do
		serve
		kill "-$signal" "$pid"
		ended
		assert_not_exists "$sock"
	done
	pid=
}

@test "a second VMM on the same socket is refused, and the first goes on" {
	serve
	run -1 "$vmm" --api-socket "$sock"
	assert_output --partial "API socket $sock is already in use by another running instance"
	expect 200 GET vmm.ping
}

@test "a stale socket is replaced, another kind of file is not" {
	serve
	kill -KILL "$pid"
	wait "$pid" || true
	assert_exists "$sock"
	serve
	kill -KILL "$pid"
	wait "$pid" || true
	rm "$sock"
	echo precious >"$sock"
	run -1 "$vmm" --api-socket "$sock"
	assert_output --partial 'is not a socket'
	assert_equal "$(cat "$sock")" precious
}

@test "socket and lock are for their owner only" {
	umask 0
	serve
	assert_equal "$(stat -c %a "$sock" "$sock.lock" | tr '\n' ' ')" "700 600 "
}

@test "nothing is inherited from the parent" {
	exec 7</etc/passwd
	serve
	exec 7<&-
	for fd in /proc/"$pid"/fd/*; do
		case $(readlink "$fd") in
		/etc/passwd) fail "$fd is the parent's" ;;
		esac
	done
	assert_close_on_exec "$pid"
	run -0 grep -E '^(NoNewPrivs|Seccomp|Umask):' "/proc/$pid/status"
	assert_output "Umask:	0077
NoNewPrivs:	1
Seccomp:	2"
}

@test "events: start and end, and a VM between them" {
	serve --event-monitor "path=$dir/events"
	expect 204 PUT vm.create "$vm"
	expect 204 PUT vm.delete
	expect 204 PUT vmm.shutdown
	ended
	pid=
	run -0 gojq -rc '[.source, .event, .properties, (.timestamp.secs | type), (.timestamp.nanos | type)] | @json' \
		"$dir/events"
	assert_output '["vmm","starting",null,"number","number"]
["vm","deleted",null,"number","number"]
["vmm","shutdown",null,"number","number"]'
}

@test "an event monitor that can not be opened is an error before the socket is made" {
	run -1 "$vmm" --api-socket "$sock" --event-monitor path=/nowhere/events
	assert_output --partial "--event-monitor: cannot open '/nowhere/events' for writing"
	assert_not_exists "$sock"
	run -1 "$vmm" --api-socket "$sock" --event-monitor fd=77
	assert_output --partial "--event-monitor: fd=77 is not an open descriptor"
	run -1 "$vmm" --api-socket fd=78
	assert_output --partial "--api-socket: fd=78 is not an open descriptor"
	assert_not_exists "$sock"
}

@test "no link that others may have planted is followed, and no file of theirs taken" {
	local shared=$dir/shared
	mkdir -m 1777 "$shared"
	echo precious >"$dir/victim"
	ln -s "$dir/victim" "$shared/link"
	ln "$dir/victim" "$shared/name"
	ln -s "$dir/new" "$shared/dangling"
	run -1 "$vmm" --api-socket "$sock" --log-file "$shared/link"
	assert_output --partial "log file: '$shared/link' is a symbolic link, in a folder where others can write"
	run -1 "$vmm" --api-socket "$sock" --log-file "$shared/name"
	assert_output --partial "'$shared/name' has other names, in a folder where others can write"
	run -1 "$vmm" --api-socket "$sock" --event-monitor path="$shared/link"
	assert_output --partial "--event-monitor: '$shared/link' is a symbolic link"
	run -1 "$vmm" --api-socket "$sock" --event-monitor path="$shared/dangling"
	assert_output --partial "'$shared/dangling' is a symbolic link"
	assert_not_exists "$dir/new"
	run -1 "$vmm" --api-socket "$shared/link"
	assert_output --partial "'$shared/link' exists and is not a socket"
	ln -s "$dir/victim" "$shared/s.lock"
	run -1 "$vmm" --api-socket "$shared/s"
	assert_output --partial "could not open the lock '$shared/s.lock'"
	run -0 cat "$dir/victim"
	assert_output precious
	# What is one's own stays usable there, and links in a folder of one's own are followed.
	ln -s "$shared/log" "$dir/log"
	serve
	expect 204 PUT vmm.shutdown
	ended
	pid=
	assert_file_permission 600 "$shared/log"
	assert_file_permission 600 "$sock.lock"
}

@test "a configuration that breaks a rule makes no socket" {
	run -1 "$vmm" --api-socket "$sock" --kernel /k --cpus boot=2,max=1
	assert_output --partial 'max CPUs (1) lower than boot CPUs (2)'
	assert_not_exists "$sock"
	assert_not_exists "$sock.lock"
}

@test "the socket may come as a descriptor" {
	cat >"$dir/listen.py" <<-'END'
		import os, socket, sys
		s = socket.socket(socket.AF_UNIX)
		s.bind(sys.argv[1])
		s.listen()
		os.dup2(s.fileno(), 9)
		os.execv(sys.argv[2], [sys.argv[2], "--api-socket", "fd=9"])
	END
	python3 "$dir/listen.py" "$sock" "$vmm" </dev/null >"$dir/out" 2>&1 3>&- &
	pid=$!
	for _ in $(seq 100); do
		[ -S "$sock" ] && call GET vmm.ping && [ "$status" = 200 ] && break
		sleep 0.05
	done
	assert_equal "$status" 200
	expect 204 PUT vmm.shutdown
	ended
	pid=
}

@test "the man page names every counter" {
	page=$BATS_TEST_DIRNAME/../../man/vdpa-vmm-api.7
	run -0 sed -n 's/.*\.name = "\([a-z_]*\)", \.value.*/\1/p' "$BATS_TEST_DIRNAME"/../../vmm/virtio/*.c
	assert [ "${#lines[@]}" -gt 20 ]
	for name in "${lines[@]}"; do
		grep -qw "$name" "$page" || fail "no $name in $page"
	done
}

@test "the man page names every request" {
	page=$BATS_TEST_DIRNAME/../../man/vdpa-vmm-api.7
	run -0 sed -n 's/.*\.name = "\([a-z.-]*\)".*/\1/p' "$BATS_TEST_DIRNAME/../../lib/vmm_api/routes.c"
	assert [ "${#lines[@]}" -gt 30 ]
	for name in "${lines[@]}"; do
		grep -qF "$name" "$page" || fail "no $name in $page"
	done
}
