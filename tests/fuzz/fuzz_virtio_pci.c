/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Configuration space and BARs of virtio functions, by every access that a guest can make. */
#include "fuzz_functions.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct fixture f;
	struct fuzz_input in = { .at = data, .end = data + size };

	set_up(&f);
	memset(fake_at(&f.guest, 0), 0, 0x10010);
	for (unsigned int n = 0; n < MAX_STEPS && fuzz_more(&in); n++)
		step(&f, &in);
	tear_down(&f);
	return 0;
}
