/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Starts another kernel in place of this one, at once; with --crash, when this one crashes. */

#include <errno.h>
#include <fcntl.h>
#include <linux/kexec.h>
#include <linux/reboot.h>
#include <stdio.h>
#include <string.h>
#include <sys/reboot.h>
#include <sys/syscall.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	int crash = argc > 1 && strcmp(argv[1], "--crash") == 0, kernel, initramfs;

	if (argc != 4 + crash) {
		fputs("usage: kexec [--crash] KERNEL INITRAMFS COMMAND-LINE\n", stderr);
		return 2;
	}
	argv += crash;
	kernel = open(argv[1], O_RDONLY | O_CLOEXEC);
	initramfs = open(argv[2], O_RDONLY | O_CLOEXEC);
	if (kernel >= 0 && initramfs >= 0 &&
	    syscall(SYS_kexec_file_load, kernel, initramfs, strlen(argv[3]) + 1, argv[3],
		    crash ? KEXEC_FILE_ON_CRASH : 0) == 0) {
		if (crash)
			return 0;
		reboot((int)LINUX_REBOOT_CMD_KEXEC);
	}
	fprintf(stderr, "kexec: %s\n", strerror(errno));
	return 1;
}
