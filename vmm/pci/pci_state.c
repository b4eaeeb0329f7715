/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A function's guest-visible state, written and read: configuration space, MSI-X, BARs. */
#include "base/checked.h"
#include "pci/bar.h"
#include "pci/config_page.h"
#include "pci/host.h"
#include "pci/msix.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Takes over what the guest can change; the rest says whether it is the same function. */
static void load_config(struct pci_function *fn, const uint8_t *saved, const struct state *s)
{
	for (unsigned int i = 0; i < PCI_CONFIG_SIZE; i++) {
		uint8_t mask = fn->writable[i];

		if ((saved[i] & ~mask) != (fn->config[i] & ~mask)) {
			state_fail(s, -EINVAL,
				   "this is another PCI function: byte 0x%x of its configuration "
				   "space differs",
				   i);
			return;
		}
	}
	for (unsigned int i = 0; i < PCI_CONFIG_SIZE; i++)
		fn->config[i] = saved[i];
}

static void config_state(struct pci_function *fn, const struct state *s)
{
	bool exits = !fn->config_page;
	uint8_t config[PCI_CONFIG_SIZE];

	memcpy(config, fn->config, sizeof(config));
	state_bytes(s, "config", config, sizeof(config));
	STATE_NUMBER(s, "exits", exits);
	if (!s->loading || state_failed(s))
		return;
	load_config(fn, config, s);
	if (exits)
		config_page_hide(fn);
	config_page_update(fn);
}

/* Where the BARs were put first: what comes later is put around that. */
static void assigned_state(struct pci_function *fn, const struct state *s)
{
	uint64_t *assigned = fn->segment->slots[fn->slot].assigned;
	char key[8];

	for (unsigned int i = 0; i < PCI_BARS; i++) {
		uint64_t at = assigned[i], end;

		if (!fn->bars[i].size)
			continue;
		snprintf(key, sizeof(key), "bar%u", i);
		STATE_NUMBER(s, key, at);
		if (at % fn->bars[i].size || add_wraps(at, fn->bars[i].size, &end))
			state_fail(s, -EINVAL, "'%s' is no address for a BAR of its size", key);
		else
			assigned[i] = at;
	}
}

void pci_function_state(struct pci_function *fn, const struct state *s)
{
	pthread_mutex_lock(&fn->lock);
	config_state(fn, s);
	assigned_state(fn, s);
	msix_state(&fn->msix, s);
	pthread_mutex_unlock(&fn->lock);
	if (s->loading && !state_failed(s))
		pci_bars_update(fn);
}
