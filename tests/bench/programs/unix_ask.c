/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Sends each TEXT to a UNIX socket and waits for an answer that has UNTIL in it before the next:
 * unix_ask SOCKET UNTIL TEXT... (`\n` in a text is CR LF). The answer that fails to come ends it.
 */

#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

static int say(int fd, const char *text)
{
	char out[4096];
	size_t n = 0;

	for (; *text && n + 2 < sizeof(out); text++) {
		if (text[0] == '\\' && text[1] == 'n') {
			out[n++] = '\r';
			out[n++] = '\n';
			text++;
		} else {
			out[n++] = *text;
		}
	}
	return write(fd, out, n) == (ssize_t)n ? 0 : -1;
}

static int hear(int fd, const char *until)
{
	char in[16384];
	size_t have = 0;
	ssize_t n;

	while (have < sizeof(in) - 1 && (n = read(fd, in + have, sizeof(in) - 1 - have)) > 0) {
		have += (size_t)n;
		in[have] = '\0';
		if (strstr(in, until)) {
			fputs(in, stderr);
			return 0;
		}
	}
	return -1;
}

int main(int argc, char **argv)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (argc < 4)
		return 2;
	snprintf(address.sun_path, sizeof(address.sun_path), "%s", argv[1]);
	if (connect(fd, (struct sockaddr *)&address, sizeof(address))) {
		perror("unix_ask");
		return 1;
	}
	for (int i = 3; i < argc; i++)
		if (say(fd, argv[i]) || hear(fd, argv[2]))
			return 1;
	return 0;
}
