/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The client of a server whose calls fail. */
#include "faults.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static bool ended(pid_t pid)
{
	siginfo_t info = { 0 };

	return waitid(P_PID, (id_t)pid, &info, WEXITED | WNOHANG | WNOWAIT) < 0 ||
	       info.si_pid == pid;
}

/* Waits for the server to listen; -1 when it ends instead, or does not within a second or two. */
static int enter(const char *path, pid_t server)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };
	const struct timespec step = { .tv_nsec = 500000 };

	snprintf(a.sun_path, sizeof(a.sun_path), "%s", path);
	for (int tries = 0; tries < 2000 && !ended(server); tries++) {
		int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

		if (connect(fd, (const struct sockaddr *)&a, sizeof(a)) == 0)
			return fd;
		close(fd);
		nanosleep(&step, NULL);
	}
	return -1;
}

static bool request(const char *path, const char *text, size_t len, pid_t server)
{
	const struct timeval patience = { .tv_sec = 1 };
	char reply[4096] = "";
	size_t n = 0;
	ssize_t got;
	int fd = enter(path, server);

	if (fd < 0)
		return false;
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	if (send(fd, text, len, MSG_NOSIGNAL) == (ssize_t)len)
		while (n < sizeof(reply) - 1 &&
		       (got = recv(fd, reply + n, sizeof(reply) - 1 - n, 0)) > 0)
			n += (size_t)got;
	close(fd);
	return strncmp(reply, "HTTP/1.1 200", 12) == 0;
}

bool fault_client(const char *path, const char *requests, pid_t server)
{
	FILE *f = fopen(requests, "re");
	char text[8192], line[2048];
	char last[sizeof(text)];
	size_t len = 0, n = 0;
	bool ok = false;

	while (f && fgets(line, sizeof(line), f)) {
		if (strcmp(line, "%%\n") == 0) {
			ok = request(path, text, len, server);
			memcpy(last, text, len);
			n = len;
			len = 0;
			continue;
		}
		line[strcspn(line, "\n")] = '\0';
		len += (size_t)snprintf(text + len, sizeof(text) - len, "%s\r\n", line);
	}
	/* A request that met the failure may fail; the next client's may not. */
	if (!ok && n)
		ok = request(path, last, n, server);
	if (f)
		fclose(f);
	kill(server, SIGTERM);
	return ok;
}
