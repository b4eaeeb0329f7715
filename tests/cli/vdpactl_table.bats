#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# The command table against what is derived from it and what is written beside it: help, completion, manual.
bats_require_minimum_version 1.5.0

setup_file() {
	PATH=$BATS_TEST_DIRNAME/../../build/${CONFIG:-release}/bin:$PATH
	export PATH HOME=$BATS_FILE_TMPDIR
	cd "$BATS_TEST_DIRNAME/../.." || return 1
	vdpactl help --json | jq -r '.commands | keys_unsorted[]' >"$BATS_FILE_TMPDIR/commands"
	local path
	while read -r path; do
		# shellcheck disable=SC2086 # the path's words
		vdpactl help $path --json >"$BATS_FILE_TMPDIR/page"
		printf '{"path": "%s", "page": %s}\n' "$path" "$(<"$BATS_FILE_TMPDIR/page")"
	done <"$BATS_FILE_TMPDIR/commands" |
		gojq -r '.path as $path | .page.arguments[] | [$path, .style, .name, .required] | @tsv' >"$BATS_FILE_TMPDIR/arguments"
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
	cat "$BATS_FILE_TMPDIR/commands"
	awk -F '\t' '{ print $1 "\t" ($2 == "vm-options" ? "VM-OPTION" : $2 == "option" ? "--" $3 : $3) }' \
		"$BATS_FILE_TMPDIR/arguments"
}

@test "every command and argument is in the manual, and nothing else" {
	diff <(table | sort) <(manual | sort)
}

@test "the manual has each page that another one names" {
	local bad=0 page
	while read -r page; do
		[ -e "man/${page% *}.${page#* }" ] || { echo "no page $page"; bad=1; }
	done < <(grep -hoE '\.BR vdpa(ctl|-vmm)[a-z-]* \([0-9]\)' man/vdpactl* | sed -E 's/\.BR ([a-z-]+) \(([0-9])\)/\1 \2/' | sort -u)
	[ "$bad" = 0 ]
}

@test "completion of every path gives its next words" {
	local path before
	while read -r path; do
		before=${path% *}
		[ "$before" != "$path" ] || before=
		# shellcheck disable=SC2086 # the path's words
		output=$'\n'$(vdpactl __complete $before "")
		[[ $output = *$'\n'"${path##* }"$'\t'* ]] || fail "no '${path##* }' behind '$before' in $output"
	done <"$BATS_FILE_TMPDIR/commands"
}

# Of the commands that take keywords at once, "path<TAB>word" lines: what completion says behind each, with WORD
# begun, and what the table has of STYLE.
completed() { # WORD
	local path
	while read -r path; do
		echo "@$path"
		# shellcheck disable=SC2086 # the path's words
		vdpactl __complete $path "$1" 2>/dev/null
	done <"$BATS_TEST_TMPDIR/keyword-first" | awk -F '\t' '/^@/ { path = substr($1, 2); next } { print path "\t" $1 }'
}
in_table() { # STYLE
	awk -F '\t' -v style="$1" 'NR == FNR { takes[$1]; next } ($1 in takes) && $2 == style { print $1 "\t" $3 }' \
		"$BATS_TEST_TMPDIR/keyword-first" "$BATS_FILE_TMPDIR/arguments"
}

@test "completion behind every path gives its keywords and options, and nothing else" {
	# Behind an operand that must come first, keywords follow.
	awk -F '\t' 'NR == FNR { if ($2 == "operand" && $4 == "true") late[$1]; next } !($1 in late)' \
		"$BATS_FILE_TMPDIR/arguments" "$BATS_FILE_TMPDIR/commands" >"$BATS_TEST_TMPDIR/keyword-first"
	# Options of vdpa-vmm come from its own table.
	vdpactl __complete vm start -- | cut -f1 | grep '^--' |
		grep -vxE -- '--(name|user|detach|foreground|dry-run|no-check|json|pretty|help)' >"$BATS_TEST_TMPDIR/vmm"
	diff <(completed -- | grep $'\t--' | sort) \
		<({
			in_table option | sed 's/\t/\t--/'
			for word in json pretty help; do sed "s/$/\t--$word/" "$BATS_TEST_TMPDIR/keyword-first"; done
			in_table vm-options | cut -f1 | while read -r path; do sed "s/^/$path\t/" "$BATS_TEST_TMPDIR/vmm"; done
		} | sort)
	in_table keyword | sort >"$BATS_TEST_TMPDIR/keywords"
	assert [ -s "$BATS_TEST_TMPDIR/keywords" ]
	diff <(completed "" | grep -Fxf "$BATS_TEST_TMPDIR/keywords" | sort) "$BATS_TEST_TMPDIR/keywords"
}

@test "help of every command names all its arguments" {
	local path last="" style name required
	while IFS=$'\t' read -r path style name required; do
		# shellcheck disable=SC2086 # the path's words
		[ "$path" = "$last" ] || output=$(vdpactl help $path)
		last=$path
		[ "$style" = vm-options ] || [[ $output = *"$name"* ]] || fail "no '$name' in $output"
	done <"$BATS_FILE_TMPDIR/arguments"
}

@test "every command takes --help, and refuses an unknown option as misuse" {
	local path
	while read -r path; do
		# shellcheck disable=SC2086 # the path's words
		output=$(vdpactl $path --help)
		refute_output --partial $'\n\n\n'
		status=0
		# shellcheck disable=SC2086
		output=$(vdpactl $path --no-such-option 2>&1 </dev/null) || status=$?
		[ "$status" = 2 ] || fail "$path: status $status: $output"
	done <"$BATS_FILE_TMPDIR/commands"
}

@test "keys of the JSON that needs no device are those that are promised" {
	keys() { jq -r 'keys_unsorted | join(" ")'; }
	assert_equal "$(vdpactl hugepages show --json | keys)" hugepages
	assert_equal "$(vdpactl hugepages show --json | jq -r '.hugepages[0] // {} | keys_unsorted - ["node"] | join(" ")')" \
		"$([ -d /sys/kernel/mm/hugepages/hugepages-2048kB ] && echo 'page_size default total free reserved surplus available_bytes')"
	assert_equal "$(vdpactl module show vdpa --json | gojq -r '.module.vdpa | has("state")')" true
	assert_equal "$(vdpactl limits show --json memory 1G | jq -r '.need | keys_unsorted | join(" ")')" "per_vm pinned ram"
	assert_equal "$(vdpactl check --only images --kernel /nonesuch --json | jq -r '.findings[0] | keys_unsorted | join(" ")' || true)" \
		"status check subject text remedy fixable"
}

@test "the manual has every function of the bats library, and no other" {
	# In both, a head line of the function with its arguments.
	in_manual() { sed -n 's/^\(\\fB\|\.B \)\([a-z]*_*vdpa[a-z_]*\).*/\2/p' man/vdpactl-bats.7 | sort -u; }
	in_library() { sed -n 's/^\([a-z][a-z]*_*[a-z_]*\)() .*/\1/p' bats/vdpa.bash | sort; }
	in_head() { sed -n 's/^#\t\([a-z_]*vdpa[a-z_]*\) .*/\1/p' bats/vdpa.bash | sort; }
	diff <(in_manual | grep -vx vdpactl) <(in_library)
	diff <((in_head; echo vdpa_setup; echo vdpa_teardown) | sort) <(in_library)
}
