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
