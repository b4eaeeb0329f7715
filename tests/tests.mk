# SPDX-License-Identifier: GPL-3.0-or-later
# Test targets; included by the top-level makefile.
#
# make fuzz          every fuzz target for FUZZ_SECONDS=60 each, then FUZZ_SEEDS=2000 seeds of the hostile guest
# make fuzz-quick    replays the stored inputs and runs each target for a moment
# make fuzz-afl      every fuzz target for FUZZ_SECONDS=60 under AFL++ (package afl++)
# make soak          SOAK_ROUNDS=50 of devices made, plugged and pulled, of reboots and checked I/O, in the lab
# make bench         measures both programs beside their peers: build/bench/report.md and a chart of each figure
# make bench-quick   the same with one run of each, and fewer points
# make demo          the walk-through on a real kernel and a real Debian guest, in the lab
# make check         every test: unit, command line, lab
# make check-fast    the tests that need no lab
# make lab           a root shell in the lab, both programs on the PATH
# make lint          the tree as text; make lint-deep adds clang-tidy and cppcheck

.PHONY: check-fast
# No lab and no privileges: unit tests and the command line.
check-fast: all
	$(Q)tests/check fast

.PHONY: lint lint-deep
# The tree as text, in seconds; `lint-deep` adds clang-tidy and cppcheck.
lint: all
	$(Q)tests/lint
lint-deep: all
	$(Q)tests/lint deep

# As many jobs as CPUs, unless -j is given.
all_cpus = $(if $(findstring jobserver,$(MAKEFLAGS)),,-j$(shell nproc))
.PHONY: check lab lab-prepare demo vmm-asan
lab-prepare:
	$(Q)tests/lab/prepare >/dev/null
# Every test: unit, command line, and in the lab.
check: deps
	$(Q)$(MAKE) $(all_cpus) --no-print-directory all lab-prepare hostile vmm-asan
	$(Q)tests/check all
# What the hostile guest runs in.
vmm-asan:
	$(Q)$(MAKE) --no-print-directory CONFIG=asan build/asan/bin/vdpa-vmm
# A root shell in the lab, with both programs on the PATH.
lab: deps
	$(Q)$(MAKE) $(all_cpus) --no-print-directory all lab-prepare
	$(Q)tests/lab/run
# The walk-through, on a real kernel and a real Debian guest.
demo: deps
	$(Q)$(MAKE) $(all_cpus) --no-print-directory all lab-prepare
	$(Q)tests/lab/run --timeout 600 -- tests/lab/demo

include tests/bench/bench.mk
include tests/hostile/hostile.mk
include tests/faults/faults.mk
include tests/soak/soak.mk
include tests/fuzz/fuzz.mk
