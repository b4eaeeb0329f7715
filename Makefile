# SPDX-License-Identifier: GPL-3.0-or-later
# One non-recursive makefile.
#
# make deps          install the Debian packages that build and tests need
# make [all]         build both programs and the unit tests (CONFIG=debug|asan|tsan, CC=clang, WERROR=1, V=1, STATIC=0)
# make install       install below prefix=/usr/local, with DESTDIR in front; make uninstall takes it back
# make dist          a source archive of what is committed
# make clean         remove what was built; build/cache, the lab's, stays

CC      ?= gcc
CONFIG  ?= release
V       ?= 0
WERROR  ?= 0
prefix  ?= /usr/local
VERSION := 0.1.0

B := build/$(CONFIG)
Q := $(if $(filter 1,$(V)),,@)
say = $(if $(filter 1,$(V)),,@printf '  %-8s %s\n' '$(1)' '$(2)')

OPT_release := -O2 -g -D_FORTIFY_SOURCE=2
OPT_clang   := -O1 -g
OPT_debug   := -O0 -g3
OPT_asan    := -O1 -g -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer
OPT_fuzz    := -O1 -g -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer
OPT_afl     := -O1 -g -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer
OPT_tsan    := -O1 -g -fsanitize=thread -Wno-tsan
LINK_release := -Wl,-z,relro,-z,now
LINK_asan   := -fsanitize=address,undefined
LINK_fuzz   := -fsanitize=address,undefined
LINK_afl    := -fsanitize=address,undefined
LINK_tsan   := -fsanitize=thread

WARN := -Wall -Wextra -Wshadow -Wundef -Wvla -Wwrite-strings -Wpointer-arith -Wcast-qual -Wformat=2 \
	-Wstrict-prototypes -Wmissing-prototypes -Wold-style-definition -Wimplicit-fallthrough \
	-Wnull-dereference -Wredundant-decls -Wno-missing-field-initializers
ifeq ($(findstring clang,$(CC)),)
WARN += -Wjump-misses-init -Wlogical-op -Wduplicated-cond -Wformat-signedness
else
WARN += -Wno-gnu-variable-sized-type-not-at-end
endif
ifeq ($(WERROR),1)
WARN += -Werror
endif

pkg = $(shell pkg-config --cflags $(1) 2>/dev/null)
CFLAGS_ALL := -std=gnu17 -D_GNU_SOURCE -DVERSION='"$(VERSION)"' $(OPT_$(CONFIG)) $(WARN) -fPIE \
	-fstack-protector-strong -pthread -MMD -MP $(call pkg,libnl-genl-3.0) $(CFLAGS)
# Libraries are linked statically, in a release libc too: of a short command's instructions nine in ten
# are the dynamic loader's. STATIC=0 links them the ordinary way.
STATIC ?= 1
ifeq ($(STATIC),1)
libs = -Wl,-Bstatic $(1) -Wl,-Bdynamic
else
libs = $(1)
endif
LDFLAGS_ALL := -pthread $(LINK_$(CONFIG)) -Wl,--gc-sections $(LDFLAGS)

LIBS_lib     := -lnl-genl-3 -lnl-3 -linih -ljson-c
LIBS_vdpactl := -lreadline -ltinfo -levent_extra -levent_core $(LIBS_lib)
LIBS_vmm     := -levent_extra -levent_core -levent_pthreads -luring $(LIBS_lib)

# How a program is linked with its libraries. The linker's warnings are about names of hosts and users,
# which libraries could ask libc for: ours ask neither it nor them (lib/host/accounts.c).
pie = $(if $(filter release,$(CONFIG)),-pie)
link_dynamic = $(CC) $(LDFLAGS_ALL) $(pie) -o $@ $(filter %.o %.a,$^) $(call libs,$(1))
link_static  = $(CC) $(LDFLAGS_ALL) -static-pie -Wl,--no-warnings -o $@ $(filter %.o %.a,$^) $(1)
link_program = $(if $(filter release1,$(CONFIG)$(STATIC)),$(link_static),$(link_dynamic))

sources = $(shell find $(1) -name '*.c' 2>/dev/null | sort)
objects = $(patsubst %.c,$(B)/%.o,$(1))
LIB_SRC     := $(call sources,lib)
VDPACTL_SRC := $(call sources,vdpactl)
# Runs when the VMM is built and is no part of it.
FILTER_SRC  := vmm/sandbox/filter_compile.c
VMM_SRC     := $(filter-out $(FILTER_SRC),$(call sources,vmm))
ASL_SRC     := $(wildcard vmm/acpi/*.asl)
UNIT_SRC    := $(wildcard tests/unit/test_*.c)
UNIT        := $(patsubst tests/unit/%.c,$(B)/tests/unit/%,$(UNIT_SRC))
# The same against a real kernel; run by bats files in the lab.
LAB_TEST    := $(patsubst %.c,$(B)/%,$(wildcard tests/lab/test_*.c))

.PHONY: all deps clean help install uninstall dist
.DELETE_ON_ERROR:
.SECONDARY:

PROGRAMS := $(B)/bin/vdpactl $(B)/bin/vdpa-vmm
all: $(B)/liblib.a $(PROGRAMS) unit-build
	@echo "built: $(if $(filter release,$(CONFIG)),$(PROGRAMS:$(B)/bin/%=build/%),$(PROGRAMS)) and the tests"
ifeq ($(CONFIG),release)
all: $(patsubst $(B)/bin/%,build/%,$(PROGRAMS))
build/vdpactl build/vdpa-vmm: build/%: $(B)/bin/%
	$(Q)ln -sf $(CONFIG)/bin/$(@F) $@
endif

deps:
	$(Q)tests/deps

$(B)/lib/%.o: INCLUDES := -Ilib
$(B)/vdpactl/%.o: INCLUDES := -Ilib -Ivdpactl
$(B)/vmm/%.o: INCLUDES := -Ilib -Ivmm -I$(B)/vmm
$(B)/tests/unit/%.o $(B)/tests/lab/%.o: INCLUDES := -Ilib -Ivmm -Ivdpactl -I$(B)/vmm -Itests/unit

# The shims are carried in the program.
$(B)/vdpactl/shell/completion_shims.o: $(wildcard completions/*)

$(B)/%.o: %.c
	$(call say,CC,$<)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(CFLAGS_ALL) $(INCLUDES) -c $< -o $@

# ACPI source, through the C preprocessor, to a C array of AML: X.asl gives X.aml.h with `X_aml_code`.
$(B)/%.aml.h: %.asl vmm/layout.h
	$(call say,IASL,$<)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) -E -P -x c -Ivmm $< -o $(B)/$*.asl
	$(Q)iasl -vs -p $(B)/$* -tc $(B)/$*.asl >$(B)/$*.iasl.log 2>&1 || { cat $(B)/$*.iasl.log; exit 1; }
	$(Q)sed 's/^unsigned char/static const unsigned char/' $(B)/$*.hex >$@
$(call objects,$(VMM_SRC) $(UNIT_SRC)): | $(patsubst %.asl,$(B)/%.aml.h,$(ASL_SRC))

# The names of this architecture's system calls, by number.
$(B)/vmm/sandbox/syscall_names.inc: Makefile
	$(call say,GEN,$@)
	$(Q)mkdir -p $(@D)
	$(Q)echo '#include <asm/unistd.h>' | $(CC) -E -dM -x c - | \
		sed -n 's/^#define __NR_\([a-z0-9_]*\) \([0-9]*\)$$/[\2] = "\1",/p' >$@
$(B)/vmm/sandbox/sigsys.o: $(B)/vmm/sandbox/syscall_names.inc

# The filters of system calls, compiled.
$(B)/vmm/sandbox/filter_compile: $(FILTER_SRC) vmm/sandbox/syscall_rules.c vmm/sandbox/syscall_rules.h lib/vdpa/vhost_uapi.h
	$(call say,LINK,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) -std=gnu17 -D_GNU_SOURCE $(WARN) -Ilib -Ivmm -o $@ $(filter %.c,$^) -lseccomp
$(B)/vmm/sandbox/filters.inc: $(B)/vmm/sandbox/filter_compile
	$(call say,GEN,$@)
	$(Q)$< >$@
$(B)/vmm/sandbox/syscall_filter.o: $(B)/vmm/sandbox/filters.inc

$(B)/liblib.a: $(call objects,$(LIB_SRC))
$(B)/libvmm.a: $(call objects,$(filter-out vmm/main.c,$(VMM_SRC)))
$(B)/libvdpactl.a: $(call objects,$(filter-out vdpactl/main.c,$(VDPACTL_SRC)))
$(B)/%.a:
	$(call say,AR,$@)
	$(Q)mkdir -p $(@D)
	$(Q)rm -f $@
	$(Q)$(AR) rcs $@ $^

$(B)/bin/vdpactl: $(B)/vdpactl/main.o $(B)/libvdpactl.a $(B)/liblib.a
	$(call say,LINK,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(call link_program,$(LIBS_vdpactl))

$(B)/bin/vdpa-vmm: $(B)/vmm/main.o $(B)/libvmm.a $(B)/liblib.a
	$(call say,LINK,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(call link_program,$(LIBS_vmm))

# A unit test sees the library and both programs' archives.
UNIT_LIBS := $(B)/libvmm.a $(B)/libvdpactl.a $(B)/liblib.a
$(UNIT) $(LAB_TEST): $(B)/tests/%: $(B)/tests/%.o $(UNIT_LIBS)
	$(call say,LINK,$@)
	$(Q)$(call link_dynamic,$(LIBS_vmm) $(LIBS_vdpactl)) -lcmocka

.PHONY: unit-build
unit-build: $(UNIT) $(LAB_TEST)

include tests/tests.mk

bindir  := $(prefix)/bin
datadir := $(prefix)/share
unitdir := $(if $(filter /usr,$(prefix)),/usr/lib,$(prefix)/lib)/systemd/system

# What is installed where, one list for install and uninstall: MODE SOURCE TARGET.
define INSTALLED
755 $(B)/bin/vdpactl $(bindir)/vdpactl
755 $(B)/bin/vdpa-vmm $(bindir)/vdpa-vmm
644 completions/vdpactl.bash $(datadir)/bash-completion/completions/vdpactl
644 completions/vdpactl.bash $(datadir)/bash-completion/completions/vdpa-vmm
644 completions/_vdpactl $(datadir)/zsh/site-functions/_vdpactl
644 completions/vdpactl.fish $(datadir)/fish/vendor_completions.d/vdpactl.fish
644 completions/vdpactl.fish $(datadir)/fish/vendor_completions.d/vdpa-vmm.fish
644 $(B)/vdpactl-apply.service $(unitdir)/vdpactl-apply.service
$(foreach m,$(wildcard man/*.[1-9]),644 $m $(datadir)/man/man$(subst .,,$(suffix $m))/$(notdir $m)$(newline))
$(foreach x,$(wildcard examples/*.ini examples/*.bats examples/udev/*.rules),644 $x $(datadir)/doc/vdpactl/$x$(newline))
$(foreach x,$(wildcard examples/*.sh),755 $x $(datadir)/doc/vdpactl/$x$(newline))
$(foreach x,$(wildcard bats/*.bash),644 $x $(datadir)/vdpactl/bats/$(notdir $x)$(newline))
endef
define newline


endef

# prefix may be another than the last time.
.PHONY: $(B)/vdpactl-apply.service
$(B)/vdpactl-apply.service: examples/systemd/vdpactl-apply.service.in
	$(Q)mkdir -p $(@D)
	$(Q)sed 's#@bindir@#$(bindir)#' $< >$@

export INSTALLED
install: all $(B)/vdpactl-apply.service
	$(Q)echo "$$INSTALLED" | while read -r mode from to; do \
		[ -z "$$mode" ] || install -D -m "$$mode" "$$from" "$(DESTDIR)$$to" || exit 1; done
	@echo "installed below $(DESTDIR)$(prefix)"

uninstall:
	$(Q)echo "$$INSTALLED" | while read -r mode from to; do [ -z "$$to" ] || rm -f "$(DESTDIR)$$to"; done
	$(Q)for own in vdpactl/bats vdpactl doc/vdpactl/examples/udev doc/vdpactl/examples doc/vdpactl; do \
		[ ! -d "$(DESTDIR)$(datadir)/$$own" ] || rmdir --ignore-fail-on-non-empty "$(DESTDIR)$(datadir)/$$own"; done
	@echo "removed from $(DESTDIR)$(prefix)"

dist:
	$(Q)mkdir -p build
	$(Q)git archive --prefix=vdpactl-$(VERSION)/ -o build/vdpactl-$(VERSION).tar.gz HEAD
	@echo build/vdpactl-$(VERSION).tar.gz

help:
	@sed -n 's/^# \(make .*\)/\1/p' Makefile tests/*.mk

clean:
	$(Q)rm -rf build/release build/debug build/asan build/tsan build/fuzz build/afl build/clang build/vdpactl build/vdpa-vmm

-include $(shell find $(B) -name '*.d' 2>/dev/null)
