/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The files of completions/, carried in the program by the assembler. */
#include "shell/completion_shims.h"

/* The linker keeps what the symbols in front of each file name; the byte behind it ends the text.
 */
#define SHIM(symbol, file)                                                                         \
	__asm__(".section .rodata\n" #symbol ":\n.incbin \"completions/" file "\"\n.byte 0\n"      \
		".text\n");                                                                        \
	extern const char symbol[] __attribute__((visibility("hidden")))

SHIM(completion_shim_bash, "vdpactl.bash");
SHIM(completion_shim_zsh, "_vdpactl");
SHIM(completion_shim_fish, "vdpactl.fish");

const struct completion_shim completion_shims[] = {
	{ .shell = "bash", .text = completion_shim_bash },
	{ .shell = "zsh", .text = completion_shim_zsh },
	{ .shell = "fish", .text = completion_shim_fish },
};
const size_t completion_shims_n = sizeof(completion_shims) / sizeof(completion_shims[0]);
