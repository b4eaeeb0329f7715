#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# seconds: 900
# A thousand devices, and names that the kernel allows and nobody expects: each is in every listing, once, and goes.
bats_require_minimum_version 1.5.0

setup() {
	load ../asserts
	[ "${IN_LAB:-}" = 1 ] || skip "runs in the lab (tests/lab/run)"
	cd "$BATS_TEST_TMPDIR" || return 1
	# what the shell and this suite count is bytes and lines
	export LC_ALL=C.UTF-8
}

teardown() {
	local name
	[ -z "${monitor:-}" ] || kill "$monitor" 2>/dev/null || true
	for name in "${names[@]}"; do vdpa -- dev del "$name" 2>/dev/null || true; done
	seq -f 'dev del f-%04.0f if-exists' 1000 >left
	[ ! -e /sys/bus/vdpa/devices/f-1000 ] || vdpactl -k -f left >/dev/null || true
}

# monitor --json into the file `events`, listening when this returns.
listen() {
	vdpactl monitor --json >events 3>&- &
	monitor=$!
	until grep -q " $monitor " /proc/net/netlink; do sleep 0.05; done
}

@test "a thousand devices: listed, watched, saved and deleted, each of them" {
	local took=$SECONDS
	names=()
	seq -f 'dev add name f-%04.0f mgmtdev vdpasim_net mac 52:54:00:00:00:01' 1000 >add
	seq -f 'f-%04.0f' 1000 >wanted
	listen
	vdpactl -f add >added
	assert_equal "$(grep -c created added)" 1000
	echo "# added after $((SECONDS - took)) s" >&3
	vdpactl dev show >shown
	grep -o '^f-[0-9]*' shown | sort | diff wanted -
	vdpactl dev show --json >shown
	gojq -r '.dev | keys[]' shown | diff wanted -
	assert_equal "$(gojq '[.dev[].node] | unique | length' shown)" 1000
	vdpactl dev show --detail --json | gojq -r '.dev | keys[]' | diff wanted -
	vdpactl dev config --json | gojq -r '.config | keys[]' | diff wanted -
	vdpactl topology | grep -o 'f-[0-9]* ─ vhost_vdpa' | cut -d ' ' -f 1 | sort | diff wanted -
	vdpactl topology --json | gojq -r '.topology.vdpasim_net | keys[]' | diff wanted -
	vdpactl __complete dev del f- | cut -f 1 | sort | diff wanted -
	vdpactl save saved.ini
	sed -n 's/^\[device "\(f-.*\)"\]$/\1/p' saved.ini | sort | diff wanted -
	run -0 vdpactl apply saved.ini --dry-run
	assert_output "nothing to change"
	echo "# listed after $((SECONDS - took)) s" >&3
	mapfile -t names <wanted
	vdpactl dev del "${names[@]}" >deleted
	assert_equal "$(grep -c deleted deleted)" 1000
	assert_equal "$(vdpactl dev show --json)" '{"dev":{}}'
	echo "# deleted after $((SECONDS - took)) s" >&3
	# added, bound, unbound, removed: every event of every device, one a line
	until [ "$(grep -c '"remove"' events)" -ge 1000 ]; do sleep 0.1; done
	for event in add bind unbind remove; do
		gojq -r --arg e $event 'select(.event == $e) | .device' events | sort | diff wanted -
	done
	assert_equal "$(wc -l <events)" 4000
	names=()
}

# What JSON calls a name: as it is, but for bytes that are no UTF-8.
json_name() { # NAME
	case $1 in
	$'f-\xff\xfe') printf %s 'f-\xff\xfe' ;;
	$'f-\xff\xfd') printf %s 'f-\xff\xfd' ;;
	$'f-\xc3') printf %s 'f-\xc3' ;;
	*) printf %s "$1" ;;
	esac
}

long() { # BYTES
	local more
	printf -v more '%*s' $(($1 - 2 - ${#1})) ''
	printf 'f-%s%s' "$1" "${more// /x}"
}

# Not by a pattern: the name may look like one.
node_of() { (cd "/sys/bus/vdpa/devices/$1" && printf '/dev/%s\n' vhost-vdpa-*); }

change() { # NAME
	run -0 vdpactl dev set mode 640 name "$1"
	assert_equal "$(stat -c %a "$(node_of "$1")")" 640
	run -0 vdpactl dev inspect -- "$1"
	run -0 vdpactl dev bind -- "$1" none
	run -0 vdpactl dev bind -- "$1" vhost_vdpa
}

@test "names of every kind: each comes back from every listing, and is deleted by it" {
	local name n listing cut longest
	cut=$(long 256) longest=$(long 3900)
	# shellcheck disable=SC1003,SC2016 # as they are
	names=($'f-new\nline' $'f-tab\ttab' 'f-ümläut' 'f-日本' $'f-\xff\xfe' $'f-\xff\xfd' $'f-\xc3' 'f- blank  ' 'f-"quote\' "f-'q"
		$'f-\e[31m' $'f-\x7f' $'f-\xc2\x9b1m' $'f-\xe2\x80\xae' 'f-%s%n' 'f-$(id)' 'f-;#' -x --json if-exists '*' '~'
		"$(long 64)" "$(long 255)" "$cut" "$(long 1000)" "$(long 1900)" "$longest")
	listen
	for name in "${names[@]}"; do
		vdpa -- dev add name "$name" mgmtdev vdpasim_net
	done
	n=${#names[@]}
	for name in "${names[@]}"; do json_name "$name" | gojq -Rs .; done | gojq -s -c sort >wanted
	assert_equal "$(gojq 'unique | length' wanted)" "$n"

	for listing in "dev show" "dev show --detail" "dev config"; do
		# shellcheck disable=SC2086 # words
		vdpactl $listing --json >shown
		gojq -c '.[] | keys' shown | diff wanted -
	done
	vdpactl topology --json | gojq -c '.topology.vdpasim_net | keys' | diff wanted -
	# each has its node, by whatever name
	vdpactl dev show --json | gojq -e '[.dev[] | select(.node and .driver == "vhost_vdpa")] | length == '"$n"
	vdpactl dev show --detail --json | gojq -e '[.dev[] | select(.node and .mode == "0600")] | length == '"$n"
	vdpactl topology --json | gojq -e '[.topology.vdpasim_net[] | select(.node)] | length == '"$n"

	# one line each, and nothing in it that moves a cursor
	vdpactl dev show >shown
	assert_equal "$(wc -l <shown)" $((n + 1))
	vdpactl topology >shown.2
	assert_equal "$(grep -c '─ /dev/vhost-vdpa-' shown.2)" "$n"
	vdpactl topology --dot >shown.3
	assert_equal "$(grep -c ' -> "/dev/vhost-vdpa-' shown.3)" "$n"
	vdpactl save >shown.4
	# the one that 'dev add' would take too
	assert_equal "$(grep '\[device' shown.4)" '[device "if-exists"]'
	run -0 vdpactl apply shown.4 --dry-run
	vdpactl __complete dev del '' >shown.5
	assert_equal "$(wc -l <shown.5)" "$n"
	cat shown shown.[2345] >all
	refute grep -qP '[\x00-\x08\x0b-\x1f\x7f]|\xc2[\x80-\x9f]|\x{202e}' all

	# looked at and deleted by name, and some changed
	for name in "${names[@]}"; do
		vdpactl --json dev show -- "$name" >shown
		assert_equal "$(gojq -r '.dev | to_entries[] | .key, .value.node' shown)" "$(json_name "$name")"$'\n'"$(node_of "$name")"
		case $name in
		*$'\n'* | *$'\xfe'* | -x | "$cut" | "$longest") change "$name" ;;
		esac
		run -0 vdpactl dev del -- "$name"
		assert_line --index 1 --regexp ' deleted$'
	done
	assert_equal "$(vdpactl dev show --json)" '{"dev":{}}'

	# the kernel itself has no event of the longest one
	gojq -cR fromjson events >again
	assert_equal "$(wc -l <again)" "$(wc -l <events)"
	gojq -s -c '[.[] | select(.event == "add") | .device] | sort' events >seen
	diff <(gojq -c 'map(select(length < 1990))' wanted) seen
	names=()
}
