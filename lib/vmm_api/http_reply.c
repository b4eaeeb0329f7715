/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reads the head of an HTTP/1.1 answer. */
#include "vmm_api/http_reply.h"

#include "base/parse.h"

#include <ctype.h>
#include <errno.h>
#include <stdint.h>
#include <string.h>
#include <strings.h>

/* "HTTP/1.1 204 No Content" */
static int status_parse(const char *line, size_t len, struct http_head *head, struct err *e)
{
	static const char version[] = "HTTP/1.";
	const size_t code = sizeof(version) + 1; /* version, one digit, a blank */

	if (len < code + 3 || memcmp(line, version, sizeof(version) - 1) != 0 ||
	    line[code - 1] != ' ')
		return err_set(e, -EPROTO, "the peer does not speak HTTP");
	head->status = 0;
	for (size_t i = code; i < code + 3; i++) {
		if (!isdigit((unsigned char)line[i]))
			return err_set(e, -EPROTO, "the answer has no status");
		head->status = head->status * 10 + (line[i] - '0');
	}
	if (head->status < 100 || head->status > 599 || (len > code + 3 && line[code + 3] != ' '))
		return err_set(e, -EPROTO, "the answer has no valid status");
	return 0;
}

/* Is the header of this line `name`? Then *value is its value without blanks around it. */
static bool header_is(const char *line, size_t len, const char *name, char *value, size_t size)
{
	size_t n = strlen(name), end = len;

	if (len <= n || strncasecmp(line, name, n) != 0 || line[n] != ':')
		return false;
	for (n++; n < end && (line[n] == ' ' || line[n] == '\t'); n++)
		;
	while (end > n && (line[end - 1] == ' ' || line[end - 1] == '\t'))
		end--;
	if (end - n >= size)
		end = n + size - 1; /* too long for any value that we take; it will not parse */
	memcpy(value, line + n, end - n);
	value[end - n] = '\0';
	return true;
}

static int header_parse(const char *line, size_t len, struct http_head *head, struct err *e)
{
	char value[32];
	uint64_t n;
	int r;

	if (header_is(line, len, "Transfer-Encoding", value, sizeof(value)))
		return err_set(e, -EOPNOTSUPP, "the answer has the transfer coding '%s'", value);
	if (!header_is(line, len, "Content-Length", value, sizeof(value)))
		return 0;
	r = parse_uint(value, 0, HTTP_MAX_REPLY_BODY, &n, e);
	if (r == -ERANGE)
		return err_set(e, -EFBIG, "the answer is longer than %d bytes",
			       HTTP_MAX_REPLY_BODY);
	if (r < 0)
		return err_set(e, -EPROTO, "the answer has the length '%s'", value);
	if (!head->until_eof && head->body_len != n)
		return err_set(e, -EPROTO, "the answer has two lengths");
	head->body_len = (size_t)n;
	head->until_eof = false;
	return 0;
}

int http_head_parse(const char *text, size_t len, struct http_head *head, struct err *e)
{
	struct http_head h = { .until_eof = true };
	const char *end = memmem(text, len, "\r\n\r\n", 4), *line = text;
	int r;

	if (!end && len > HTTP_MAX_HEAD)
		return err_set(e, -EFBIG, "the head of the answer is longer than %d bytes",
			       HTTP_MAX_HEAD);
	if (!end)
		return 0;
	while (line <= end) {
		const char *eol = memmem(line, (size_t)(end + 2 - line), "\r\n", 2);
		size_t n = (size_t)(eol - line);

		r = line == text ? status_parse(line, n, &h, e) : header_parse(line, n, &h, e);
		if (r < 0)
			return r;
		line = eol + 2;
	}
	h.head_len = (size_t)(end + 4 - text);
	if (h.status == 204 || h.status == 304 || h.status < 200) {
		h.until_eof = false;
		h.body_len = 0;
	}
	*head = h;
	return 1;
}
