/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Starts another kernel in place of this one, at once. */

#include <errno.h>
#include <fcntl.h>
#include <linux/reboot.h>
#include <stdio.h>
#include <string.h>
#include <sys/reboot.h>
#include <sys/syscall.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	int kernel, initramfs;

	if (argc != 4) {
		fputs("usage: kexec KERNEL INITRAMFS COMMAND-LINE\n", stderr);
		return 2;
	}
	kernel = open(argv[1], O_RDONLY | O_CLOEXEC);
	initramfs = open(argv[2], O_RDONLY | O_CLOEXEC);
	if (kernel < 0 || initramfs < 0 ||
	    syscall(SYS_kexec_file_load, kernel, initramfs, strlen(argv[3]) + 1, argv[3], 0) ||
	    reboot((int)LINUX_REBOOT_CMD_KEXEC))
		fprintf(stderr, "kexec: %s\n", strerror(errno));
	return 1;
}
