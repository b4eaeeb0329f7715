#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# lab: --pinned
# The lab with --pinned: the simulator asks for physical addresses.

bats_require_minimum_version 1.5.0
load ../asserts

@test "the simulator runs with use_va off" {
	run -0 cat /sys/module/vdpa_sim/parameters/use_va
	assert_output N
}
