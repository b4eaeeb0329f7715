/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Check: the kernel's limit on IOTLB entries suffices for the guest's memory. */
#include "host/checks.h"
#include "host/hugepages.h"
#include "host/memlock.h"
#include "host/modules.h"

#include "base/parse.h"

/* Worst case of a pinned guest: every page a piece of its own. */
static void judge(const struct check_options *o, uint64_t limit, struct report *r)
{
	const struct memory_config *m = &o->config->memory;
	_hugepage_list_ struct hugepage_list list = { 0 };
	uint64_t page = m->hugepage_size;
	struct finding *f;
	uint64_t entries;

	if (!m->hugepages) {
		f = report_add(r, check_iotlb.id, FINDING_WARN, "max_iotlb_entries",
			       "without hugepages the guest's memory may fall into more than the "
			       "%llu pieces that the kernel maps for a pinning device",
			       (unsigned long long)limit);
		finding_remedy(f, "give the guest hugepages");
		finding_command(f, "--memory size=...,hugepages=on");
		return;
	}
	if (!page && hugepage_list_get(o->roots, &list, NULL) == 0)
		page = list.default_size;
	entries = page ? m->size / page : 0;
	if (entries <= limit) {
		report_add(r, check_iotlb.id, FINDING_OK, "max_iotlb_entries",
			   "at most %llu entries are needed, the kernel allows %llu",
			   (unsigned long long)entries, (unsigned long long)limit);
		return;
	}
	f = report_add(r, check_iotlb.id, FINDING_WARN, "max_iotlb_entries",
		       "up to %llu entries may be needed, the kernel allows %llu",
		       (unsigned long long)entries, (unsigned long long)limit);
	finding_remedy(f, "use hugepages of 1G, or load vhost_vdpa with a higher limit");
	finding_command(f, "vdpactl module load vhost_vdpa max_iotlb_entries=%llu",
			(unsigned long long)entries);
}

static int probe(const struct check_options *o, struct report *r, struct err *e)
{
	struct memlock_need need;
	char word[24];
	uint64_t limit;

	(void)e;
	/* The limit came after Linux 6.12; before, there is nothing to check. */
	if (!o->config ||
	    module_param_get(o->roots, "vhost_vdpa", "max_iotlb_entries", word, sizeof(word)) ||
	    parse_uint(word, 0, UINT64_MAX, &limit, NULL))
		return 0;
	memlock_need_get(o->roots, o->config, &need);
	if (need.pinned && limit)
		judge(o, limit, r);
	return 0;
}

const struct host_check check_iotlb = {
	.id = "iotlb",
	.summary = "the kernel's limit on IOTLB entries suffices",
	.probe = probe,
};
