/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Writes a bzImage that says `@` on the first serial port where its kernel would begin: IN OUT. */

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* mov $0x3f8,%dx; mov $'@',%al; out %al,(%dx); 1: hlt; jmp 1b */
static const uint8_t probe16[] = { 0xba, 0xf8, 0x03, 0xb0, '@', 0xee, 0xf4, 0xeb, 0xfd };
/* the same bytes mean the same in 32-bit and in 64-bit mode */
static const uint8_t probe32[] = { 0x66, 0xba, 0xf8, 0x03, 0xb0, '@', 0xee, 0xf4, 0xeb, 0xfd };

/* Every entry of Documentation/arch/x86/boot.rst: real mode, 32-bit, 64-bit. */
static int patch(uint8_t *image, size_t size)
{
	size_t setup_sects, kernel, real_mode;

	if (size < 0x1000 || memcmp(image + 0x202, "HdrS", 4))
		return -1;
	setup_sects = image[0x1f1] ? image[0x1f1] : 4;
	kernel = (setup_sects + 1) * 512;
	real_mode = 0x202 + image[0x201];
	if (kernel + 0x200 + sizeof(probe32) > size)
		return -1;
	memcpy(image + real_mode, probe16, sizeof(probe16));
	memcpy(image + kernel, probe32, sizeof(probe32));
	memcpy(image + kernel + 0x200, probe32, sizeof(probe32));
	return 0;
}

int main(int argc, char **argv)
{
	FILE *in = argc == 3 ? fopen(argv[1], "rb") : NULL;
	FILE *out = argc == 3 ? fopen(argv[2], "wb") : NULL;
	size_t room = 64 << 20, size;
	uint8_t *image = malloc(room);

	if (!in || !out || !image) {
		fprintf(stderr, "usage: entry_probe BZIMAGE PROBE\n");
		return 2;
	}
	size = fread(image, 1, room, in);
	if (patch(image, size)) {
		fprintf(stderr, "entry_probe: '%s' is no bzImage\n", argv[1]);
		return 1;
	}
	return fwrite(image, 1, size, out) == size && !fclose(out) ? 0 : 1;
}
