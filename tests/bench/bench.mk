# SPDX-License-Identifier: GPL-3.0-or-later
# Benchmarks: never a test, never a failure of one; included by tests/tests.mk.

.PHONY: bench bench-quick
# Every figure beside its peers: build/bench/report.md and charts.
bench: deps
	$(Q)$(MAKE) --no-print-directory all
	$(Q)tests/bench/run
# The same, quicker: one run of each, fewer points, shorter patterns.
bench-quick: deps
	$(Q)$(MAKE) --no-print-directory all
	$(Q)tests/bench/run --quick
