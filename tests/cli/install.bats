#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# What `make install` puts where, that it works from there, and that `make uninstall` leaves nothing.
bats_require_minimum_version 1.5.0

setup_file() {
	cd "$BATS_TEST_DIRNAME/../.." || return 1
	export D=$BATS_FILE_TMPDIR/root
	MAKEFLAGS='' make -s install CONFIG="${CONFIG:-release}" DESTDIR="$D" prefix=/usr
}

setup() {
	load ../asserts
	cd "$BATS_TEST_DIRNAME/../.." || return 1
	export HOME=$BATS_TEST_TMPDIR PATH=$D/usr/bin:$PATH XDG_RUNTIME_DIR=$BATS_TEST_TMPDIR
	unset MAKEFLAGS XDG_CONFIG_HOME
}

@test "programs run, and the one finds the other beside it" {
	assert_equal "$(command -v vdpactl)" "$D/usr/bin/vdpactl"
	run -0 vdpactl version
	run -0 vdpa-vmm --version
	run -0 vdpactl vm start --dry-run --no-check --kernel k
	assert_output --regexp "^$D/usr/bin/vdpa-vmm "
}

@test "every page of the manual is found by its name" {
	local page
	for page in man/*.[1-9]; do
		page=${page#man/}
		run -0 man -M "$D/usr/share/man" -w "${page##*.}" "${page%.*}"
		assert_output "$D/usr/share/man/man${page##*.}/$page"
	done
}

@test "completion works from the installed files" {
	run -0 bash --norc -c '
		source "$D/usr/share/bash-completion/completions/vdpactl"
		COMP_LINE="vdpactl dev a" COMP_POINT=13 COMP_WORDS=(vdpactl dev a) COMP_CWORD=2
		_vdpactl
		printf "%s\n" "${COMPREPLY[@]}"'
	assert_output add
	assert_exist "$D/usr/share/bash-completion/completions/vdpa-vmm"
	assert_exist "$D/usr/share/fish/vendor_completions.d/vdpa-vmm.fish"
	assert_exist "$D/usr/share/zsh/site-functions/_vdpactl"
	run -0 fish --no-config -c "source $D/usr/share/fish/vendor_completions.d/vdpactl.fish; complete -C 'vdpactl dev a'"
	assert_output --regexp '^add	'
}

@test "the unit starts the installed program, the examples are there, no rule gives devices away" {
	run -0 grep ^ExecStart= "$D/usr/lib/systemd/system/vdpactl-apply.service"
	assert_output --partial "=/usr/bin/vdpactl "
	assert_exist "$D/usr/share/doc/vdpactl/examples/udev/70-vdpactl.rules"
	assert_not_exist "$D/usr/lib/udev"
	assert_exist "$D/usr/share/vdpactl/bats/vdpa.bash"
	assert_exist "$D/usr/share/doc/vdpactl/examples/host.ini"
}

@test "another prefix keeps everything below it" {
	MAKEFLAGS='' make -s install CONFIG="${CONFIG:-release}" DESTDIR="$BATS_TEST_TMPDIR/d" prefix=/opt/v
	run -0 find "$BATS_TEST_TMPDIR/d" -type f -not -path "$BATS_TEST_TMPDIR/d/opt/v/*"
	assert_output ""
}

@test "uninstall leaves no file, and none of our folders" {
	MAKEFLAGS='' make -s uninstall CONFIG="${CONFIG:-release}" DESTDIR="$D" prefix=/usr
	run -0 find "$D" -not -type d -o -name 'vdpactl*'
	assert_output ""
}
