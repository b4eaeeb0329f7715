/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Words to values: numbers, sizes, toggles, lists, MAC and PCI addresses. */
#pragma once

#include "base/err.h"

#include <stddef.h>
#include <stdint.h>

/*
 * Each takes a whole word, without blanks around it, stores the value only when it succeeds, and
 * fails with -EINVAL (no such form) or -ERANGE (outside min..max), naming the word and what is
 * accepted.
 */
int parse_uint(const char *word, uint64_t min, uint64_t max, uint64_t *out, struct err *e);

/* As parse_uint, also 0x... */
int parse_uint_or_hex(const char *word, uint64_t min, uint64_t max, uint64_t *out, struct err *e);

/* Bytes: a decimal number with at most one of the suffixes K, M, G (2^10, 2^20, 2^30). */
int parse_size(const char *word, uint64_t *out, struct err *e);

/* on, off, true, false in any letter case. */
int parse_toggle(const char *word, bool *out, struct err *e);

/* 52:54:00:aa:bb:cc; a multicast or all-zero address is refused. */
int parse_mac(const char *word, uint8_t mac[6], struct err *e);

/* The largest K, M or G unit that divides `bytes`, for example "1G"; the inverse of parse_size. */
void format_size(uint64_t bytes, char *buf, size_t size);

/* Decimal digits without the cost of printf: listings write thousands. Returns the length. */
size_t format_uint(uint64_t v, char buf[21]);

/* 52:54:00:aa:bb:cc, lower case; `buf` of at least 18 bytes. */
void format_mac(const uint8_t mac[6], char *buf, size_t size);
