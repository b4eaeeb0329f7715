#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# The completion shims in the real shells.
bats_require_minimum_version 1.5.0

setup() {
	load ../asserts
	PATH=$BATS_TEST_DIRNAME/../../build/${CONFIG:-release}/bin:$PATH
	export HOME=$BATS_TEST_TMPDIR XDG_CONFIG_HOME=$BATS_TEST_TMPDIR/config
	cd "$BATS_TEST_DIRNAME/../.." || return 1
	vdpactl profile create blk-demo --kernel vmlinux
}

# What bash would offer for a line, with its words broken at '=' as readline does.
in_bash() {
	bash --norc -c '
		source completions/vdpactl.bash
		COMP_LINE=$1 COMP_POINT=${#1}
		mapfile -t COMP_WORDS < <(grep -oE "[^ =:]+|[=:]+" <<<"$1")
		[[ $1 == *" " ]] && COMP_WORDS+=("")
		COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
		_vdpactl
		printf "%s\n" "${COMPREPLY[@]}"' bash "$1"
}

in_fish() {
	fish --no-config -c "source completions/vdpactl.fish; complete -C '$1'"
}

in_zsh() {
	zsh -f tests/cli/complete.zsh "$1" "$BATS_TEST_TMPDIR/zsh.out"
}

@test "bash" {
	run -0 in_bash "vdpactl dev a"
	assert_output add
	run -0 in_bash "vdpactl vm start bl"
	assert_output blk-demo
	run -0 in_bash "vdpactl vm start --memory size=1G,hugepages=o"
	assert_line on
	assert_line off
	run -0 in_bash "vdpactl vm start --disk path=/etc/passw"
	assert_line --partial passwd
	run -0 in_bash "vdpactl -f /etc/passw"
	assert_line /etc/passwd
	run -0 in_bash "vdpa-vmm --api-s"
	assert_output --api-socket
	run -0 in_bash "vdpa-vmm --kernel vmlinux --memory size=1G,hugepages=o"
	assert_line on
	run -0 in_bash "vdpa-vmm --det"
	assert_output ""
}

@test "fish" {
	command -v fish >/dev/null || skip "no fish"
	run -0 in_fish "vdpactl dev a"
	assert_output --regexp '^add	'
	run -0 in_fish "vdpactl vm start bl"
	assert_output --regexp '^blk-demo	'
	run -0 in_fish "vdpactl vm start --memory size=1G,hugepages=of"
	assert_output "size=1G,hugepages=off"
	run -0 in_fish "vdpactl vm start --disk path=/etc/passw"
	assert_line "path=/etc/passwd"
	run -0 in_fish "vdpa-vmm --api-s"
	assert_output --regexp '^--api-socket	'
	run -0 in_fish "vdpa-vmm --memory size=1G,hugepages=of"
	assert_output "size=1G,hugepages=off"
}

@test "zsh" {
	command -v zsh >/dev/null || skip "no zsh"
	run -0 in_zsh "vdpactl dev in"
	assert_output --partial "<vdpactl dev inspect"
	run -0 in_zsh "vdpactl vm start --memory size=1G,hugepages=of"
	assert_output --partial "hugepages=off"
	run -0 in_zsh "vdpa-vmm --api-s"
	assert_output "<vdpa-vmm --api-socket >"
}

@test "behind the options that every command takes" {
	local option
	for option in -j -p -jp --json --pretty; do
		run -0 vdpactl __complete "$option" dev a
		assert_output --regexp '^add	'
		run -0 vdpactl __complete dev "$option" a
		assert_output --regexp '^add	'
		run -0 vdpactl __complete dev bind x "$option" vho
		assert_output --regexp '^vhost_vdpa	'
	done
}

@test "the program carries the shims" {
	run -0 diff completions/vdpactl.bash <(vdpactl completion bash)
	run -0 diff completions/_vdpactl <(vdpactl completion zsh)
	run -0 diff completions/vdpactl.fish <(vdpactl completion fish)
}
