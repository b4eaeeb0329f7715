/* SPDX-License-Identifier: GPL-3.0-or-later */
/* First process of a benchmark's guest: says how far it is by marks on the console, and does one
 * job. */

#include <fcntl.h>
#include <linux/netlink.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static void mark(const char *text)
{
	char line[160];
	int n = snprintf(line, sizeof(line), "@%s\n", text);

	if (write(1, line, (size_t)n) != n)
		_exit(1);
}

static void load_module(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0 || syscall(SYS_finit_module, fd, "", 0))
		mark("module-failed");
	close(fd);
}

/* The disk answers: a device node alone says little. */
static bool disk_reads(const char *name)
{
	static char sector[4096] __attribute__((aligned(4096)));
	char path[64];
	ssize_t n;
	int fd;

	snprintf(path, sizeof(path), "/dev/%s", name);
	fd = open(path, O_RDONLY | O_DIRECT | O_CLOEXEC);
	if (fd < 0)
		return false;
	n = read(fd, sector, sizeof(sector));
	close(fd);
	return n == sizeof(sector);
}

/* Marks disks that come and go until the end. */
static void watch_disks(int uevents)
{
	char event[4096];
	ssize_t n;

	while ((n = recv(uevents, event, sizeof(event) - 1, 0)) > 0) {
		const char *name;

		event[n] = '\0';
		if (!strstr(event, "/block/vd"))
			continue;
		name = strrchr(event, '/') + 1;
		if (!strncmp(event, "add@", 4))
			mark(disk_reads(name) ? "added" : "unreadable");
		else if (!strncmp(event, "remove@", 7))
			mark("removed");
	}
}

static int open_uevents(void)
{
	struct sockaddr_nl address = { .nl_family = AF_NETLINK, .nl_groups = 1 };
	int fd = socket(AF_NETLINK, SOCK_DGRAM | SOCK_CLOEXEC, NETLINK_KOBJECT_UEVENT);

	if (fd < 0 || bind(fd, (struct sockaddr *)&address, sizeof(address)))
		mark("no-uevents");
	return fd;
}

/* What two marks cost by themselves, to be taken off what is between others: each character on a
 * serial port is an exit, so the name is as long as those of patterns. */
static void mark_nothing(void)
{
	if (system("/mark begin nothing-in-them; /mark end nothing-in-them"))
		mark("mark-failed");
}

/* What fio says itself, a line for each mark, goes to a file: on the console it would count as a
 * pattern's exits. */
static void run_fio(const char *seconds, const char *direct)
{
	static char *const argv[] = {
		"fio", "--output-format=terse", "--output=/fio.out", "--eta=never", "/io.fio", NULL
	};
	pid_t pid;

	setenv("SECONDS_EACH", seconds, 1);
	setenv("DIRECT", direct, 1);
	setenv("PATH", "/bin:/usr/bin", 1);
	mark_nothing();
	pid = fork();
	if (!pid) {
		execv("/usr/bin/fio", argv);
		_exit(127);
	}
	waitpid(pid, NULL, 0);
	if (system("/bin/busybox cat /fio.out"))
		mark("fio-failed");
	mark("done");
}

/* Value of `bench.KEY=` of the kernel command line, or fallback. */
static const char *option(const char *key, const char *fallback, char *out, size_t size)
{
	static char line[4096];
	const char *at;
	size_t length;
	int fd;

	if (!line[0]) {
		fd = open("/proc/cmdline", O_RDONLY | O_CLOEXEC);
		if (fd < 0 || read(fd, line, sizeof(line) - 1) < 0)
			return fallback;
		close(fd);
	}
	at = strstr(line, key);
	if (!at)
		return fallback;
	at += strlen(key);
	length = strcspn(at, " \n");
	snprintf(out, size, "%.*s", (int)length, at);
	return out;
}

int main(void)
{
	char mode_text[32], seconds[16], direct[16];
	const char *mode;
	int uevents;

	mark("init");
	mount("proc", "/proc", "proc", 0, NULL);
	mount("sysfs", "/sys", "sysfs", 0, NULL);
	mount("devtmpfs", "/dev", "devtmpfs", 0, NULL);
	mode = option("bench.mode=", "idle", mode_text, sizeof(mode_text));
	if (strcmp(mode, "bare"))
		load_module("/modules/virtio_blk.ko");
	if (!strcmp(mode, "fio"))
		run_fio(option("bench.seconds=", "3", seconds, sizeof(seconds)),
			option("bench.direct=", "1", direct, sizeof(direct)));
	uevents = open_uevents();
	mark("ready");
	if (uevents >= 0)
		watch_disks(uevents);
	for (;;)
		pause();
}
