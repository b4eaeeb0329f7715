# SPDX-License-Identifier: GPL-3.0-or-later
# What is preloaded to make calls fail (tests/faults), for tests/cli/faults.bats and the lab.

FAULTS := $(B)/faults.so
all: $(FAULTS)
$(FAULTS): $(wildcard tests/faults/*.c) tests/faults/faults.h
	$(call say,LINK,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) -std=gnu17 -D_GNU_SOURCE -O1 -g -fPIC -shared -fno-builtin -fno-omit-frame-pointer -Wall -Wextra \
		$(if $(filter 1,$(WERROR)),-Werror) -o $@ $(filter %.c,$^) -ldl

# Both programs once more, with a dynamic libc: a preload reaches no other.
PRELOADED := $(patsubst $(B)/bin/%,$(B)/preload/%,$(PROGRAMS))
all: $(PRELOADED)
$(B)/preload/vdpactl: $(B)/vdpactl/main.o $(B)/libvdpactl.a $(B)/liblib.a
$(B)/preload/vdpa-vmm: $(B)/vmm/main.o $(B)/libvmm.a $(B)/liblib.a
$(PRELOADED):
	$(call say,LINK,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(call link_dynamic,$(if $(filter %/vdpactl,$@),$(LIBS_vdpactl),$(LIBS_vmm)))
