# SPDX-License-Identifier: GPL-3.0-or-later
# Soak, in the lab: long, and no part of `make check`.

.PHONY: soak
SOAK_ROUNDS ?= 50
soak: deps
	$(Q)$(MAKE) --no-print-directory all lab-prepare
	$(Q)SOAK_ROUNDS=$(SOAK_ROUNDS) tests/lab/run --timeout 0 -- bats tests/soak/soak.bats
