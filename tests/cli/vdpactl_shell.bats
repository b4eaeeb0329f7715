#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# The interactive shell on a terminal: keys go in through tmux, what the screen shows is looked at.
bats_require_minimum_version 1.5.0

setup() {
	load ../asserts
	PATH=$BATS_TEST_DIRNAME/../../build/${CONFIG:-release}/bin:$PATH
	export HOME=$BATS_TEST_TMPDIR SHELL=/bin/sh TERM=xterm XDG_RUNTIME_DIR=$BATS_TEST_TMPDIR/run
	unset XDG_CONFIG_HOME XDG_STATE_HOME NO_COLOR
	mkdir "$XDG_RUNTIME_DIR"
	TMUX_TMPDIR=$BATS_TEST_TMPDIR
	export TMUX_TMPDIR
	unset TMUX
	cd "$HOME" || return 1
	t -f /dev/null new-session -d -x 90 -y 40 "exec timeout --foreground 120 sh -i"
	t set-option -g default-terminal xterm
}

teardown() { t kill-server 2>/dev/null || true; }

t() { tmux -L shell "$@" 3>&-; }

keys() { t send-keys "$@"; }

screen() { t capture-pane -p -S -; }

# until_seen REGEX: waits until a line of the screen matches.
until_seen() {
	local i
	for ((i = 0; i < 100; i++)); do
		! screen | grep -qE -- "$1" || return 0
		sleep 0.1
	done
	echo "never seen: $1"
	screen
	return 1
}

# From here on only what comes now counts.
clear_screen() {
	keys C-l
	sleep 0.2
	t clear-history
}

start() {
	keys "clear; vdpactl" Enter
	until_seen "'help' lists the commands"
	clear_screen
}

# What is typed while the terminal changes hands may be lost.
leave() {
	keys "${1:-exit}" Enter
	until_seen '^[#$]$'
}

@test "prompt: says what is wrong; colour only where it is wanted" {
	start
	if [ ! -e /sys/bus/vdpa ]; then
		run -0 screen
		assert_line 'vdpactl (vdpa not loaded)>'
		run -0 t capture-pane -pe
		assert_output --partial $'\e[33m(vdpa not loaded)'
		leave
		keys 'clear; NO_COLOR=1 vdpactl' Enter
		until_seen 'not loaded\)>'
		run -0 t capture-pane -pe
		refute_output --partial $'\e[33m'
	fi
}

@test "Tab: commands, arguments, values, names, files, with their help" {
	start
	keys 'hel' Tab Tab
	until_seen '> help$|> help $'
	keys C-u 'dev ' Tab Tab
	until_seen '^  inspect +Read a vDPA device'
	keys 'add ' Tab Tab
	until_seen '^  mgmtdev +management device'
	# What does not fit the screen is cut, not wrapped.
	run -0 screen
	assert_line --regexp '^  name .*\.\.\.$'
	keys C-u 'dev bind x vho' Tab
	until_seen '> dev bind x vhost_vdpa'
	keys C-u 'dev add mtu ' Tab
	until_seen '^  MTU: .*68'
	keys C-u 'profile create demo --kernel vmlinux' Enter
	until_seen 'profiles/demo.ini'
	# One Tab lists where there is nothing to add.
	keys C-u 'module load vdpa_sim_' Tab
	until_seen '^  vdpa_sim_blk +simulated disks'
	keys C-u 'vm start de' Tab
	until_seen '> vm start demo'
	keys C-u 'profile set demo memory.hugepages=' Tab Tab Tab
	until_seen '^  memory.hugepages=off'
	keys C-u 'profile unset demo ' Tab
	until_seen '> profile unset demo payload.kernel'
	touch "$HOME/disk one.raw"
	keys C-u 'vm start --disk path=dis' Tab
	until_seen '--disk path=disk'
	keys C-u 'check --user roo' Tab
	until_seen '> check --user root'
	# Where nothing completes, it is said what is expected.
	keys C-u 'profile copy demo ' Tab
	until_seen '^  [A-Z]+: '
}

@test "Tab: names with blanks, in quotes and bare; folders; the home folder" {
	touch "$HOME/disk one.raw"
	mkdir -p "$HOME/my folder"
	touch "$HOME/my folder/host #1.ini"
	start
	keys 'apply my' Tab
	until_seen '> apply my\\ folder/$'
	keys 'h' Tab
	until_seen '> apply my\\ folder/host\\ #1.ini$'
	keys Enter
	until_seen '^nothing to change$'
	keys 'apply "my' Tab
	until_seen '> apply "my folder/$'
	keys 'h' Tab
	until_seen '> apply "my folder/host #1.ini"$'
	keys C-u "vm start --disk path='disk o" Tab
	until_seen "path='disk one.raw'\$"
	keys C-u 'vm start --disk path=di' Tab
	until_seen 'path=disk\\ one.raw$'
	keys C-u 'vm start --disk path=~/di' Tab
	until_seen "path=$HOME/disk"
	clear_screen
	keys C-u 'apply ~/"my f' Tab
	until_seen '> apply ~/"my folder/$'
	clear_screen
	keys C-u 'apply ~/my\ folder/host\ #1.ini' Enter
	until_seen '^nothing to change$'
	keys '!ls my' Tab
	until_seen '> !ls my'
}

@test "Tab: no keyword in the place of an operand, what is expected beside what there is" {
	[ ! -e /sys/bus/vdpa ] || skip "this host has vDPA"
	start
	keys 'dev del ' Tab
	until_seen '^  DEVICE: '
	keys C-u 'hugepages reserve ' Tab
	until_seen '^  AMOUNT: memory'
	keys C-u 'dev bind x ' Tab
	until_seen '^  DRIVER: '
	until_seen '^  virtio_vdpa'
	run -0 screen
	refute_output --partial if-exists
	refute_output --partial 'NUMA node'
}

@test "profile create asks, Tab completes files, and a path that leads nowhere is told" {
	touch "$HOME/vmlinux"
	start
	keys 'profile create asked' Enter
	until_seen '^Kernel .*: *$'
	keys C-c
	until_seen '\^C$'
	keys version Enter
	until_seen '^vdpactl 0\.'
	keys 'profile create asked' Enter
	until_seen '^Kernel .*: *$'
	keys 'vml' Tab
	until_seen '^Kernel .*: vmlinux'
	keys Enter none Enter
	until_seen "^there is no '$HOME/none' yet"
	keys Enter Enter many Enter
	until_seen "^'many'"
	keys 64M Enter off Enter Enter Enter
	until_seen 'profiles/asked.ini'
	run -0 cat "$HOME/.config/vdpactl/profiles/asked.ini"
	assert_line "kernel = $HOME/vmlinux"
	assert_line "size = 64M"
	refute_output --partial "[disk]"
}

@test "question mark: help in place; a letter inside a word" {
	start
	keys 'module ' '?'
	until_seen '^  unload +Unload kernel modules'
	# One candidate too, which Tab would insert.
	keys C-u 'limits ' '?'
	until_seen '^  show +.*limit'
	keys C-u 'version a?' Enter
	until_seen "unexpected word 'a\?'"
}

@test "beginnings of words will do, unless they may mean two" {
	start
	keys 'vers' Enter
	until_seen '^vdpactl 0\.'
	keys 'v st' Enter
	until_seen "'st' may mean 'vm start' or 'vm stop'"
	keys 'vdpactl prof exp' Tab
	until_seen '> vdpactl prof export$'
	keys C-u 'prof' Enter
	until_seen '^\(none\)'
	keys 'prof exprt' Enter
	until_seen "no command 'profile exprt' \(did you mean 'profile export'\?\)"
	keys 'hugep res' Tab
	until_seen '> hugep reserve$'
	keys C-u 'prof ' Tab
	until_seen '^  export +[A-Z]'
	keys C-u 'help prof exp' Tab
	until_seen '> help prof export$'
}

@test "an empty list is said to be one, but not by a command that failed" {
	start
	keys 'vm list' Enter
	until_seen '^\(none\)$'
	clear_screen
	keys 'vm stop nonesuch' Enter
	until_seen "no VM 'nonesuch' is running"
	run -0 screen
	refute_line '(none)'
}

@test "check --fix: asks, with the answer behind the question, and No changes nothing" {
	[ "$EUID" -eq 0 ] || skip "root's remedies are asked for"
	# More than is free, and not more than the host has memory for.
	local size
	size=$(vdpactl hugepages show --json |
		gojq '.hugepages[] | select(.default and (has("node") | not)) | .available_bytes + ([.page_size, 67108864] | max)')
	start
	keys "check --fix --only hugepages --kernel k --memory size=$size,hugepages=on" Enter
	until_seen '^reserve .*[(]undo: vdpactl hugepages release'
	until_seen '^Do this\? \[y/N\]$'
	keys n Enter
	until_seen '^Do this\? \[y/N\] n$'
	until_seen 'nothing was changed'
}

@test "Ctrl-C: drops a line, ends a command, never the shell" {
	start
	# What the shell has not read yet the terminal forgets by itself.
	keys 'dev sho'
	until_seen '> dev sho$'
	keys C-c
	until_seen 'dev sho\^C'
	keys 'version \' Enter
	until_seen '^>'
	keys C-c
	keys '!sleep 300' Enter
	sleep 0.5
	keys C-c
	sleep 0.2
	keys version Enter
	until_seen '^vdpactl 0\.'
	run -0 screen
	# The prompt begins a line of its own.
	refute_output --regexp '\^Cvdpactl'
}

@test "Ctrl-C: nothing of a line over two rows stays behind the prompt" {
	start
	keys "vers$(printf '%.0sx' {1..120})end"
	until_seen 'xend$'
	keys C-a
	sleep 0.3
	keys C-c
	until_seen '\^C'
	until_seen '> *$'
	keys version
	until_seen '> version$'
}

@test "Ctrl-Z: to the shell outside and back to the same line" {
	start
	keys vers
	until_seen '> vers$'
	clear_screen
	keys C-z
	until_seen '[Ss]topped|[Ss]uspended'
	keys 'clear; fg' Enter
	until_seen '> vers$'
	keys ion Enter
	until_seen '^vdpactl 0\.'
}

@test "a command over several lines, and several commands pasted" {
	start
	keys 'version \' Enter '  --json' Enter
	until_seen '^\{"version":"0\.'
	printf 'history\nhelp \\\n  version --json\n' | t load-buffer -
	t paste-buffer -p
	keys Enter
	until_seen '^\{"command":"version"'
	run -0 screen
	assert_line LINE
}

@test "Ctrl-D ends the shell, exit too; the window may change its size" {
	start
	t resize-window -x 60 -y 40
	keys 'help dev add' Enter
	until_seen '^Example: '
	run -0 screen
	# Help is broken between words.
	assert_line '  name NAME             name of the new device; given again'
	assert_line '                        it begins another device, and what'
	clear_screen
	keys 'version' Enter
	until_seen '^vdpactl 0\.'
	clear_screen
	keys C-d
	until_seen '^[#$]$'
	keys 'echo outside $?' Enter
	until_seen '^outside 0'
}

@test "history: over runs, for its owner only, found by the arrow key" {
	start
	keys 'version --json' Enter
	until_seen '^\{"version'
	leave 'vdpactl exit'
	assert_equal "$(stat -c %a "$HOME/.local/state/vdpactl/history")" 600
	chmod 644 "$HOME/.local/state/vdpactl/history"
	start
	keys Up Up Enter
	until_seen '^\{"version'
	keys 'hist' Enter
	until_seen '^version --json$'
	assert_equal "$(stat -c %a "$HOME/.local/state/vdpactl/history")" 600
}

@test "start-up file: run first, its errors with file and line, and no end of the shell" {
	mkdir -p "$HOME/.config/vdpactl"
	printf '# mine\nnonesuch\nversion --json\n' >"$HOME/.config/vdpactl/vdpactlrc"
	keys 'vdpactl' Enter
	until_seen 'vdpactlrc:2: no command'
	until_seen '^\{"version'
	until_seen "'help' lists"
}

@test "start-up file: Ctrl-C ends the command that runs, and no more" {
	mkdir -p "$HOME/.config/vdpactl"
	printf 'monitor\nversion --json\n' >"$HOME/.config/vdpactl/vdpactlrc"
	keys 'vdpactl' Enter
	sleep 1
	keys C-c
	until_seen '^\{"version'
	until_seen "'help' lists"
	until_seen '> *$'
	keys 'version' Enter
	until_seen '^vdpactl 0\.[0-9.]*$'
}

@test "!COMMAND runs in the user's shell" {
	start
	keys "!echo \$((40 + 2)) | tr 4 5" Enter
	until_seen '^52$'
}

@test "profile create asks for what is missing, again where an answer is wrong" {
	start
	keys 'profile create asked' Enter
	until_seen '^Kernel'
	keys '' Enter
	until_seen '^Needed'
	keys /boot/vmlinuz Enter
	until_seen '^Initramfs'
	keys Enter
	until_seen '^Kernel command line'
	keys Enter
	until_seen '^vCPUs'
	keys 0 Enter
	until_seen "0' is"
	keys 2 Enter
	until_seen '^Memory'
	keys 768M Enter
	until_seen '^Hugepages'
	keys off Enter
	until_seen '^Disk image'
	keys Enter
	until_seen '^vDPA device'
	keys vdpa0 Enter
	until_seen 'profiles/asked.ini'
	run -0 vdpactl profile export asked
	assert_output --partial "--cpus boot=2"
	assert_output --partial "--memory size=768M"
	assert_output --partial "--vdpa device=vdpa0"
	# Ctrl-C in the middle makes none.
	keys 'profile create left' Enter
	until_seen '^Kernel.*: $|^Kernel \(ELF'
	keys C-c
	sleep 0.3
	assert_not_exist "$HOME/.config/vdpactl/profiles/left.ini"
}
