# SPDX-License-Identifier: GPL-3.0-or-later
# The hostile guest: a freestanding program that vdpa-vmm boots by the PVH entry; tests/hostile.

HOSTILE := build/hostile/hostile.elf
HOSTILE_OBJ := $(patsubst %,build/hostile/%.o,$(basename $(notdir $(wildcard tests/hostile/*.c tests/hostile/*.S))))
HOSTILE_FLAGS := -std=gnu17 -O2 -g -ffreestanding -fno-pie -fno-stack-protector -fno-builtin -mno-red-zone \
	-mgeneral-regs-only -fno-asynchronous-unwind-tables -fcf-protection=none -Wall -Wextra -Wno-array-bounds \
	$(if $(filter 1,$(WERROR)),-Werror) -MMD -MP

.PHONY: hostile
hostile: $(HOSTILE)
build/hostile/%.o: tests/hostile/%.c
	$(call say,CC,$<)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(HOSTILE_FLAGS) -c $< -o $@
build/hostile/%.o: tests/hostile/%.S
	$(call say,AS,$<)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(HOSTILE_FLAGS) -c $< -o $@
$(HOSTILE): $(HOSTILE_OBJ) tests/hostile/hostile.ld
	$(call say,LINK,$@)
	$(Q)$(CC) -nostdlib -static -no-pie -Wl,--build-id=none -Wl,-z,max-page-size=4096 -Wl,--no-warn-rwx-segments \
		-T tests/hostile/hostile.ld -o $@ $(HOSTILE_OBJ)
-include $(HOSTILE_OBJ:.o=.d)
