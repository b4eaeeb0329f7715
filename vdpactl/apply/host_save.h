/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The present state of the host in the form that apply reads. */
#pragma once

#include "base/strbuf.h"
#include "session.h"

int host_save(struct session *s, struct strbuf *sb, struct err *e);
