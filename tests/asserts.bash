# shellcheck shell=bash
# SPDX-License-Identifier: GPL-3.0-or-later
# bats-support, bats-assert and bats-file as one script, put together once a run: their own loaders start
# some thirty programs before each test, which under emulation takes longer than many a test.

if [ ! -e "$BATS_RUN_TMPDIR/asserts" ]; then
	asserts=$(mktemp "$BATS_RUN_TMPDIR/asserts.XXXXXX")
	sed '/^ *#/d' "${BATS_LIB_PATH%%:*}"/bats-{support,assert,file}/src/*.bash >"$asserts"
	mv "$asserts" "$BATS_RUN_TMPDIR/asserts"
fi
# shellcheck disable=SC1091 # made above
. "$BATS_RUN_TMPDIR/asserts"

# assert_close_on_exec PID: whatever the process opened itself, a program that it starts does not inherit.
assert_close_on_exec() {
	local fd flags
	for fd in "/proc/$1/fd/"*; do
		[ "${fd##*/}" -gt 2 ] || continue
		# A connection that has been answered may be gone by now; nothing else excuses flags that cannot be read.
		flags=$(sed -n 's/^flags:\s*//p' "/proc/$1/fdinfo/${fd##*/}") || {
			[ ! -L "$fd" ] || fail "the flags of $fd cannot be read"
			continue
		}
		((8#$flags & 02000000)) || fail "$fd ($(readlink "$fd")) does not close on exec"
	done
}
