/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Configurations to INI profiles. */
#pragma once

#include "base/strbuf.h"
#include "config/vm_config.h"

/* Appends a profile with every option that differs from its default; reading it gives the same
 * configuration. */
void vm_config_to_ini(const struct vm_config *config, struct strbuf *out);
