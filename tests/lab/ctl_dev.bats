#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# vdpactl's device commands against the real netlink family, beside iproute2's.
bats_require_minimum_version 1.5.0

load ../asserts
load ../../bats/vdpa

setup() {
	[ "${IN_LAB:-}" = 1 ] || skip "runs in the lab (tests/lab/run)"
	local name
	vdpa_setup
	# Tests create devices as an operator would.
	for name in a b n x {1..6}; do
		vdpa_take_back device "cd-$name"
	done
	holder=
}

teardown() {
	[ -z "${holder:-}" ] || kill "$holder" 2>/dev/null || true
	vdpa_teardown
}

node_of() { vdpactl dev show "$1" --json | gojq -r --arg n "$1" '.dev[$n].node'; }

# A process that keeps the node of a device open until it is ended.
hold() {
	sleep 600 <>"$(node_of "$1")" 3>&- &
	holder=$!
	local node
	node=$(node_of "$1")
	until [ "$(readlink /proc/"$holder"/fd/0)" = "$node" ] && [ "$(cat /proc/"$holder"/comm)" = sleep ]; do sleep 0.05; done
}

@test "add: several devices, owner and mode, in one command" {
	run -0 vdpactl dev add mgmtdev vdpasim_blk mode 660 name cd-a owner nobody:daemon name cd-b
	assert_line --regexp '^cd-a +created +vdpasim_blk +vhost_vdpa +/dev/vhost-vdpa-[0-9]+$'
	assert_equal "$(stat -c '%U:%G %a' "$(node_of cd-a)")" "nobody:daemon 660"
	assert_equal "$(stat -c '%U:%G %a' "$(node_of cd-b)")" "root:root 660"
	run -0 vdpa dev show
	assert_line --partial cd-a
	assert_line --partial cd-b
}

@test "add, del: of several devices all or none" {
	vdpactl dev add name cd-a mgmtdev vdpasim_blk
	run -1 vdpactl dev add mgmtdev vdpasim_blk name cd-b name cd-a
	assert_output --partial "cd-a: a device of that name exists"
	refute_output --partial created
	run -1 vdpactl dev show cd-b
	run -1 vdpactl dev del cd-a cd-b
	assert_output --partial "cd-b"
	run -0 vdpactl dev show cd-a
	run -0 vdpactl dev del cd-b cd-a if-exists
	run -1 vdpactl dev show cd-a
}

@test "add: if-missing leaves a device that is there" {
	vdpactl dev add name cd-a mgmtdev vdpasim_blk
	run -0 --separate-stderr vdpactl dev add name cd-a mgmtdev vdpasim_blk if-missing --json
	assert_equal "$(gojq .dev[].changed <<<"$output")" false
	run -1 vdpactl dev add name cd-a mgmtdev vdpasim_net mac 52:54:00:00:00:01 if-missing
	assert_output --partial "exists on 'vdpasim_blk'"
	run -1 vdpactl dev add name cd-a mgmtdev vdpasim_blk
	assert_output --partial "a device of that name exists"
	run -1 --separate-stderr vdpactl --json dev add name cd-a mgmtdev vdpasim_blk
	assert_equal "$(gojq -r .error.code <<<"$output")" exists
}

@test "add: what the kernel would take and should not" {
	run -1 vdpactl dev add name virtual mgmtdev vdpasim_blk
	run -1 vdpactl dev add name cd-a mgmtdev vdpasim_blk mac 52:54:00:00:00:01
	run -1 vdpactl dev add name cd-a mgmtdev vdpa_sim_blk
	assert_output --partial "vdpactl mgmtdev show"
	run -1 vdpactl dev show cd-a
}

@test "add: a device that cannot be given its owner is not left behind" {
	run -0 vdpactl module load virtio_vdpa
	echo 0 >/sys/bus/vdpa/drivers_autoprobe
	run vdpactl dev add name cd-a mgmtdev vdpasim_blk owner nobody
	echo 1 >/sys/bus/vdpa/drivers_autoprobe
	assert_equal "$status" 1
	run -1 vdpactl dev show cd-a
}

@test "show: JSON is a superset of iproute2's" {
	vdpactl dev add name cd-a mgmtdev vdpasim_blk name cd-n mgmtdev vdpasim_net mac 52:54:00:12:34:56 mtu 1400
	for what in "dev show" "mgmtdev show"; do
		# shellcheck disable=SC2086 # words
		vdpa -j $what >"$BATS_TEST_TMPDIR/theirs"
		# shellcheck disable=SC2086
		vdpactl -j $what >"$BATS_TEST_TMPDIR/ours"
		run -0 gojq -e -n --slurpfile a "$BATS_TEST_TMPDIR/theirs" --slurpfile b "$BATS_TEST_TMPDIR/ours" \
			'($b[0] * $a[0]) == $b[0]'
	done
	# Keys that iproute2 prints with a blank at their end are without it here.
	run -0 --separate-stderr vdpactl dev config show cd-n -j
	assert_equal "$(gojq -c '.config["cd-n"] | [.mac, .link, .link_announce, .mtu]' <<<"$output")" \
		'["52:54:00:12:34:56","up",false,1400]'
	assert_equal "$(jq -r '.config["cd-n"] | keys_unsorted | join(" ")' <<<"$output")" \
		"mac link link_announce mtu dev_features"
}

@test "show: keys of the JSON" {
	vdpactl dev add name cd-a mgmtdev vdpasim_blk
	assert_equal "$(vdpactl dev show cd-a --json | jq -r '.dev["cd-a"] | keys_unsorted | join(" ")')" \
		"type mgmtdev vendor_id max_vqs max_vq_size min_vq_size driver node memory owner mode holders"
	assert_equal "$(vdpactl dev config cd-a --json | gojq -r '.config["cd-a"] | [.capacity, .blk_size, .read_only] | @csv')" \
		"262144,512,false"
	assert_equal "$(vdpactl dev inspect cd-a --json | jq -r '.inspect["cd-a"] | keys_unsorted | join(" ")')" \
		"node class features backend_features status queues max_queue_size groups address_spaces iova_first iova_last config_size config"
}

@test "show: names that others made are escaped" {
	vdpa dev add name "$(printf 'cd\n\033[31mx')" mgmtdev vdpasim_blk
	run -0 vdpactl dev show
	assert_line --partial 'cd\x0a\x1b[31mx'
	vdpactl dev show --json | gojq -e '.dev | has("cd\n\u001b[31mx")'
	run -0 vdpactl dev del "$(printf 'cd\n\033[31mx')"
}

@test "del: a device in use is refused at once, and its holder named" {
	vdpactl dev add name cd-a mgmtdev vdpasim_blk
	hold cd-a
	run -1 timeout 180 vdpactl dev del cd-a
	assert_output --partial "in use by PID $holder (sleep)"
	# Nothing hangs behind it.
	run -0 timeout 180 vdpactl dev show cd-a
	assert_line --regexp "holder +PID $holder \(sleep\)"
	run -0 timeout 180 vdpa dev show
	run -1 timeout 180 vdpactl dev bind cd-a none
	assert_output --partial "$holder"
	kill "$holder"
	wait "$holder" || true
	holder=
	run -0 vdpactl dev del cd-a --wait
	assert_not_exist /sys/bus/vdpa/devices/cd-a
}

# There the second device is looked for where its number says that it is.
@test "del: a device in use is refused in a batch too" {
	vdpactl dev add mgmtdev vdpasim_net mac 52:54:00:00:00:01 name cd-1 name cd-2 name cd-3
	hold cd-2
	run -1 timeout 180 vdpactl -k -f - <<<$'dev del cd-1\ndev del cd-2\ndev del cd-3'
	assert_output --partial "'cd-2' (/dev/vhost-vdpa-"
	assert_output --partial "in use by PID $holder (sleep)"
	assert_equal "$(vdpactl dev show --json | gojq -c '[.dev | keys[] | select(startswith("cd-"))]')" '["cd-2"]'
	kill "$holder"
	wait "$holder" || true
	holder=
	run -0 vdpactl dev del cd-2
}

@test "del, apply --prune: with one of several in use, none of them goes, and its holder is named" {
	vdpactl dev add mgmtdev vdpasim_net mac 52:54:00:00:00:01 name cd-1 name cd-2
	hold cd-2
	run -1 timeout 180 vdpactl dev del cd-1 cd-2 if-exists
	assert_output --partial "in use by PID $holder (sleep)"
	refute_output --partial deleted
	assert_equal "$(vdpactl dev show --json | gojq -c '[.dev | keys[] | select(startswith("cd-"))]')" '["cd-1","cd-2"]'
	# Nothing else of the file is brought about either.
	vdpactl dev add mgmtdev vdpasim_net mac 52:54:00:00:00:02 name cd-3
	printf '[hugepages "2M"]\npages = 3\n[device "cd-1"]\nmgmtdev = vdpasim_net\n[device "cd-4"]\nmgmtdev = vdpasim_net\n' \
		>"$BATS_TEST_TMPDIR/host.ini"
	run -1 timeout 180 vdpactl apply "$BATS_TEST_TMPDIR/host.ini" --prune
	assert_output --partial "in use by PID $holder (sleep)"
	assert_equal "$(vdpactl dev show --json | gojq -c '[.dev | keys[] | select(startswith("cd-"))]')" '["cd-1","cd-2","cd-3"]'
	assert_equal "$(cat /proc/sys/vm/nr_hugepages)" 0
	run -1 timeout 180 vdpactl apply "$BATS_TEST_TMPDIR/host.ini" --prune --dry-run
	assert_output --partial "in use by PID $holder (sleep)"
	# Who may not look may ask.
	cp "$(command -v vdpactl)" "$BATS_TEST_TMPDIR/host.ini" /tmp
	run -0 setpriv --reuid nobody --clear-groups /tmp/vdpactl apply /tmp/host.ini --prune --dry-run
	assert_line --regexp '^- +device +cd-3'
	kill "$holder"
	wait "$holder" || true
	holder=
	run -0 vdpactl dev del cd-1 cd-2 cd-3
}

deleter_ended() { ! pgrep -x -r D,R,S vdpactl-delete; }

# What looks whether the node is free opens another file: somebody opened it just afterwards.
@test "del: one that waits in the kernel hangs no later command, and these work once it is done" {
	local node batch to
	vdpactl dev add mgmtdev vdpasim_net mac 52:54:00:00:00:01 name cd-1 name cd-2
	hold cd-1
	node=$(node_of cd-1)
	cd "$BATS_TEST_TMPDIR"
	mkfifo lines
	strace -qq -o trace -P "$node" -e trace=openat -e inject=openat:retval=0 vdpactl -k -f lines >said 2>&1 3>&- &
	batch=$!
	exec {to}>lines
	printf 'dev del cd-1\ncheck\nvm start --kernel k --vdpa device=cd-2\ndev show cd-2\n' >&$to
	vdpa_wait_until grep -q "dev show: an earlier deletion still waits in the kernel" said
	# Nor those of other processes, which could not even be killed then.
	run -1 timeout 60 vdpactl dev show cd-2
	assert_output --partial "an earlier deletion still waits in the kernel"
	kill "$holder"
	wait "$holder" || true
	holder=
	vdpa_wait_until deleter_ended
	echo 'dev show cd-2 --json' >&$to
	exec {to}>&-
	wait $batch || true
	run -0 cat said
	assert_output --partial "the kernel has not finished the deletion within 10000 ms"
	assert_output --partial '"cd-2":{'
	assert_not_exist /sys/bus/vdpa/devices/cd-1
}

@test "del: while listings run" {
	for i in 1 2 3 4 5 6; do vdpactl dev add name "cd-$i" mgmtdev vdpasim_net mac 52:54:00:00:00:01; done >/dev/null
	(for _ in $(seq 15); do vdpactl dev show --detail >/dev/null || echo "listing failed"; done) >"$BATS_TEST_TMPDIR/listings" 2>&1 3>&- &
	list=$!
	run -0 vdpactl dev del cd-1 cd-2 cd-3 cd-4 cd-5 cd-6
	run -0 timeout 180 tail --pid="$list" -f /dev/null
	refute grep -q failed "$BATS_TEST_TMPDIR/listings"
}

@test "del: what is not there" {
	run -1 vdpactl dev del cd-none
	assert_output --partial "no vDPA device 'cd-none'"
	run -0 --separate-stderr vdpactl dev del cd-none if-exists --json
	assert_equal "$(gojq .dev[].changed <<<"$output")" false
}

@test "a network device without an address is told, by add on a terminal and by check" {
	run -0 script -qec 'vdpactl dev add name cd-a mgmtdev vdpasim_blk name cd-n mgmtdev vdpasim_net' /dev/null
	assert_line --partial "cd-n has no MAC address"
	refute_output --partial "cd-a has no"
	run -0 --separate-stderr vdpactl check --only devices --json
	assert_equal "$(gojq -c '[.findings[] | select(.status == "warn") | [.subject, .command]]' <<<"$output")" \
		'[["cd-n","vdpactl dev set name cd-n mac MAC"]]'
	vdpactl dev set name cd-n mac 52:54:00:00:00:01
	run -0 --separate-stderr vdpactl check --only devices --json
	assert_equal "$(gojq '[.findings[] | select(.status != "ok")] | length' <<<"$output")" 0
}

@test "unload: a module whose device is open is refused at once" {
	vdpactl dev add name cd-n mgmtdev vdpasim_net mac 52:54:00:00:00:01
	hold cd-n
	run -1 timeout 180 vdpactl module unload vdpa_sim_net
	assert_output --partial "$holder"
	run -0 timeout 180 vdpactl dev show
	# The other simulator has no part in it.
	run -0 timeout 180 vdpactl module unload vdpa_sim_blk
	vdpactl module load vdpa_sim_blk
}

@test "bind: to the host and back" {
	vdpactl dev add name cd-a mgmtdev vdpasim_blk
	vdpactl module load virtio_vdpa
	run -0 vdpactl dev bind cd-a virtio_vdpa
	run -1 vdpactl dev inspect cd-a
	assert_output --partial virtio_vdpa
	run -0 vdpactl dev bind cd-a vhost_vdpa
	run -0 vdpactl dev inspect cd-a
	# Where the new driver does not get it, the old one has it again.
	run -1 strace -qqo /dev/null -P /sys/bus/vdpa/drivers_probe -e trace=write \
		-e inject=write:error=ENODEV:when=1 vdpactl dev bind cd-a virtio_vdpa
	run -0 vdpactl dev inspect cd-a
	run -0 cat /sys/bus/vdpa/devices/cd-a/driver_override
	assert_output vhost_vdpa
	run -0 vdpactl dev bind cd-a none
	run -0 --separate-stderr vdpactl dev show cd-a --json
	assert_equal "$(gojq '.dev["cd-a"] | has("driver")' <<<"$output")" false
}

@test "set: address of a network device only, owner and mode of any" {
	vdpactl dev add name cd-a mgmtdev vdpasim_blk name cd-n mgmtdev vdpasim_net mac 52:54:00:12:34:56
	run -0 vdpactl dev set name cd-n mac 52:54:00:12:34:57 name cd-a owner nobody mode 640
	assert_equal "$(vdpactl dev config cd-n --json | gojq -r '.config["cd-n"].mac')" 52:54:00:12:34:57
	assert_equal "$(stat -c '%U %a' "$(node_of cd-a)")" "nobody 640"
	run -1 vdpactl dev set name cd-a mac 52:54:00:12:34:57
	assert_output --partial "only a network device has a MAC address"
}

@test "stats: before a driver has come" {
	vdpactl dev add name cd-n mgmtdev vdpasim_net mac 52:54:00:12:34:56
	run -1 vdpactl dev stats cd-n
	assert_output --partial "before a driver has negotiated features"
	run -1 vdpactl dev vstats show cd-n qidx 1
}

@test "not root: looking is allowed, changing is refused with the reason" {
	vdpactl dev add name cd-a mgmtdev vdpasim_blk
	run -0 setpriv --reuid 65534 --clear-groups vdpactl dev show
	assert_output --partial cd-a
	run -1 setpriv --reuid 65534 --clear-groups vdpactl dev add name cd-b mgmtdev vdpasim_blk
	run -1 setpriv --reuid 65534 --clear-groups vdpactl dev del cd-a
	run -1 setpriv --reuid 65534 --clear-groups vdpactl dev inspect cd-a
}

@test "another network namespace: said, not guessed" {
	run -1 unshare -n vdpactl dev show
	assert_output --partial "initial network namespace"
}

@test "a batch of a hundred devices, and back" {
	for i in $(seq 100); do echo "dev add name cd-$i mgmtdev vdpasim_net mac 52:54:00:00:00:01"; done >"$BATS_TEST_TMPDIR/add"
	for i in $(seq 100); do echo "dev del cd-$i"; done >"$BATS_TEST_TMPDIR/del"
	run -0 vdpactl -f "$BATS_TEST_TMPDIR/add"
	assert_equal "$(vdpactl dev show --json | gojq '[.dev | keys[] | select(startswith("cd-"))] | length')" 100
	run -0 vdpactl -f "$BATS_TEST_TMPDIR/del"
	assert_equal "$(vdpactl dev show --json | gojq '[.dev | keys[] | select(startswith("cd-"))] | length')" 0
}

@test "monitor: events as they happen" {
	vdpactl monitor --count 2 --json >"$BATS_TEST_TMPDIR/events" 3>&- &
	pid=$!
	# Its socket is open once the kernel lists it.
	until grep -q " $pid " /proc/net/netlink; do sleep 0.05; done
	vdpactl dev add name cd-a mgmtdev vdpasim_blk
	wait "$pid"
	assert_equal "$(gojq -s -r 'map(.event + " " + .device) | join(",")' "$BATS_TEST_TMPDIR/events")" \
		"add cd-a,bind cd-a"
}

@test "topology: tree, graph and JSON" {
	vdpactl dev add name cd-a mgmtdev vdpasim_blk
	hold cd-a
	run -0 vdpactl topology
	assert_line --regexp "cd-a ─ vhost_vdpa ─ /dev/vhost-vdpa-[0-9]+ ─ PID $holder \(sleep\)"
	run -0 vdpactl topology --dot
	assert_line --partial '"vdpasim_blk" -> "cd-a"'
	vdpactl topology --json | gojq -e '.topology.vdpasim_blk["cd-a"].holder'
}

@test "completion knows the devices there are" {
	vdpactl dev add name cd-a mgmtdev vdpasim_blk
	run -0 vdpactl __complete dev del cd
	assert_output "$(printf 'cd-a\tvdpasim_blk')"
	run -0 vdpactl __complete vm start --vdpa device=cd
	assert_line --partial device=cd-a
	run -0 vdpactl __complete dev add mgmtdev vdpasim_b
	assert_line --partial vdpasim_blk
}

@test "check: one thing wanting at a time" {
	vdpactl dev add name cd-a mgmtdev vdpasim_blk
	vm=(--kernel "$LAB_STOCK_BZIMAGE" --memory size=64M,hugepages=on --vdpa device=cd-a)
	run -3 vdpactl check "${vm[@]}"
	assert_line --regexp '^fail +hugepages'
	run -3 vdpactl check "${vm[@]}" --fix --dry-run
	run -2 vdpactl check "${vm[@]}" --fix </dev/null
	assert_output --partial "--yes"
	run -0 vdpactl check "${vm[@]}" --fix --yes
	assert_equal "$(vdpactl check "${vm[@]}" --json | gojq -r '[.findings[] | select(.status == "fail")] | length')" 0
	hold cd-a
	run -3 vdpactl check "${vm[@]}"
	assert_line --regexp "^fail .*PID $holder \(sleep\)"
	chmod 600 /dev/kvm
	run -3 vdpactl check "${vm[@]}" --user nobody
	assert_line --regexp '^fail +access +.*user nobody cannot open /dev/vhost-vdpa-'
	assert_line --regexp '^fail +access +/dev/kvm +user nobody cannot open it'
	run -1 vdpactl vm start "${vm[@]}" --user nobody
	assert_output --partial "user nobody cannot open /dev/vhost-vdpa-"
	vdpactl hugepages release 64M
}

# at_once WORD: six commands at the same time, each of one page.
at_once() {
	local i pid pids=()
	for i in {1..6}; do
		vdpactl hugepages "$1" 2M page 2M 3>&- &
		pids+=($!)
	done
	for pid in "${pids[@]}"; do wait "$pid" || return; done
}

@test "hugepages: of changes at the same time each counts" {
	echo 1 >/proc/sys/vm/nr_hugepages
	run -0 at_once reserve
	assert_equal "$(cat /proc/sys/vm/nr_hugepages)" 7
	run -0 at_once release
	assert_equal "$(cat /proc/sys/vm/nr_hugepages)" 1
	echo 0 >/proc/sys/vm/nr_hugepages
}

@test "apply: a profile waits for who is writing profiles" {
	cd "$BATS_TEST_TMPDIR" || return 1
	mkdir -p /etc/vdpactl/profiles
	printf '[payload]\nkernel = k\n' >source.ini
	printf '[profile "cd-p"]\nsource = %s/source.ini\n' "$PWD" >host.ini
	exec 7</etc/vdpactl/profiles
	flock 7
	vdpactl apply host.ini 3>&- 7>&- &
	sleep 3
	assert_not_exist /etc/vdpactl/profiles/cd-p.ini
	exec 7>&-
	wait "$!"
	run -0 cmp source.ini /etc/vdpactl/profiles/cd-p.ini
	rm /etc/vdpactl/profiles/cd-p.ini
}

@test "apply: creates, adjusts, is idempotent, prunes; save gives it back" {
	cat >"$BATS_TEST_TMPDIR/host.ini" <<-TEXT
		[module "vdpa_sim_blk"]
		[hugepages "2M"]
		pages = 4
		[memlock "nobody"]
		limit = unlimited
		[memlock "daemon"]
		limit = 1000
		[device "cd-a"]
		mgmtdev = vdpasim_blk
		owner = nobody
		mode = 660
		[device "cd-n"]
		mgmtdev = vdpasim_net
		mac = 52:54:00:12:34:56
	TEXT
	run -0 --separate-stderr vdpactl apply "$BATS_TEST_TMPDIR/host.ini" --dry-run --json
	assert_equal "$(gojq -r '.changes | map(.change + .name) | join(" ")' <<<"$output")" "~2M ~nobody ~daemon +cd-a ~cd-a +cd-n"
	run -1 vdpactl dev show cd-a
	# What was said is what is done.
	said=$(vdpactl apply "$BATS_TEST_TMPDIR/host.ini" --dry-run)
	run -0 vdpactl apply "$BATS_TEST_TMPDIR/host.ini"
	assert_output "$said"
	assert_equal "$(stat -c '%U %a' "$(node_of cd-a)")" "nobody 660"
	assert_equal "$(cat /proc/sys/vm/nr_hugepages)" 4
	run -0 cat /etc/security/limits.d/90-vdpactl.conf
	assert_line "nobody - memlock unlimited"
	run -0 vdpactl apply "$BATS_TEST_TMPDIR/host.ini"
	assert_output "nothing to change"
	vdpactl dev set name cd-a owner root name cd-n mac 52:54:00:12:34:57
	run -0 --separate-stderr vdpactl apply "$BATS_TEST_TMPDIR/host.ini" --json
	assert_equal "$(gojq -r '.changes | map(.change + .name) | join(" ")' <<<"$output")" "~cd-a ~cd-n"
	vdpactl dev add name cd-x mgmtdev vdpasim_blk
	echo '; as it was' >"$BATS_TEST_TMPDIR/saved.ini"
	run -0 vdpactl save "$BATS_TEST_TMPDIR/saved.ini"
	assert_output "$BATS_TEST_TMPDIR/saved.ini (what it was: $BATS_TEST_TMPDIR/saved.ini.old)"
	run -0 cat "$BATS_TEST_TMPDIR/saved.ini.old"
	assert_output '; as it was'
	run -0 vdpactl apply "$BATS_TEST_TMPDIR/host.ini" --prune
	assert_line --regexp '^- +device +cd-x'
	run -0 vdpactl apply "$BATS_TEST_TMPDIR/saved.ini"
	assert_line --regexp '^[+] +device +cd-x'
	sed -i 's/vdpasim_blk/vdpasim_net/' "$BATS_TEST_TMPDIR/host.ini"
	run -1 vdpactl apply "$BATS_TEST_TMPDIR/host.ini"
	assert_output --partial "exists with another management device"
	rm /etc/security/limits.d/90-vdpactl.conf
	echo 0 >/proc/sys/vm/nr_hugepages
}

@test "apply: a new device that another driver has taken is bound, and then has its node" {
	printf '[device "cd-a"]\nmgmtdev = vdpasim_net\nmac = 52:54:00:12:34:56\ndriver = vhost_vdpa\nowner = nobody\nmode = 600\n' \
		>"$BATS_TEST_TMPDIR/host.ini"
	vdpactl module unload vhost_vdpa
	vdpactl module load virtio_vdpa vhost_vdpa
	run -0 timeout 60 vdpactl apply "$BATS_TEST_TMPDIR/host.ini"
	assert_line --regexp '^~ +device +cd-a +driver vhost_vdpa'
	assert_equal "$(stat -c '%U %a' "$(node_of cd-a)")" "nobody 600"
	run -0 vdpactl apply "$BATS_TEST_TMPDIR/host.ini"
	assert_output "nothing to change"
	vdpactl dev del cd-a
	vdpactl module unload virtio_vdpa
}

# What udev would run for the device of that name, with a group that there is.
bound_by_rule() {
	# shellcheck disable=SC2016 # $$ of the rule
	sed -n "s/.*RUN+=.*sh -c '\(.*\)'.*/\1/p" examples/udev/70-vdpactl.rules |
		sed -e 's/\$\$/$/g' -e 's/%%/%/g' -e "s:%p:/devices/$1:" -e 's/chgrp kvm/chgrp daemon/' | sh
}

@test "the udev rule gives a group what is root's alone, and no other device" {
	vdpactl dev add mgmtdev vdpasim_net mac 52:54:00:00:00:01 name cd-a name cd-b owner nobody mode 600 name cd-n mode 640
	for name in cd-a cd-b cd-n; do run -0 bound_by_rule "$name"; done
	assert_equal "$(stat -c '%U:%G %a' "$(node_of cd-a)")" "root:daemon 660"
	assert_equal "$(stat -c '%U:%G %a' "$(node_of cd-b)")" "nobody:root 600"
	assert_equal "$(stat -c '%U:%G %a' "$(node_of cd-n)")" "root:root 640"
}

@test "module: a parameter of another one, and devices that would be lost, are refused" {
	vdpactl module unload vdpa_sim_blk vdpa_sim_net vdpa_sim
	run -1 vdpactl module load vdpa_sim_blk use_va=0
	assert_output --partial "it is one of vdpa_sim: 'vdpactl module load vdpa_sim use_va=0 vdpa_sim_blk'"
	# Nothing of a line is loaded that cannot be.
	run -1 vdpactl module load vdpa_sim use_va=0 no_such_module
	assert_output --partial "does not bring module no_such_module"
	assert_equal "$(vdpactl module show vdpa_sim --json | gojq -r .module.vdpa_sim.state)" available
	run -0 vdpactl __complete module load vdpa_sim use
	assert_line --regexp '^use_va='
	run -0 vdpactl module load vdpa_sim use_va=0 vdpa_sim_blk shared_backend=1 vdpa_sim_net
	run -1 vdpactl module load vdpa_sim use_va=1
	assert_output --partial "is loaded with use_va=N, not 1"
	vdpactl dev add name cd-a mgmtdev vdpasim_blk
	run -1 vdpactl module unload vdpa_sim_blk
	assert_output --partial "'vdpactl dev del cd-a'"
	run -0 vdpactl dev show cd-a
	run -0 vdpactl module unload vdpa_sim_net
	vdpactl module load vdpa_sim_net
}

@test "what this host uses itself is not taken from it" {
	local disk interface
	vdpactl dev add name cd-a mgmtdev vdpasim_blk
	vdpactl dev add name cd-n mgmtdev vdpasim_net mac 52:54:00:00:00:01
	vdpactl module load virtio_vdpa
	modprobe -a virtio_blk virtio_net
	vdpactl dev bind cd-a virtio_vdpa
	vdpactl dev bind cd-n virtio_vdpa
	vdpa_wait_until compgen -G '/sys/bus/vdpa/devices/cd-a/virtio*/block/*' >/dev/null
	vdpa_wait_until compgen -G '/sys/bus/vdpa/devices/cd-n/virtio*/net/*' >/dev/null
	disk=$(basename /sys/bus/vdpa/devices/cd-a/virtio*/block/*)
	interface=$(basename /sys/bus/vdpa/devices/cd-n/virtio*/net/*)
	vdpa_wait_until test -b "/dev/$disk"
	mkswap "/dev/$disk"
	swapon "/dev/$disk"
	ip link set "$interface" up
	run -1 vdpactl dev bind cd-a vhost_vdpa
	assert_output --partial "vDPA device 'cd-a' is this host's disk '/dev/$disk', which is in use"
	run -1 vdpactl dev del cd-n
	assert_output --partial "vDPA device 'cd-n' is this host's interface '$interface', which is up"
	# Whether they are meant for VMs is not for 'check' to say.
	run -0 vdpactl check --only devices --fix --yes
	assert_output --partial "bound to virtio_vdpa: this host uses it"
	run -0 vdpactl dev show cd-a --json
	assert_equal "$(gojq -r '.dev["cd-a"].driver' <<<"$output")" virtio_vdpa
	swapoff "/dev/$disk"
	ip link set "$interface" down
	run -0 vdpactl dev bind cd-a vhost_vdpa
	run -0 vdpactl dev del cd-n
}

# The simulators pin memory since the test before.
@test "check --fix: each remedy, now and lasting, one after another" {
	vdpactl dev add name cd-a mgmtdev vdpasim_blk
	vdpactl dev bind cd-a none
	vm=(--kernel "$LAB_STOCK_BZIMAGE" --memory size=64M,hugepages=on --vdpa device=cd-a --user daemon)
	run -3 vdpactl check "${vm[@]}" --fix --dry-run
	assert_line "bind cd-a to vhost_vdpa (undo: vdpactl dev bind cd-a none)"
	assert_not_exist /etc/security/limits.d/90-vdpactl.conf
	run -0 --separate-stderr vdpactl dev show cd-a --json
	assert_equal "$(gojq '.dev["cd-a"] | has("driver")' <<<"$output")" false
	# What needs the device bound is found once it is.
	run vdpactl check "${vm[@]}" --fix --yes
	assert_line --regexp '^done: give /dev/vhost-vdpa-[0-9]+ to daemon, mode 660 [(]undo: chown 0:0 '
	assert_line --partial "limits.d/90-vdpactl.conf: daemon - memlock 66560 (undo: remove that line)"
	assert_line --regexp '^done: reserve 64M of hugepages of 2M [(]undo: vdpactl hugepages release 64M page 2M[)]$'
	assert_equal "$(stat -c '%U %a' "$(node_of cd-a)")" "daemon 660"
	run -0 grep -c 'KERNEL=="cd-a"' /etc/udev/rules.d/80-vdpactl.rules
	run -0 cat /etc/sysctl.d/60-vdpactl.conf
	assert_line "vm.nr_hugepages = 32"
	assert_equal "$(cat /proc/sys/vm/nr_hugepages)" 32
	for check in access memlock hugepages devices; do
		vdpactl check "${vm[@]}" --only "$check" --json |
			gojq -e '[.findings[] | select(.fixable)] | length == 0'
	done
	# A larger guest: the old line is told as what undoing puts back.
	run vdpactl check "${vm[@]/size=64M/size=128M}" --only memlock --fix --yes
	assert_line --partial "memlock 132096 (undo: put back: daemon - memlock 66560)"

	# A service has the limit that systemd gives it.
	mkdir -p /etc/systemd/system
	printf '[Service]\nExecStart=/bin/true\n' >/etc/systemd/system/cd-vm.service
	run -3 vdpactl check "${vm[@]}" --unit cd-vm --only memlock
	assert_output --partial "the limit is 8M"
	run -0 vdpactl check "${vm[@]}" --unit cd-vm --only memlock --fix --yes
	run -0 cat /etc/systemd/system/cd-vm.service.d/50-vdpactl.conf
	assert_line "[Service]"
	assert_line "LimitMEMLOCK=68157440"
	run -1 vdpactl check --unit cd-none

	vdpactl hugepages release 64M
	vdpactl dev del cd-a
	vdpactl module unload vdpa_sim_blk vdpa_sim_net vdpa_sim
	vdpactl module load vdpa_sim_blk vdpa_sim_net
}

@test "the shell: a command reads no answers to what completion asked before it" {
	vdpa_device cd-a vdpasim_blk
	cd "$BATS_TEST_TMPDIR"
	mkfifo keys
	timeout 120 script -qec vdpactl /dev/null <keys >screen 3>&- &
	exec 4>keys
	printf 'dev show cd-\t' >&4
	vdpa_wait_until grep -q 'dev show cd-a' screen
	printf '\025monitor\n' >&4
	two() { [ "$(pgrep -xc vdpactl)" = 2 ]; }
	vdpa_wait_until two
	sockets() { find "/proc/$1/fd" -lname 'socket:*' -printf '%l\n' | sort; }
	run -0 sockets "$(pgrep -ox vdpactl)"
	assert_output # one at least
	run -0 comm -12 <(echo "$output") <(sockets "$(pgrep -nx vdpactl)")
	refute_output
	printf '\003\nexit\n' >&4
	exec 4>&-
	wait $!
}
