#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# lab: --pinned
# The vDPA library against the simulator that pins memory.

bats_require_minimum_version 1.5.0
load ../asserts

setup() {
	[ "${IN_LAB:-}" = 1 ] || skip "runs in the lab (tests/lab/run)"
}

@test "the library does what it says, and comes back from every trap" {
	run -0 timeout 180 "$BATS_TEST_DIRNAME/../../build/${CONFIG:-release}/tests/lab/test_vdpa_library"
	assert_output --partial "PASSED"
}
