#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# The life of VMs through vdpactl: detached guests, their console, counters, devices and ends.
bats_require_minimum_version 1.5.0

load ../asserts
load ../../bats/vdpa

setup() {
	[ "${IN_LAB:-}" = 1 ] || skip "runs in the lab (tests/lab/run)"
	VDPA_TIMEOUT=240
	vdpa_setup
	# Tests start VMs as an operator would.
	vdpa_take_back device cv-a
	vdpa_take_back vm v
	cd "$BATS_TEST_TMPDIR" || return 1
	follower=
}

teardown() {
	[ -z "${follower:-}" ] || kill "$follower" 2>/dev/null || true
	vdpa_teardown
}

# A profile whose guest is the small one and whose vDPA disk is made for it.
profile() {
	cat >vm.ini <<-TEXT
		[vm]
		name = v
		[memory]
		size = 192M
		shared = on
		[payload]
		kernel = $LAB_GUEST_VMLINUX
		initramfs = $LAB_TINY_INITRD
		cmdline = console=hvc0 quiet
		[vdpa "blk"]
		device = cv-a
		create = on
		mgmtdev = vdpasim_blk
	TEXT
}

# A line for the small guest's console: the script has an id and ends with "guest: end ID STATUS".
to_guest() { # ID SCRIPT
	printf '%s %s\n' "$1" "$(base64 -w0 <<<"$2")"
}

kicked() { [ "$(vdpactl vm counters v --json | gojq '.counters.blk.queue0_kicks')" -gt 0 ]; }
has_counters() { vdpactl vm counters v --json | gojq -e --arg d "$1" '.counters | has($d)'; }
has_no_counters() { ! has_counters "$1"; }

@test "a detached guest: listed, on a console by pipe, counted, paused, ended by itself" {
	profile
	run -0 vdpactl vm start ./vm.ini --detach
	assert_output --partial "v: running ('vdpactl vm console v' attaches)"
	run -1 vdpactl vm start ./vm.ini --detach
	assert_output --partial "a VM 'v' is running"
	run -1 vdpactl dev del cv-a
	assert_output --partial "VM 'v' uses it: 'vdpactl vm stop v' first"
	run -0 vdpactl vm list
	assert_line --regexp '^v +Running +[0-9]+ +1 +192M +0 +1 +0:00:'
	assert_equal "$(stat -c '%a' /run/vdpactl/v)" 700
	vdpa_wait_until kicked

	# Standard input ends, what the guest says still comes.
	# shellcheck disable=SC2016 # the guest's shell counts
	to_guest 7 'echo sum $((40 + 2))' | timeout 180 vdpactl vm console v >said 3>&- &
	follower=$!
	vdpa_wait_until grep -q '^guest: end 7 0' said
	kill "$follower"
	run -0 tr -d '\r' <said
	assert_line 'sum 42'

	run -0 --separate-stderr vdpactl vm rings v --json
	assert_equal "$(gojq -c '.rings.blk | [.device_type, .active, .queues[0].layout, .queues[0].in_flight]' <<<"$output")" '[2,true,"split",0]'
	run -0 vdpactl vm rings v
	assert_line --regexp '^blk +0 +[0-9]+ +yes +split +[0-9]+ +[0-9]+ +0 +yes +'
	run -0 vdpactl vm counters v
	assert_line --regexp '^blk +activations +1$'
	run -0 --separate-stderr vdpactl vm top --json --interval 1 --count 2
	assert_equal "$(gojq -c '.vm.v | [.state, .rss > 10000000, .vcpu_ms > 0, .vdpa.blk.kicks > 0, has("vcpu_percent")]' <<<"${lines[1]}")" \
		'["Running",true,true,true,true]'
	run -0 vdpactl vm top
	assert_line --regexp '^v +Running +[0-9]+ +1 +- +[0-9.]+ +[0-9]+M +blk +[1-9][0-9]* +- +0 +0$'
	run -0 vdpactl vm ping v
	assert_line --regexp '^pid +[0-9]+$'

	run -0 vdpactl vm pause v
	assert_vdpa_vm v Paused
	run -1 vdpactl vm pause v
	run -1 vdpactl vm stop v
	assert_output --partial "the guest is paused and cannot power off ('vdpactl vm resume v' first"
	run -0 vdpactl vm resume v
	assert_vdpa_vm v Running
	run -0 vdpactl vm nmi v
	run -0 vdpactl vm power-button v

	# The guest's own end takes all with it: folder and device.
	to_guest 8 'poweroff -f' | timeout 180 vdpactl vm console v >/dev/null
	run -0 vdpactl vm wait v --timeout 60
	vdpa_wait_until refute_vdpa_device cv-a
	vdpa_wait_until assert_vdpa_vm v gone
	assert_not_exist /run/vdpactl/v
}

@test "devices come and go" {
	profile
	vdpa_device cv-b vdpasim_blk
	truncate -s 4M data.img
	vdpactl vm start ./vm.ini --detach
	vdpa_wait_until kicked
	run -0 --separate-stderr vdpactl vm add-vdpa v device=cv-b,id=second --json
	assert_equal "$(gojq -c '.device[0] | [.vm, .id, .state]' <<<"$output")" '["v","second","added"]'
	run -0 vdpactl vm add-disk v path=data.img,id=data
	assert_line --regexp '^v +data +0000:00:[0-9a-f]{2}\.0 +added$'
	run -1 vdpactl vm add-disk v path=data.img,id=data
	run -1 vdpactl vm add-vdpa v device=cv-none
	assert_output --partial cv-none
	second_used() { vdpactl vm counters v --json | gojq -e '.counters.second.queue0_kicks > 0'; }
	vdpa_wait_until second_used
	run -0 vdpactl vm info v
	assert_line --regexp "^data +0000:00:[0-9a-f]{2}\.0 +$PWD/data.img\$"
	assert_line --regexp '^second +0000:00:[0-9a-f]{2}\.0 +cv-b$'
	run -1 vdpactl dev del cv-b
	assert_output --partial "in use by"
	run -0 vdpactl vm remove-device v second
	run -1 vdpactl vm remove-device v second
	assert_output --partial "vdpactl vm info v"
	vdpa_wait_until has_no_counters second
	run -0 vdpactl dev del cv-b --wait
	run -0 vdpactl vm remove-device v data
	vdpa_wait_until has_no_counters data
	has_counters blk
}

@test "stop: a guest that does not answer the button is kept, and ended by --force" {
	profile
	vdpactl vm start ./vm.ini --detach
	vdpa_wait_until kicked
	run -1 vdpactl vm stop v --timeout 1
	assert_output --partial "vdpactl vm kill v"
	assert_vdpa_vm v Running
	run -0 vdpactl vm stop v --timeout 1 --force
	assert_line --regexp '^v +stopped$'
	assert_vdpa_vm v gone
	vdpa_wait_until refute_vdpa_device cv-a
}

@test "a VMM that died: shown, its log kept, cleaned up by stop and by the next start" {
	profile
	vdpactl vm start ./vm.ini --detach
	vdpactl vm log v --follow >followed 3>&- &
	follower=$!
	kill -KILL "$(vdpactl vm list --json | gojq .vm.v.pid)"
	vdpa_wait_until assert_vdpa_vm v died
	run -0 vdpactl vm list
	assert_line --regexp '^v +died'
	run -0 vdpactl vm log v
	assert_output --partial "the VMM ended with status 137"
	wait "$follower" || fail "vm log --follow: status $?"
	follower=
	run -1 vdpactl vm pause v
	assert_output --partial "'vdpactl vm log v' says why"
	run -1 vdpactl vm wait v
	run -0 vdpactl vm stop v
	assert_line --regexp '^v +had died, cleaned up$'
	assert_vdpa_vm v gone
	vdpa_wait_until refute_vdpa_device cv-a

	vdpactl vm start ./vm.ini --detach
	kill -KILL "$(vdpactl vm list --json | gojq .vm.v.pid)"
	vdpa_wait_until assert_vdpa_vm v died
	run -0 vdpactl vm start ./vm.ini --detach
	run -0 vdpactl vm kill v
	assert_line --regexp '^v +ended$'
}

@test "start is all or nothing: devices made for it go when it fails, others stay" {
	profile
	echo nonsense >kernel
	sed -i "s|^kernel = .*|kernel = $PWD/kernel|" vm.ini
	run -1 vdpactl vm start ./vm.ini --detach --no-check
	assert_output --partial "the VMM ended at once: "
	refute_vdpa_device cv-a
	assert_vdpa_vm v gone
	# The kernel's answers are lost in turn, that to the making of the device among them.
	for n in {1..6}; do
		run -1 strace -qq -o trace -e trace=recvmsg -e inject=recvmsg:error=ENOBUFS:when="$n" \
			vdpactl vm start ./vm.ini --detach --no-check
		refute_vdpa_device cv-a
		assert_vdpa_vm v gone
	done
	# In the foreground too, and a device that was there before stays.
	vdpa_device cv-a vdpasim_blk
	run -1 vdpactl vm start ./vm.ini --no-check
	assert_output --partial "the VMM ended with status 1"
	run -0 vdpactl dev show cv-a
	assert_not_exist /run/vdpactl/v
}

# Its answers from the kernel come late, so that Ctrl-C comes once cv-a is there and before it is done.
interrupted() { # COMMAND...
	local ended=0 started
	env --default-signal=INT strace -D -qq -o trace -e trace=recvmsg -e inject=recvmsg:delay_exit=700ms "$@" 3>&- &
	started=$!
	vdpa_wait_until test -d /sys/bus/vdpa/devices/cv-a
	kill -INT "$started"
	wait "$started" || ended=$?
	assert_equal "$ended" $((128 + 2))
}

@test "Ctrl-C while devices are made leaves none behind" {
	profile
	interrupted vdpactl vm start ./vm.ini --no-check
	refute_vdpa_device cv-a
	assert_not_exist /run/vdpactl/v
	interrupted vdpactl dev add mgmtdev vdpasim_blk name cv-a name cv-c
	refute_vdpa_device cv-a
	refute_vdpa_device cv-c
}

@test "a keeper that is killed with its VMM leaves what stop takes away" {
	profile
	vdpactl vm start ./vm.ini --detach
	pid=$(vdpactl vm list --json | gojq .vm.v.pid)
	keeper=$(awk '$1 == "PPid:" { print $2 }' "/proc/$pid/status")
	kill -KILL "$keeper" "$pid"
	vdpa_wait_until assert_vdpa_vm v died
	run -0 vdpactl dev show cv-a
	run -0 vdpactl vm stop v
	refute_vdpa_device cv-a
	assert_not_exist /run/vdpactl/v
}

@test "stop: a device that another process has open meanwhile stays, its holder named, until that has ended" {
	profile
	vdpactl vm start ./vm.ini --detach
	node=$(vdpactl dev show cv-a --json | gojq -r '.dev["cv-a"].node')
	pid=$(vdpactl vm list --json | gojq .vm.v.pid)
	keeper=$(awk '$1 == "PPid:" { print $2 }' "/proc/$pid/status")
	kill -KILL "$keeper" "$pid"
	vdpa_wait_until assert_vdpa_vm v died
	sleep 600 <>"$node" 3>&- &
	follower=$!
	vdpa_wait_until test "/proc/$follower/fd/0" -ef "$node"
	run -1 timeout 180 vdpactl vm stop v
	assert_output --partial "in use by PID $follower (sleep)"
	run -0 timeout 180 vdpactl dev show cv-a
	# So is a start, which would take away what is left first.
	run -1 timeout 180 vdpactl vm start ./vm.ini --detach --no-check
	assert_output --partial "in use by PID $follower (sleep)"
	kill "$follower"
	wait "$follower" || true
	follower=
	run -0 vdpactl vm stop v
	refute_vdpa_device cv-a
}

@test "root starts a VM that is another user's, and trusts nothing of theirs afterwards" {
	profile
	chmod 666 /dev/kvm
	run -1 setpriv --reuid 65534 --regid 65534 --clear-groups vdpactl vm start ./vm.ini --user root
	assert_output --partial 'only root can start a VM as another user'
	run -1 vdpactl vm start ./vm.ini --user no-such-user
	assert_output --partial "no user 'no-such-user' on this host"
	vdpactl vm start ./vm.ini --user nobody --detach
	pid=$(vdpactl vm list --json | gojq .vm.v.pid)
	run -0 cat "/proc/$pid/status"
	assert_line --regexp '^Uid:\s+65534\s+65534\s+65534\s+65534$'
	assert_line --regexp '^Gid:\s+65534\s+65534\s+65534\s+65534$'
	assert_line --regexp '^CapEff:\s+0+$'
	assert_line --regexp '^NoNewPrivs:\s+1$'
	assert_line --regexp '^Seccomp:\s+2$'
	cd /run/vdpactl/v
	run -0 stat -c '%u %a %n' . vmm vmm/api.sock vmm/console.sock vmm.pid devices /run/vdpactl
	assert_output - <<-TEXT
		0 711 .
		65534 700 vmm
		65534 700 vmm/api.sock
		65534 700 vmm/console.sock
		0 600 vmm.pid
		0 600 devices
		0 711 /run/vdpactl
	TEXT
	vdpa_wait_until kicked
	# As that VMM could, were it taken over by its guest.
	vdpa_device cv-b vdpasim_blk
	as_nobody() { setpriv --reuid 65534 --regid 65534 --clear-groups "$@"; }
	run -1 as_nobody rm -f devices vmm.pid
	run -1 as_nobody mv vmm.log devices
	run -1 as_nobody ln -sf /etc/passwd vmm.log
	as_nobody rm vmm/api.sock
	socat UNIX-LISTEN:vmm/api.sock,fork EXEC:true 3>&- &
	follower=$!
	vdpa_wait_until test -S vmm/api.sock
	run -1 vdpactl vm info v
	assert_output --partial "PID $follower serves '/run/vdpactl/v/api.sock', not the VMM, which is PID $pid"
	cd "$BATS_TEST_TMPDIR"
	kill "$pid"
	vdpa_wait_until test ! -e /run/vdpactl/v
	run -0 vdpactl dev show cv-b
}
