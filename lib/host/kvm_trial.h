/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Does /dev/kvm really run a guest: a trial VM with one vCPU and a program of a few bytes. */
#pragma once

#include "base/err.h"
#include "base/roots.h"

/* 0 when 64-bit code ran in a VM, took an exception, and its port write and HLT came back; else
 * what failed. */
int kvm_try_guest(const struct host_roots *roots, struct err *e);
