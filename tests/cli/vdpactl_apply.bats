#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# Host files: what may stand in them, said with the line. Nothing is changed here.
bats_require_minimum_version 1.5.0

setup() {
	load ../asserts
	PATH=$BATS_TEST_DIRNAME/../../build/${CONFIG:-release}/bin:$PATH
	file=$BATS_TEST_TMPDIR/host.ini
	cd "$BATS_TEST_DIRNAME/../.." || return 1
}

# refused TEXT MESSAGE: the text is refused with the message.
refused() {
	printf '%b' "$1" >"$file"
	run -1 vdpactl apply "$file" --dry-run
	assert_output --partial "$2"
}

@test "the example can be read" {
	# shellcheck disable=SC2016 # gojq's variable
	run -0 --separate-stderr sh -c 'grep -v -e kvm -e "^\[hugepages" -e "^pages" -e "^\[module" examples/host.ini | vdpactl apply - --dry-run --json'
	assert_equal "$(gojq -r '.changes | map(select(.kind == "device")) | .[0].name // "there"' <<<"$output")" vdpa-blk1
}

@test "an empty file changes nothing" {
	: >"$file"
	run -0 vdpactl apply "$file"
	assert_output "nothing to change"
}

@test "a byte order mark is no key" {
	local device='[device "a"]\n'
	refused "\\xef\\xbb\\xbf${device}mtu = 67\n" "$file:2: mtu: '67'"
	printf '\xef\xbb\xbf# nothing\n' >"$file"
	run -0 vdpactl apply "$file"
	assert_output "nothing to change"
}

@test "wrong files are refused with the line" {
	refused '[device "a"]\nmgmtdev = m\nmac = 1:2\n' "$file:3: mac: '1:2'"
	refused '[device "a"]\nmgmtdev = m\nmtu = 67\n' "$file:3: mtu: '67'"
	refused '[device "a"]\nmgmtdev = m\nmode = 777\n' "$file:3: mode:"
	refused '[device "a"]\nmgmtdev = m\nowner = nonesuch-user\n' "$file:3: owner: there is no user"
	refused '[device "a"]\nmgmtdev = m\ndriver = vhost-vdpa\n' "$file:3: driver: 'vhost-vdpa' is none of"
	refused '[device "a"]\nmgmtdev = m\nsize = 1\n' "$file:3: unknown key 'size'"
	refused '[device "a"]\nmgmtdev = m\nmgmtdev = n\n' "$file:3: 'mgmtdev' is given twice"
	refused '[device "a"]\nmgmtdev = m\n[device "a"]\nmgmtdev = m\n' "$file:3: device 'a' is given at line 1 already"
	refused '[device "a"]\n\n' "$file:1: 'mgmtdev' is missing"
	refused '[device "a b"]\nmgmtdev = m\n' "$file:1: "
	refused '[device]\nmgmtdev = m\n' "$file:1: section 'device' needs a name"
	refused '[divice "a"]\n' "$file:1: unknown section 'divice'"
	refused '[memlock "root"]\nlimit = 1KM\n' "$file:2: limit: '1KM'"
	refused '[hugepages "3X"]\npages = 1\n' "$file:1: '3X'"
	refused '[hugepages "2M"]\npages = 1\n[hugepages "2048K"]\npages = 2\n' "$file:3: line 1 sets pages of that size already"
	refused '[hugepages "2M"]\nnode = 0\npages = 1\n[hugepages "2M"]\nnode = 00\npages = 2\n' "$file:4: line 1"
	refused '[hugepages "2M"]\nnode = 0\npages = 1\n[hugepages "2M"]\npages = 2\n' "$file:4: line 1"
	refused 'mgmtdev = m\n' "$file:1: 'mgmtdev' stands before the first section"
	refused 'rubbish\n' "$file:1: neither [section"
	refused '[profile "p"]\nsource = /nonesuch\n' "/nonesuch"
	run -1 vdpactl apply "$BATS_TEST_TMPDIR/nonesuch"
	assert_output --partial "cannot open"
	printf '[device "a"]\nmgmtdev = m\0\n' >"$file"
	run -1 vdpactl apply "$file"
	assert_output --partial "control characters"
}

@test "a module that this kernel does not bring is told before anything is changed" {
	refused '[module "nonesuch_module"]\n' "$file:1: this kernel does not bring module nonesuch_module"
	run -1 vdpactl apply "$file"
	assert_output --partial "$file:1: this kernel does not bring module"
}

@test "a source that is no profile is told before anything is changed" {
	refused '[profile "p"]\nsource = /etc/passwd\n' "$file:1: '/etc/passwd' is no profile: /etc/passwd:1: 'root' stands before"
	printf '[memory]\nsise = 1G\n' >"$BATS_TEST_TMPDIR/source"
	refused "[profile \"p\"]\nsource = $BATS_TEST_TMPDIR/source\n" "is no profile: $BATS_TEST_TMPDIR/source:2: unknown option: sise (did"
	: >"$BATS_TEST_TMPDIR/source"
	refused "[profile \"p\"]\nsource = $BATS_TEST_TMPDIR/source\n" "$file:1: '$BATS_TEST_TMPDIR/source' is no profile: it has no section"
	run -1 vdpactl apply "$file"
	assert_output --partial "is no profile"
	printf '[payload]\nkernel = k\n' >"$BATS_TEST_TMPDIR/source"
	run -0 vdpactl apply "$file" --dry-run
	assert_output --partial "/etc/vdpactl/profiles/p.ini"
}

@test "sections for several nodes stand side by side" {
	printf '[hugepages "2M"]\nnode = 900\npages = 1\n[hugepages "2M"]\nnode = 901\npages = 2\n' >"$file"
	run -1 vdpactl apply "$file" --dry-run
	assert_output --partial "$file:1: this host has no pool of 2M pages on node 900"
}

@test "hugepages that the host has no memory for are told before anything is changed" {
	[ -d /sys/kernel/mm/hugepages/hugepages-2048kB ] || skip "no hugepages of 2M"
	printf '[hugepages "2M"]\npages = 4294967295\n' >"$file"
	run -1 vdpactl apply "$file" --dry-run
	assert_output --regexp 'more hugepages of 2M need [0-9]+ MiB of memory, [0-9]+ MiB are available'
}

@test "the manual has every key, and no other" {
	run -0 diff <(awk '/^\.SS \[/ { split($2, a, "["); kind = a[2] } /^\.TP/ { head = 1; next } head { head = 0; if (kind) print kind, $2 } /^\.SH EX/ { exit }' man/vdpactl-host.5 | sort) \
		<(sed -nE 's/.*\{ ?HOST_([A-Z]+), "([a-z_]+)".*/\L\1\E \2/p' vdpactl/apply/host_keys.c | sort)
}

@test "a section is named by any name that a device can have" {
	local name
	printf -v name 'd%062d' 0
	refused "[device \"$name\"]\nmtu = 67\n" "$file:2: mtu: '67'"
	refused "[device \"${name}0\"]\nmtu = 67\n" "$file:1: "
	refute_output --partial mtu
	refused "[device \"$name$name\"]\n" "is not a section head"
}

@test "what save writes, apply takes" {
	run -0 vdpactl save "$file"
	run -0 cmp "$file" <(vdpactl save)
	run -0 vdpactl apply "$file" --dry-run
}

@test "save leaves a FIFO a FIFO" {
	mkfifo "$BATS_TEST_TMPDIR/fifo"
	run -1 vdpactl save "$BATS_TEST_TMPDIR/fifo"
	assert_output --partial "fifo' is there and is no ordinary file"
	[ -p "$BATS_TEST_TMPDIR/fifo" ]
}

@test "save keeps what a file was, and leaves one whose devices it cannot tell" {
	[ ! -d /sys/bus/vdpa ] || skip "this host has the module vdpa"
	cp examples/host.ini "$file"
	run -1 vdpactl save "$file"
	assert_output --partial "'$file' is left as it is: the kernel has no netlink family 'vdpa'"
	run -0 cmp examples/host.ini "$file"
	: >"$file"
	run -0 vdpactl save "$file"
	assert_output "$file"
	assert_not_exist "$file.old"
}
