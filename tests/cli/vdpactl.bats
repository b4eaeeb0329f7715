#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# vdpactl's engine: parsing, help, errors, JSON, command files. No privileges, no devices.
bats_require_minimum_version 1.5.0

setup() {
	load ../asserts
	PATH=$BATS_TEST_DIRNAME/../../build/${CONFIG:-release}/bin:$PATH
	export HOME=$BATS_TEST_TMPDIR XDG_CONFIG_HOME=$BATS_TEST_TMPDIR/config XDG_RUNTIME_DIR=$BATS_TEST_TMPDIR/run
	unset XDG_STATE_HOME
	mkdir "$XDG_RUNTIME_DIR"
}

@test "help lists every command and goes to standard output" {
	run -0 --separate-stderr vdpactl help
	assert_line --partial "dev add"
	assert_line --partial "profile import"
	assert_equal "$stderr" ""
	run -0 vdpactl --help
	assert_line --partial "dev add"
}

@test "help of a command is the same in its three forms" {
	help=$(vdpactl help dev add)
	assert_equal "$(vdpactl dev add --help)" "$help"
	assert_equal "$(vdpactl --help dev add)" "$help"
	run -0 vdpactl dev add -h
	assert_line --partial "mgmtdev HANDLE"
	assert_line --partial "if-missing  "
}

@test "help of a group lists its commands only" {
	run -0 vdpactl limits help
	group=$output
	run -0 vdpactl help limits
	assert_output "$group"
	assert_line --partial "limits show"
	refute_line --partial "dev add"
}

@test "help of what there is not in a group" {
	for help in 'help dev nosuch' 'dev nosuch --help'; do
		# shellcheck disable=SC2086 # words
		run -2 vdpactl $help
		assert_output --partial "no command 'dev nosuch'"
		refute_output --partial "dev add"
	done
	run -2 vdpactl help devv
	assert_output --partial "did you mean 'dev'?"
}

@test "help has a JSON form" {
	run -0 --separate-stderr sh -c "vdpactl help dev show --json | gojq -r .command"
	assert_output "dev show"
}

@test "a group alone is its listing" {
	local group
	for group in module=show limits=show hugepages=show profile=list vm=list; do
		run -0 vdpactl "${group%=*}" --json
		assert_equal "$output" "$(vdpactl "${group%=*}" "${group#*=}" --json)"
		run -0 vdpactl "${group%=*}" --help
		assert_line --partial "'vdpactl ${group%=*}' alone is 'vdpactl ${group%=*} ${group#*=}'."
	done
	# As iproute2 has it.
	for group in mgmtdev dev; do
		run -1 vdpactl "$group"
		assert_output --partial "vdpactl: $group show: "
	done
}

@test "misuse is exit status 2, with what was meant" {
	run -2 vdpactl dev ad
	assert_output --partial "did you mean 'dev add'?"
	run -2 vdpactl devv
	assert_output --partial "no command 'devv'"
	local line
	for line in 'dv show=dev show' 'profle show x=profile show' 'v list=vm list' 'devv=dev' \
		'hugepage show=hugepages show' 'vm strat x=vm start' 'dev lst=dev list' 'chekc=check'; do
		# shellcheck disable=SC2086 # words
		run -2 vdpactl ${line%=*}
		assert_output --partial "(did you mean '${line#*=}'?)"
	done
	run -2 vdpactl dev foo
	assert_output --partial "(see 'vdpactl dev --help')"
	run -2 vdpactl dev show --detial
	assert_output --partial "did you mean '--detail'?"
	run -2 vdpactl dev add nmae x
	assert_output --partial "did you mean 'name'?"
	run -2 vdpactl dev add name
	assert_output --partial "'name' needs a value: NAME"
	run -2 vdpactl dev add name x
	assert_output --partial "'mgmtdev HANDLE' is missing"
	run -2 vdpactl dev add name x mgmtdev m mgmtdev n
	assert_output --partial "'mgmtdev' is given twice"
	run -2 vdpactl dev del
	assert_output --partial "DEVICE is missing"
	run -2 vdpactl dev bind x nonesuch
	assert_output --partial "'nonesuch' is none of vhost_vdpa, virtio_vdpa, none"
	run -2 vdpactl dev show --detail=1
	assert_output --partial "takes no value"
	run -2 vdpactl version now
	assert_output --partial "unexpected word 'now'"
	run -2 vdpactl dev set eth9 mode 660
	assert_output --partial "unexpected word 'eth9' (did you mean 'name eth9'?)"
	run -2 vdpactl --nonesuch
	run -2 vdpactl -f
	assert_output --partial "needs a value"
	run -2 vdpactl -f x version
	assert_output --partial "stands beside a command file"
}

@test "wrong options of a VM are misuse, wrong profiles are not" {
	local options
	for options in '--kernel x --memory size=100T' '--kernel x --cpus boot=0' '--kernel x --disk path=x,y=z' \
		'--vdpa foo' '--kernel x --net tap=x' '--kernel x --cpus boot=2,max=1'; do
		# shellcheck disable=SC2086 # words
		run -2 vdpactl check $options
		# shellcheck disable=SC2086 # words
		run -2 vdpactl vm start --dry-run $options
	done
	printf '[cpus]\nboot = 2\nmax = 1\n' >"$BATS_TEST_TMPDIR/p.ini"
	run -1 vdpactl check "$BATS_TEST_TMPDIR/p.ini"
	assert_output --partial "p.ini:3: "
}

@test "empty words are misuse" {
	for command in 'vm stop' 'vm info' 'dev del' 'module show' help; do
		# shellcheck disable=SC2086 # words
		run -2 vdpactl $command ''
		assert_output --partial "an empty word is no value"
	done
}

@test "every device of a command must be whole" {
	run -2 vdpactl dev add name a name b mgmtdev m
	assert_output --partial "'mgmtdev HANDLE' is missing"
}

@test "values are checked before anything is done" {
	run -2 vdpactl dev add name x mgmtdev m mac 1:2:3
	assert_output --partial "mac: '1:2:3'"
	run -2 vdpactl dev add name x mgmtdev m mac 00:00:00:00:00:00
	run -2 vdpactl dev add name x mgmtdev m mtu 67
	assert_output --partial "mtu: '67' is out of range (68 to 65535)"
	run -2 vdpactl dev add name x mgmtdev m mtu 65536
	run -2 vdpactl dev add name x mgmtdev m mtu abc
	run -2 vdpactl dev add name x mgmtdev m max_vqp 0
	run -2 vdpactl dev add name x mgmtdev m mode 778
	assert_output --partial "octal"
	run -2 vdpactl dev add name x mgmtdev m mode 777
	run -2 vdpactl dev add name x mgmtdev m mode 66
	assert_output --partial "'66' is no mode: three octal digits"
	run -1 vdpactl dev add name x mgmtdev m owner nonesuch-user
	assert_output --partial "there is no user 'nonesuch-user'"
	run -1 vdpactl dev add name x mgmtdev m owner root:nonesuch-group
	run -2 vdpactl dev add name x mgmtdev m owner root:
	for name in . .. -x 'a b' a/b "$(printf 'a\nb')" "$(printf 'x%.0s' {1..64})" é; do
		run -2 vdpactl dev add name "$name" mgmtdev m
		assert_output --partial "name"
	done
	run -2 vdpactl hugepages reserve 1KM
	run -2 vdpactl limits show vms 2
	assert_output --partial "'memory SIZE' is missing"
	run -2 vdpactl check --dry-run
	assert_output --partial "needs --fix"
	run -2 vdpactl dev set name x
	assert_output --partial "nothing to set"
}

@test "errors go to standard error in text and to standard output in JSON" {
	run -2 --separate-stderr vdpactl dev add name x
	assert_equal "$output" ""
	assert_regex "$stderr" "^vdpactl: dev add: "
	run -2 --separate-stderr vdpactl --json dev add name x
	assert_equal "$stderr" ""
	assert_equal "$(gojq -r .error.code <<<"$output")" usage
	assert_regex "$(gojq -r .error.hint <<<"$output")" "^usage: vdpactl dev add "
	assert_equal "$(gojq -r '.error | keys | join(" ")' <<<"$output")" "code hint message"
}

@test "foreign bytes are escaped in both forms" {
	run -2 --separate-stderr vdpactl "$(printf 'a\033[31mb\377')"
	assert_regex "$stderr" 'a\\x1b\[31mb\\xff'
	run -2 --separate-stderr vdpactl --json "$(printf 'a\033"\\\377\n')"
	assert_equal "$(gojq -r .error.message <<<"$output")" "no command '$(printf 'a\033"\\\\xff')'"
}

@test "--json, --pretty and their short forms stand anywhere" {
	for form in "--json version" "version --json" "-j version" "version -jp" "-p -j version"; do
		# shellcheck disable=SC2086 # words
		run -0 vdpactl $form
		assert_equal "$(gojq -r 'keys | join(" ")' <<<"$output")" version
	done
	run -0 vdpactl version --json --pretty
	assert_line --index 1 --regexp '^    "version": '
}

@test "a command file stops at the first error with file and line" {
	printf '# comment\n\nversion # more\nnonesuch\nversion\n' >"$BATS_TEST_TMPDIR/batch"
	run -2 --separate-stderr vdpactl -f "$BATS_TEST_TMPDIR/batch"
	assert_equal "${#lines[@]}" 1
	assert_equal "$stderr" "vdpactl: $BATS_TEST_TMPDIR/batch:4: no command 'nonesuch' (see 'vdpactl help')"
	run -2 --separate-stderr vdpactl --keep-going -f "$BATS_TEST_TMPDIR/batch"
	assert_equal "${#lines[@]}" 2
}

@test "a NUL byte in a command file cuts no line short" {
	printf 'version\nversion \\\n # \0more\nversion\n' >"$BATS_TEST_TMPDIR/batch"
	run -1 --separate-stderr vdpactl -f "$BATS_TEST_TMPDIR/batch"
	assert_equal "${#lines[@]}" 1
	assert_equal "$stderr" "vdpactl: $BATS_TEST_TMPDIR/batch:3: control character 0x00"
	run -1 --separate-stderr vdpactl --keep-going -f "$BATS_TEST_TMPDIR/batch"
	assert_equal "${#lines[@]}" 2
}

@test "a command file with the line ends of another system" {
	printf 'version \\\r\n --json\r\nversion\r\n' >"$BATS_TEST_TMPDIR/batch"
	run -0 vdpactl -f "$BATS_TEST_TMPDIR/batch"
	assert_equal "${#lines[@]}" 2
	assert_line --index 0 --partial '{"version"'
}

@test "an error of a command file in JSON has file and line" {
	printf '\nnonesuch\n!false\nversion "x\n' >"$BATS_TEST_TMPDIR/batch"
	run -2 --separate-stderr vdpactl --json -k -f "$BATS_TEST_TMPDIR/batch"
	assert_equal "$(gojq -r '.error | "\(.file) \(.line)"' <<<"$output")" \
		"$(printf "$BATS_TEST_TMPDIR/batch %d\n" 2 3 4)"
}

@test "a command file on standard input gives one JSON document a line" {
	run -2 --separate-stderr sh -c 'printf "# c\nversion\n\nversion \"x\nversion\n" | vdpactl --json --keep-going -f -'
	assert_equal "$(gojq -s -r 'map(keys[0]) | join(" ")' <<<"$output")" "version error version"
	run -0 sh -c 'printf "version\nexit\nnonesuch\n" | vdpactl'
	assert_line --index 0 --partial vdpactl
}

@test "a line may begin with the program's name" {
	run -0 sh -c "printf 'vdpactl version\nvdpactl --json version\nvdpactl exit\nnonesuch\n' | vdpactl"
	assert_equal "${#lines[@]}" 2
	assert_line --index 1 --regexp '^\{"version"'
}

@test "quotes, backslashes and comments" {
	run -2 sh -c "printf 'version \"a b\"\\n' | vdpactl"
	assert_output --partial "unexpected word 'a b'"
	run -2 sh -c "printf '%s\n' 'version '\\''a\\b'\\'' ' | vdpactl"
	assert_output --partial "unexpected word 'a\\b'"
	run -2 sh -c "printf '%s\n' 'version a\\ b#c' | vdpactl"
	assert_output --partial "unexpected word 'a b#c'"
	run -2 sh -c "printf '%s\n' 'version \"a' | vdpactl"
	assert_output --partial 'a " quote is not closed'
}

@test "a line may run another program" {
	run -0 sh -c "printf '!echo from the shell\n' | vdpactl"
	assert_output "from the shell"
	run -1 sh -c "printf 'version\n!exit 3\nversion\n' | vdpactl"
	assert_line --index 1 "vdpactl: -:2: the command ended with status 3"
	assert_equal "${#lines[@]}" 2
}

@test "a command file that is not there" {
	run -1 vdpactl -f "$BATS_TEST_TMPDIR/nonesuch"
	assert_output --partial "cannot open"
}

@test "words must be whole in scripts" {
	run -2 vdpactl d sh
}

@test "hugepages of a size that is not there" {
	run -1 vdpactl hugepages show page 3M
	assert_output --partial "there is no pool of pages of 3M size"
}

@test "output that cannot be written is a failure" {
	for command in help 'check --kernel /nonesuch --only images --json' 'vm ping nonesuch --json'; do
		run -1 sh -c "vdpactl $command >/dev/full"
		assert_output --partial "No space left"
	done
	run -2 sh -c 'vdpactl --json nonesuch >/dev/full'
	assert_output --partial "No space left"
}

@test "a missing netlink family is one clear message" {
	[ ! -e /sys/bus/vdpa ] || skip "this host has vDPA"
	run -1 vdpactl dev show
	assert_output --partial "no netlink family 'vdpa'"
	assert_output --partial "vdpactl module load"
}

@test "a check that finds something wanting is exit status 3" {
	run -3 --separate-stderr vdpactl check --kernel /nonesuch --only images --json
	assert_equal "$(gojq -r '.findings[0].status' <<<"$output")" fail
	assert_equal "$(gojq -r '.findings[0] | has("remedy")' <<<"$output")" true
}

@test "a VM to check needs no kernel" {
	printf '[memory]\nsize = 1G\n' >"$BATS_TEST_TMPDIR/p.ini"
	local vm
	for vm in '--vdpa device=vdpa-blk1 --disk path=/nonesuch' '--disk path=/nonesuch' "$BATS_TEST_TMPDIR/p.ini --json"; do
		# shellcheck disable=SC2086 # words
		run vdpactl check $vm --only images
		refute_output --partial "kernel"
		[ "$status" = 3 ] || [[ $vm = *ini* && $status = 0 ]] || fail "$status: $output"
	done
	run -2 vdpactl vm start --vdpa device=vdpa-blk1
	assert_output --partial "'--vdpa' needs a kernel to boot (give --kernel PATH"
}

@test "a check with nothing to look at says so" {
	for check in images iotlb; do
		run -0 vdpactl check --only "$check"
		assert_line --regexp "^ok +$check +none +nothing to check without a VM$"
		run -0 --separate-stderr vdpactl check --only "$check" --json
		assert_equal "$(gojq -c '.findings | map([.status, .check, .text])' <<<"$output")" \
			"[[\"ok\",\"$check\",\"nothing to check without a VM\"]]"
	done
	run -0 vdpactl check --vdpa device=vdpa-blk1 --only images
	assert_line --regexp "^ok +images +none +nothing of this VM to check$"
}

@test "check --fix tells what there is, whether or not it can mend it" {
	# No program mends these.
	run -3 vdpactl check --kernel /nonesuch --only images --fix --yes
	assert_line --partial "/nonesuch"
	assert_line "nothing here can be mended by --fix"
	local check=(check --memory size=64M,hugepages=on --only hugepages)
	[ "$(vdpactl "${check[@]}" --json | gojq '.findings[0].fixable')" = true ] || skip "enough hugepages, or no memory for them"
	run -2 --separate-stderr vdpactl "${check[@]}" --fix </dev/null
	assert_line --regexp "^fail +hugepages "
	assert_equal "$stderr" "vdpactl: check: --fix needs --yes where nobody can be asked"
	run -2 vdpactl "${check[@]}" --fix --json
	assert_equal "$(gojq -r .error.code <<<"$output")" usage
}

@test "which checks there are is said where one is asked for" {
	# One list in the refusal, in the help, in completion and in the manual.
	names=$(vdpactl __complete check --only '' | cut -f1 | paste -sd ' ')
	run -0 vdpactl __complete check --only netl
	assert_output $'netlink\tthe generic netlink family \'vdpa\' answers'
	run -2 vdpactl check --only nonesuch
	assert_output --partial "'nonesuch' is none of ${names// /, }"
	run -0 vdpactl help check
	assert_output --partial "run this one check: ${names// /, }"
	cd "$BATS_TEST_DIRNAME/../.."
	assert_equal "$(sed -n '/^Run this one check:/,/^\.TP/s/^\.BR \([a-z]*\).*/\1/p' man/vdpactl-check.8 | paste -sd ' ')" "$names"
}

@test "a VM that cannot run is refused with the remedy, and nothing is left" {
	run -1 vdpactl vm start --kernel /nonesuch --name bats-none
	assert_output --partial "/nonesuch"
	assert_not_exist "$XDG_RUNTIME_DIR/vdpactl/bats-none"
	assert_not_exist /run/vdpactl/bats-none
	assert_line --regexp "all of it: 'vdpactl check' with the same options\)\$"
	printf '[payload]\nkernel = /nonesuch\n' >"$BATS_TEST_TMPDIR/none.ini"
	run -1 vdpactl vm start "$BATS_TEST_TMPDIR/none.ini" --user "$(id -un)"
	assert_output --partial "all of it: 'vdpactl check $BATS_TEST_TMPDIR/none.ini --user $(id -un)'"
	run -2 vdpactl vm start
	run -2 vdpactl vm start x --kernel y
	assert_output --partial "cannot go together"
	run -2 vdpactl vm start --kernel x --cpus boot=0
	run -1 vdpactl vm console nonesuch
	assert_output --partial "no VM 'nonesuch' is running"
	run -2 vdpactl vm start --kernel x --nonesuch
	assert_output --partial "unknown option '--nonesuch'"
}

@test "what was not running is waited for without a failure, and not called ended" {
	run -0 vdpactl vm wait nonesuch
	assert_line --regexp '^nonesuch +was not running$'
	run -0 vdpactl vm wait nonesuch --json
	run -0 gojq .vm.nonesuch.changed <<<"$output"
	assert_output false
}

@test "without the module no device is there, which if-exists takes" {
	[ ! -d /sys/bus/vdpa ] || skip "this host has the module vdpa"
	run -0 vdpactl dev del a b if-exists
	assert_line --regexp '^b +was not there$'
	run -0 vdpactl dev show a if-exists
	assert_output ""
	run -1 vdpactl dev del a
	run -1 vdpactl dev show a
}

@test "one command file" {
	echo version >"$BATS_TEST_TMPDIR/one"
	run -2 vdpactl -f "$BATS_TEST_TMPDIR/one" --file="$BATS_TEST_TMPDIR/one"
	assert_output --partial "a command file is given twice"
}

@test "vm start --dry-run prints the command line and starts nothing" {
	run -0 vdpactl vm start --dry-run --no-check --name d1 --kernel 'a b' --memory size=1G --console off
	assert_output --partial "--kernel 'a b'"
	assert_output --partial "--memory size=1G"
	assert_output --partial "/d1/api.sock"
	run -0 vdpactl vm start --dry-run --no-check --detach --name d1 --kernel k
	assert_output --partial "--console socket="
}
