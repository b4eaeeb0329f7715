/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Words to values: numbers, sizes, toggles, MAC addresses. */
#include "base/parse.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <strings.h>

/* strtoull takes signs and blanks; a number here starts with a digit. */
static int digits(const char *word, int base, const char **end, uint64_t *out)
{
	char *stop;

	if (base == 16 ? !isxdigit((unsigned char)*word) : !isdigit((unsigned char)*word))
		return -EINVAL;
	errno = 0;
	*out = strtoull(word, &stop, base);
	*end = stop;
	return errno == ERANGE ? -ERANGE : 0;
}

static int check_range(const char *word, uint64_t v, uint64_t min, uint64_t max, struct err *e)
{
	if (v < min || v > max)
		return err_set(e, -ERANGE, "'%s' is out of range (%" PRIu64 " to %" PRIu64 ")",
			       word, min, max);
	return 0;
}

static int parse_base(const char *word, int base, uint64_t range[2], uint64_t *out, struct err *e)
{
	const char *end;
	uint64_t v = 0;
	int r = digits(base == 16 ? word + 2 : word, base, &end, &v);

	if (r == -EINVAL || (!r && *end))
		return err_set(e, -EINVAL, "'%s' is not a number", word);
	if (r)
		v = UINT64_MAX;
	if (r && range[1] == UINT64_MAX)
		return err_set(e, -ERANGE, "'%s' does not fit 64 bits", word);
	r = check_range(word, v, range[0], range[1], e);
	if (!r)
		*out = v;
	return r;
}

int parse_uint(const char *word, uint64_t min, uint64_t max, uint64_t *out, struct err *e)
{
	return parse_base(word, 10, (uint64_t[]){ min, max }, out, e);
}

int parse_uint_or_hex(const char *word, uint64_t min, uint64_t max, uint64_t *out, struct err *e)
{
	bool hex = word[0] == '0' && (word[1] == 'x' || word[1] == 'X');

	return parse_base(word, hex ? 16 : 10, (uint64_t[]){ min, max }, out, e);
}

int parse_size(const char *word, uint64_t *out, struct err *e)
{
	static const char suffixes[] = "KMG";
	const char *end, *suffix;
	uint64_t v, bytes;
	unsigned int shift = 0;
	int r = digits(word, 10, &end, &v);

	if (r == -EINVAL)
		return err_set(e, -EINVAL, "'%s' is not a size (a number, then K, M, G or nothing)",
			       word);
	if (!r && *end) {
		suffix = strchr(suffixes, *end);
		if (!suffix || end[1])
			return err_set(e, -EINVAL,
				       "'%s' is not a size (a number, then K, M, G or nothing)",
				       word);
		shift = 10 * (unsigned int)(suffix - suffixes + 1);
	}
	if (r || __builtin_mul_overflow(v, UINT64_C(1) << shift, &bytes))
		return err_set(e, -ERANGE, "'%s' does not fit 64 bits", word);
	*out = bytes;
	return 0;
}

int parse_toggle(const char *word, bool *out, struct err *e)
{
	static const struct {
		const char *word;
		bool value;
	} toggles[] = {
		{ "on", true },
		{ "off", false },
		{ "true", true },
		{ "false", false },
	};

	for (size_t i = 0; i < ARRAY_SIZE(toggles); i++) {
		if (strcasecmp(word, toggles[i].word) == 0) {
			*out = toggles[i].value;
			return 0;
		}
	}
	return err_set(e, -EINVAL, "'%s' is not a toggle (on, off, true, false)", word);
}

int parse_mac(const char *word, uint8_t mac[6], struct err *e)
{
	static const uint8_t zero[6];
	uint8_t bytes[6];
	const char *p = word;

	for (int i = 0; i < 6; i++, p += 3) {
		uint64_t v;
		const char *end;
		char pair[3] = { p[0], p[0] ? p[1] : '\0', '\0' };

		if (digits(pair, 16, &end, &v) || end != pair + 2 || p[2] != (i < 5 ? ':' : '\0'))
			return err_set(e, -EINVAL,
				       "'%s' is not a MAC address (six pairs of hex digits, as in "
				       "52:54:00:12:34:56)",
				       word);
		bytes[i] = (uint8_t)v;
	}
	if (bytes[0] & 1)
		return err_set(e, -EINVAL,
			       "'%s' is a multicast MAC address (the first byte must be even)",
			       word);
	if (memcmp(bytes, zero, sizeof(zero)) == 0)
		return err_set(e, -EINVAL, "'%s' is the all-zero MAC address", word);
	memcpy(mac, bytes, sizeof(bytes));
	return 0;
}

void format_size(uint64_t bytes, char *buf, size_t size)
{
	static const char suffixes[] = "GMK";

	for (unsigned int i = 0; i < 3; i++) {
		uint64_t unit = UINT64_C(1) << (30 - 10 * i);

		if (bytes && bytes % unit == 0) {
			snprintf(buf, size, "%" PRIu64 "%c", bytes / unit, suffixes[i]);
			return;
		}
	}
	snprintf(buf, size, "%" PRIu64, bytes);
}

void format_mac(const uint8_t mac[6], char *buf, size_t size)
{
	snprintf(buf, size, "%02x:%02x:%02x:%02x:%02x:%02x", mac[0], mac[1], mac[2], mac[3], mac[4],
		 mac[5]);
}

size_t format_uint(uint64_t v, char buf[21])
{
	size_t n = 1;

	for (uint64_t rest = v; rest > 9; rest /= 10)
		n++;
	buf[n] = '\0';
	for (size_t i = n; i-- > 0; v /= 10)
		buf[i] = (char)('0' + v % 10);
	return n;
}
