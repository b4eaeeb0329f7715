#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# The command table against what is derived from it and what is written beside it: help, completion, manual.
bats_require_minimum_version 1.5.0

setup_file() {
	PATH=$BATS_TEST_DIRNAME/../../build/${CONFIG:-release}/bin:$PATH
	export PATH HOME=$BATS_FILE_TMPDIR
	cd "$BATS_TEST_DIRNAME/../.." || return 1
	vdpactl help --json | jq -r '.commands | keys_unsorted[]' >"$BATS_FILE_TMPDIR/commands"
	mkdir "$BATS_FILE_TMPDIR/help"
	while read -r path; do
		# shellcheck disable=SC2086 # the path's words
		vdpactl help $path --json >"$BATS_FILE_TMPDIR/help/$path"
	done <"$BATS_FILE_TMPDIR/commands"
}

setup() {
	load ../asserts
	cd "$BATS_TEST_DIRNAME/../.." || return 1
}

# What a group's pages say of each command: "path<TAB>argument" lines, "path" alone for the head.
manual() {
	cat man/vdpactl.1 man/vdpactl-*.8 | awk '
		/^\.SH / { inside = $2 == "COMMANDS"; next }
		!inside { next }
		/^\.SS / { path = substr($0, 5); gsub(/\\/, "", path); print path; next }
		/^\.TP/ { head = 1; next }
		head {
			head = 0
			gsub(/\\f[BIR]/, ""); gsub(/\\/, "")
			sub(/\.\.\.$/, "")
			print path "\t" $1
		}'
}

# The same of the table.
table() {
	while read -r path; do
		echo "$path"
		jq -r --arg path "$path" '.arguments[] | $path + "\t" + (
			if .style == "vm-options" then "VM-OPTION"
			elif .style == "option" then "--" + .name else .name end)' "$BATS_FILE_TMPDIR/help/$path"
	done <"$BATS_FILE_TMPDIR/commands"
}

@test "every command and argument is in the manual, and nothing else" {
	run -0 diff <(table | sort) <(manual | sort)
}

@test "the manual has each page that another one names" {
	local bad=0 page
	while read -r page; do
		[ -e "man/${page% *}.${page#* }" ] || { echo "no page $page"; bad=1; }
	done < <(grep -hoE '\.BR vdpa(ctl|-vmm)[a-z-]* \([0-9]\)' man/vdpactl* | sed -E 's/\.BR ([a-z-]+) \(([0-9])\)/\1 \2/' | sort -u)
	[ "$bad" = 0 ]
}

@test "completion of every path gives its next words" {
	local path word
	while read -r path; do
		word=${path##* }
		# shellcheck disable=SC2046 # the path's words
		run -0 vdpactl __complete $([ "$word" = "$path" ] || echo "${path% *}") ""
		assert_line --regexp "^$word	"
	done <"$BATS_FILE_TMPDIR/commands"
}

@test "completion behind every path gives its keywords and options, and nothing else" {
	local path
	while read -r path; do
		# Behind an operand that must come first, keywords follow.
		jq -e '[.arguments[] | select(.style == "operand" and .required)] | length == 0' \
			"$BATS_FILE_TMPDIR/help/$path" >/dev/null || continue
		# shellcheck disable=SC2086 # the path's words
		run -0 diff <(vdpactl __complete $path -- 2>/dev/null | cut -f1 | grep '^--' | sort) \
			<({
				jq -r '.arguments[] | select(.style == "option") | "--" + .name' "$BATS_FILE_TMPDIR/help/$path"
				printf '%s\n' --json --pretty --help
				# Options of vdpa-vmm come from its own table.
				jq -e 'any(.arguments[]; .style == "vm-options")' "$BATS_FILE_TMPDIR/help/$path" >/dev/null &&
					vdpactl __complete vm start -- | cut -f1 | grep '^--' |
					grep -vxE -- '--(name|user|detach|foreground|dry-run|no-check|json|pretty|help)'
			} | sort)
		# shellcheck disable=SC2086
		run -0 diff <(vdpactl __complete $path "" | cut -f1 | grep -Fxf <(jq -r '.arguments[] | select(.style == "keyword") | .name' "$BATS_FILE_TMPDIR/help/$path") | sort) \
			<(jq -r '.arguments[] | select(.style == "keyword") | .name' "$BATS_FILE_TMPDIR/help/$path" | sort)
	done <"$BATS_FILE_TMPDIR/commands"
}

@test "help of every command names all its arguments" {
	local path name
	while read -r path; do
		# shellcheck disable=SC2086 # the path's words
		run -0 vdpactl help $path
		while read -r name; do
			assert_output --partial "$name"
		done < <(jq -r '.arguments[] | select(.style != "vm-options") | .name' "$BATS_FILE_TMPDIR/help/$path")
	done <"$BATS_FILE_TMPDIR/commands"
}

@test "every command takes --help, and refuses an unknown option as misuse" {
	local path
	while read -r path; do
		# shellcheck disable=SC2086 # the path's words
		run -0 vdpactl $path --help
		refute_output --partial $'\n\n\n'
		# shellcheck disable=SC2086
		run vdpactl $path --no-such-option </dev/null
		[ "$status" = 2 ] || fail "$path: status $status: $output"
	done <"$BATS_FILE_TMPDIR/commands"
}

@test "keys of the JSON that needs no device are those that are promised" {
	keys() { jq -r 'keys_unsorted | join(" ")'; }
	assert_equal "$(vdpactl hugepages show --json | keys)" hugepages
	assert_equal "$(vdpactl hugepages show --json | jq -r '.hugepages[0] // {} | keys_unsorted - ["node"] | join(" ")')" \
		"$([ -d /sys/kernel/mm/hugepages/hugepages-2048kB ] && echo 'page_size default total free reserved surplus available_bytes')"
	assert_equal "$(vdpactl module show vdpa --json | jq -r '.module.vdpa | has("state")')" true
	assert_equal "$(vdpactl limits show --json memory 1G | jq -r '.need | keys_unsorted | join(" ")')" "per_vm pinned ram"
	assert_equal "$(vdpactl check --only images --kernel /nonesuch --json | jq -r '.findings[0] | keys_unsorted | join(" ")' || true)" \
		"status check subject text remedy fixable"
}

@test "the manual has every function of the bats library, and no other" {
	# In both, a head line of the function with its arguments.
	in_manual() { sed -n 's/^\(\\fB\|\.B \)\([a-z]*_*vdpa[a-z_]*\).*/\2/p' man/vdpactl-bats.7 | sort -u; }
	in_library() { sed -n 's/^\([a-z][a-z]*_*[a-z_]*\)() .*/\1/p' bats/vdpa.bash | sort; }
	in_head() { sed -n 's/^#\t\([a-z_]*vdpa[a-z_]*\) .*/\1/p' bats/vdpa.bash | sort; }
	run -0 diff <(in_manual | grep -vx vdpactl) <(in_library)
	run -0 diff <((in_head; echo vdpa_setup; echo vdpa_teardown) | sort) <(in_library)
}
