/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the guest told virtio-iommu, written and read. */
#include "virtio/iommu_internal.h"

#include <errno.h>
#include <stdlib.h>

/* As it stands in the text. */
struct saved_mapping {
	uint64_t first, last, gpa;
	uint32_t access, unused;
};

static struct saved_mapping *collect(const struct iommu_domain *d)
{
	struct saved_mapping *all = calloc(d->map.n + 1, sizeof(*all));
	const struct iommu_mapping *m = iommu_map_from(&d->map, 0);

	for (size_t i = 0; all && m; i++) {
		all[i] = (struct saved_mapping){
			.first = m->first,
			.last = m->last,
			.gpa = m->gpa,
			.access = m->access,
		};
		m = m->last == UINT64_MAX ? NULL : iommu_map_from(&d->map, m->last + 1);
	}
	return all;
}

/* Through the front door: a mapping is checked as one of the guest's, and passed on to devices. */
static void map_all(struct iommu *iommu, uint32_t domain, const struct saved_mapping *all, size_t n,
		    const struct state *s)
{
	for (size_t i = 0; i < n && !state_failed(s); i++) {
		const struct virtio_iommu_req_map m = {
			.domain = domain,
			.virt_start = all[i].first,
			.virt_end = all[i].last,
			.phys_start = all[i].gpa,
			.flags = all[i].access,
		};
		uint8_t status = iommu_map_range(iommu, &m);

		if (status != VIRTIO_IOMMU_S_OK)
			state_fail(s, -EINVAL, "IOVA 0x%llx cannot be mapped (status %u)",
				   (unsigned long long)all[i].first, status);
	}
}

static void attach(struct iommu *iommu, struct iommu_endpoint *ep, uint32_t domain, bool bypass,
		   const struct state *s)
{
	uint8_t status;

	if (state_failed(s))
		return;
	status = iommu_attach(iommu, domain, ep->number, bypass);
	if (status != VIRTIO_IOMMU_S_OK)
		state_fail(s, -EINVAL, "device '%s' cannot be attached (status %u)", ep->dev->id,
			   status);
}

static void domain_state(struct iommu *iommu, struct iommu_endpoint *ep, uint32_t number,
			 const struct state *s)
{
	struct iommu_domain *d = iommu_find_domain(iommu, number);
	struct saved_mapping *all = NULL;
	bool bypass = d && d->bypass;
	size_t size = 0;

	STATE_NUMBER(s, "bypass", bypass);
	if (!s->loading && d) {
		all = collect(d);
		size = d->map.n * sizeof(*all);
		if (!all)
			state_fail(s, -ENOMEM, "out of memory");
	}
	if (s->loading)
		attach(iommu, ep, number, bypass, s);
	/* A domain that more than one device is in is read once. */
	if (!s->loading || !d)
		state_blob(s, "mappings", (void **)&all, &size, IOMMU_MAX_MAPPINGS * sizeof(*all));
	if (s->loading && !d)
		map_all(iommu, number, all, size / sizeof(*all), s);
	free(all);
}

static void endpoint_state(struct iommu *iommu, struct iommu_endpoint *ep, const struct state *s)
{
	bool attached = ep->domain;
	uint32_t number = attached ? ep->domain->number : 0;
	struct state in = state_enter(s, ep->dev->id);

	state_same(&in, "number", ep->number);
	STATE_NUMBER(&in, "attached", attached);
	STATE_NUMBER(&in, "domain", number);
	if (!attached || state_failed(s))
		return;
	struct state domain = state_enter(&in, "of_domain");

	domain_state(iommu, ep, number, &domain);
}

void iommu_state(struct virtio_device *dev, const struct state *s)
{
	struct iommu *iommu = to_iommu(dev);
	bool bypass = iommu->config.bypass;
	struct state endpoints = state_enter(s, "endpoints");

	STATE_NUMBER(s, "bypass", bypass);
	if (s->loading && !state_failed(s))
		iommu_set_bypass(iommu, bypass);
	for (struct iommu_endpoint *ep = iommu->endpoints; ep; ep = ep->next)
		if (ep->dev)
			endpoint_state(iommu, ep, &endpoints);
	iommu_end_batches(iommu);
}
