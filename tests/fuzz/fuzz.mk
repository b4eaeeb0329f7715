# SPDX-License-Identifier: GPL-3.0-or-later
# Fuzz targets (libFuzzer), one program each for tests/fuzz/fuzz_*.c, over the whole tree built with clang.

.PHONY: fuzz fuzz-quick fuzz-afl fuzz-shrink fuzz-build
# Each target for FUZZ_SECONDS, then the hostile guest with seeds that no run before had.
fuzz:
	$(Q)$(MAKE) --no-print-directory CONFIG=fuzz CC=clang fuzz-build
	$(Q)tests/fuzz/run $(or $(FUZZ_SECONDS),60)
	$(Q)$(MAKE) --no-print-directory CONFIG=release all lab-prepare hostile
	$(Q)$(MAKE) --no-print-directory CONFIG=asan build/asan/bin/vdpa-vmm
	$(Q)HOSTILE_SEED=$$(date +%s) HOSTILE_SEEDS=$(or $(FUZZ_SEEDS),2000) LAB_FILE_TIMEOUT=14000 \
		tests/lab/run --timeout 15000 -- tests/lab/suite tests/lab/hostile_guest.bats
# Replays what is stored and runs each target for a moment, the same on every machine.
fuzz-quick:
	$(Q)$(MAKE) --no-print-directory CONFIG=fuzz CC=clang fuzz-build
	$(Q)tests/fuzz/run quick
# The same sources under AFL++, through its driver for such targets.
fuzz-afl:
	$(Q)command -v afl-clang-fast >/dev/null || { echo "afl-clang-fast is missing: apt-get install afl++"; exit 1; }
	$(Q)$(MAKE) --no-print-directory CONFIG=afl CC=afl-clang-fast fuzz-build
	$(Q)tests/fuzz/run afl $(or $(FUZZ_SECONDS),60)
# Stores the smallest inputs of past hunts that add to what is covered.
fuzz-shrink:
	$(Q)tests/fuzz/run shrink

ifneq ($(filter fuzz afl,$(CONFIG)),)
export AFL_QUIET=1
FUZZ := $(patsubst tests/fuzz/fuzz_%.c,$(B)/fuzz_%,$(wildcard tests/fuzz/fuzz_*.c))
fuzz-build: $(FUZZ)
$(B)/tests/fuzz/%.o: INCLUDES := -Ilib -Ivmm -Ivdpactl -I$(B)/vmm -Itests/unit -Itests/fuzz
$(FUZZ): $(B)/fuzz_%: $(B)/tests/fuzz/fuzz_%.o $(UNIT_LIBS)
	$(call say,LINK,$@)
	$(Q)$(CC) $(LDFLAGS_ALL) -fsanitize=fuzzer -o $@ $^ $(call libs,$(LIBS_vmm) $(LIBS_vdpactl)) -lcmocka
endif
