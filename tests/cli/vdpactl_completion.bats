#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# The completion shims in the real shells.
bats_require_minimum_version 1.5.0

setup() {
	load ../asserts
	PATH=$BATS_TEST_DIRNAME/../../build/${CONFIG:-release}/bin:$PATH
	export HOME=$BATS_TEST_TMPDIR XDG_CONFIG_HOME=$BATS_TEST_TMPDIR/config TMUX_TMPDIR=$BATS_TEST_TMPDIR
	unset TMUX
	cd "$BATS_TEST_DIRNAME/../.." || return 1
	vdpactl profile create blk-demo --kernel vmlinux
}

teardown() {
	local socket
	for socket in "$BATS_TEST_TMPDIR"/tmux-*/*; do
		tmux -S "$socket" kill-server 2>/dev/null || true
	done
}

# What bash would offer for a line.
in_bash() {
	bash --norc -c '
		source completions/vdpactl.bash
		COMP_LINE=$1 COMP_POINT=${#1}
		_vdpactl
		printf "%s\n" "${COMPREPLY[@]}"' bash "$1"
}

# typed_in_bash KEYS: what the line is after Tab, in a bash on a terminal; `library` is sourced first.
typed_in_bash() {
	# A server for each line: one that is told to end still takes the next session for a moment.
	local i tmux=(tmux -L "$BASHPID" -f /dev/null)
	printf '%s\n' "$library" "PATH=$PATH; cd $BATS_TEST_TMPDIR" \
		"source $PWD/completions/vdpactl.bash" "PS1='> '" >"$BATS_TEST_TMPDIR/bashrc"
	# As words, tmux starts it itself: the shell it would go through is one of $SHELL or of the user, who may have none.
	"${tmux[@]}" new-session -d -x 150 timeout --foreground 60 \
		bash --noprofile --rcfile "$BATS_TEST_TMPDIR/bashrc" 3>&-
	for ((i = 0; i < 100; i++)); do
		! "${tmux[@]}" capture-pane -p | grep -q '^>' || break
		sleep 0.1
	done
	"${tmux[@]}" send-keys -l -- "$1"
	"${tmux[@]}" send-keys Tab
	# It is taken when Tab is done; where it stands tells whether a blank follows.
	"${tmux[@]}" send-keys -l '|'
	for ((i = 0; i < 100; i++)); do
		! "${tmux[@]}" capture-pane -p | grep -q '^>.*|' || break
		sleep 0.1
	done
	"${tmux[@]}" capture-pane -p | grep '^>' | tail -n 1
	"${tmux[@]}" kill-server
}

in_fish() {
	fish --no-config -c "source completions/vdpactl.fish; complete -C '$1'"
}

in_zsh() {
	zsh -f tests/cli/complete.zsh "$1" "$BATS_TEST_TMPDIR/zsh.out"
}

@test "a mode that needs a path is offered as its key" {
	run -0 vdpactl __complete vm start --console ''
	assert_line --regexp '^tty	'
	assert_line --regexp '^file=	'
	refute_line --regexp '^(file|socket)	'
	# A profile has the mode by itself.
	run -0 vdpactl __complete profile set blk-demo console.mode=
	assert_line --regexp '^(console.mode=)?file	'
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

@test "bash: through folders and names with blanks, with its library of completions and without" {
	local library
	mkdir -p "$BATS_TEST_TMPDIR/files/my folder"
	touch "$BATS_TEST_TMPDIR/files/my folder/one two"
	for library in "" "source /usr/share/bash-completion/bash_completion"; do
		[ -z "$library" ] || [ -e "${library#source }" ] || continue
		assert_equal "$(typed_in_bash 'vdpactl apply fil')" '> vdpactl apply files/|'
		assert_equal "$(typed_in_bash 'vdpactl apply files/m')" '> vdpactl apply files/my\ folder/|'
		assert_equal "$(typed_in_bash 'vdpactl apply files/my\ folder/o')" \
			'> vdpactl apply files/my\ folder/one\ two |'
		assert_equal "$(typed_in_bash 'vdpactl apply "files/my fo')" '> vdpactl apply "files/my folder"/|'
		assert_equal "$(typed_in_bash 'vdpactl apply "files/my folder"/o')" \
			'> vdpactl apply files/my\ folder/one\ two |'
		assert_equal "$(typed_in_bash 'vdpactl vm start --disk path=fil')" \
			'> vdpactl vm start --disk path=files/|'
		assert_equal "$(typed_in_bash 'vdpa-vmm --disk readonly=on,path=files/my\ folder/o')" \
			'> vdpa-vmm --disk readonly=on,path=files/my\ folder/one\ two |'
		assert_equal "$(typed_in_bash 'vdpactl dev bind x vho')" '> vdpactl dev bind x vhost_vdpa |'
		assert_equal "$(typed_in_bash 'vdpactl vm start --memory size=1G,hugepages=of')" \
			'> vdpactl vm start --memory size=1G,hugepages=off |'
	done
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
