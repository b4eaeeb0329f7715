/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Domains of virtio-iommu: what is mapped in each, and the devices that are attached to them. */
#include "base/checked.h"
#include "virtio/iommu_internal.h"

#include <errno.h>

/* Translation for devices that the VMM serves; any thread. */
static bool translate(struct dma_space *space, uint64_t iova, uint64_t *len, enum dma_access access,
		      uint64_t *gpa)
{
	struct iommu_endpoint *ep = container_of(space, struct iommu_endpoint, space);
	const struct iommu_mapping *m;
	bool bypass, ok = false;

	pthread_rwlock_rdlock(&ep->iommu->lock);
	bypass = ep->domain ? ep->domain->bypass : ep->iommu->config.bypass;
	if (bypass) {
		*gpa = iova;
		ok = true;
	} else if (ep->domain) {
		m = iommu_map_from(&ep->domain->map, iova);
		if (m && m->first <= iova && m->access & access) {
			if (*len - 1 > m->last - iova)
				*len = m->last - iova + 1;
			*gpa = m->gpa + (iova - m->first);
			ok = true;
		}
	}
	pthread_rwlock_unlock(&ep->iommu->lock);
	return ok;
}

const struct dma_ops iommu_dma_ops = { .translate = translate };

static bool has_kernel_side(const struct iommu_endpoint *ep)
{
	return ep->dev && ep->dev->ops->iommu_map;
}

/*
 * A device that the VMM serves looks rings and buffers up once: what it does in [first, last] (in
 * host memory: from `p` on) ends here.
 */
static void withdraw(struct iommu_endpoint *ep, uint64_t first, uint64_t last, const uint8_t *p)
{
	if (!ep->dev || has_kernel_side(ep))
		return;
	pthread_mutex_lock(&ep->dev->lock);
	virtio_device_withdraw(ep->dev, first, last, p);
	pthread_mutex_unlock(&ep->dev->lock);
}

/* One change of what a device's kernel side may reach; its lock is taken here. */
static int pass_on(struct iommu_endpoint *ep, const struct iommu_mapping *m, bool add)
{
	struct virtio_device *dev = ep->dev;
	uint64_t size = m->last - m->first + 1;
	struct err e = { 0 };
	int r;

	pthread_mutex_lock(&dev->lock);
	if (!ep->in_batch && dev->ops->iommu_batch)
		dev->ops->iommu_batch(dev, true);
	ep->in_batch = true;
	if (add)
		r = dev->ops->iommu_map(dev, m->first, m->gpa, size, m->access, &e);
	else
		r = dev->ops->iommu_unmap(dev, m->first, size, &e);
	if (r)
		virtio_device_complain(dev, "IOVA 0x%llx: %s", (unsigned long long)m->first,
				       e.text);
	pthread_mutex_unlock(&dev->lock);
	return r;
}

void iommu_end_batches(struct iommu *iommu)
{
	for (struct iommu_endpoint *ep = iommu->endpoints; ep; ep = ep->next) {
		if (!ep->in_batch)
			continue;
		ep->in_batch = false;
		pthread_mutex_lock(&ep->dev->lock);
		if (ep->dev->ops->iommu_batch)
			ep->dev->ops->iommu_batch(ep->dev, false);
		pthread_mutex_unlock(&ep->dev->lock);
	}
}

static int pass_on_region(struct iommu_endpoint *ep, const struct memory_region *region, bool add)
{
	const struct iommu_mapping all = {
		.first = region->gpa,
		.last = region->gpa + region->size - 1,
		.gpa = region->gpa,
		.access = DMA_READ | DMA_WRITE,
	};

	return pass_on(ep, &all, add);
}

/* A device that bypasses translation: all RAM in its kernel side, or out of it; none of it where
 * one region fails. */
static int pass_on_ram(struct iommu_endpoint *ep, bool add)
{
	const struct guest_memory *mem = ep->space.memory;
	size_t n = 0;
	int r = 0;

	while (n < mem->n_regions && !r) {
		r = pass_on_region(ep, &mem->regions[n], add);
		n += !r;
	}
	while (r && add && n > 0)
		pass_on_region(ep, &mem->regions[--n], false);
	return r;
}

/* Puts all of a domain into a device's kernel side; takes back what went in when one fails. */
static int pass_on_domain(struct iommu_endpoint *ep, const struct iommu_domain *domain, bool add)
{
	const struct iommu_mapping *m, *failed = NULL;
	int r = 0;

	if (!has_kernel_side(ep))
		return 0;
	if (domain->bypass)
		return pass_on_ram(ep, add);
	for (m = iommu_map_from(&domain->map, 0); m && !r;
	     m = m->last == UINT64_MAX ? NULL : iommu_map_from(&domain->map, m->last + 1)) {
		r = pass_on(ep, m, add);
		if (r)
			failed = m;
	}
	if (!r || !add)
		return r;
	for (m = iommu_map_from(&domain->map, 0); m && m != failed;
	     m = iommu_map_from(&domain->map, m->last + 1))
		pass_on(ep, m, false);
	return r;
}

struct iommu_domain *iommu_find_domain(struct iommu *iommu, uint32_t number)
{
	struct iommu_domain *d = iommu->domains;

	while (d && d->number != number)
		d = d->next;
	return d;
}

struct iommu_endpoint *iommu_find_endpoint(struct iommu *iommu, uint32_t number)
{
	struct iommu_endpoint *ep = iommu->endpoints;

	while (ep && (!ep->dev || ep->number != number))
		ep = ep->next;
	return ep;
}

static struct iommu_domain *make_domain(struct iommu *iommu, uint32_t number, bool bypass)
{
	struct iommu_domain *d = calloc(1, sizeof(*d));

	if (!d)
		return NULL;
	d->number = number;
	d->bypass = bypass;
	d->next = iommu->domains;
	iommu->domains = d;
	return d;
}

/* A domain lives as long as something is attached to it (5.13.6.4). */
static void drop_domain(struct iommu *iommu, struct iommu_domain *domain)
{
	struct iommu_domain **at = &iommu->domains;

	if (domain->n_endpoints)
		return;
	while (*at != domain)
		at = &(*at)->next;
	*at = domain->next;
	iommu->n_mappings -= domain->map.n;
	iommu_map_clear(&domain->map);
	free(domain);
}

static bool bypasses_alone(const struct iommu *iommu, const struct iommu_endpoint *ep)
{
	return iommu->config.bypass && has_kernel_side(ep);
}

/* `next` (NULL: none) instead of the present domain; translation sees one or the other. */
static int move_endpoint(struct iommu *iommu, struct iommu_endpoint *ep, struct iommu_domain *next)
{
	struct iommu_domain *old = ep->domain;
	int r = 0;

	if (old)
		pass_on_domain(ep, old, false);
	else if (bypasses_alone(iommu, ep))
		pass_on_ram(ep, false);
	if (next)
		r = pass_on_domain(ep, next, true);
	else if (bypasses_alone(iommu, ep))
		r = pass_on_ram(ep, true);
	pthread_rwlock_wrlock(&iommu->lock);
	ep->domain = r ? NULL : next;
	if (ep->domain)
		ep->domain->n_endpoints++;
	if (old) {
		old->n_endpoints--;
		drop_domain(iommu, old);
	}
	pthread_rwlock_unlock(&iommu->lock);
	withdraw(ep, 0, UINT64_MAX, NULL);
	return r;
}

uint8_t iommu_attach(struct iommu *iommu, uint32_t domain, uint32_t endpoint, bool bypass)
{
	struct iommu_endpoint *ep = iommu_find_endpoint(iommu, endpoint);
	struct iommu_domain *d = iommu_find_domain(iommu, domain);
	int r;

	if (!ep)
		return VIRTIO_IOMMU_S_NOENT;
	if (d && d->bypass != bypass)
		return VIRTIO_IOMMU_S_INVAL;
	if (d && d == ep->domain)
		return VIRTIO_IOMMU_S_OK;
	if (!d)
		d = make_domain(iommu, domain, bypass);
	if (!d)
		return VIRTIO_IOMMU_S_NOMEM;
	r = move_endpoint(iommu, ep, d);
	if (!r)
		return VIRTIO_IOMMU_S_OK;
	pthread_rwlock_wrlock(&iommu->lock);
	drop_domain(iommu, d);
	pthread_rwlock_unlock(&iommu->lock);
	return VIRTIO_IOMMU_S_DEVERR;
}

uint8_t iommu_detach(struct iommu *iommu, uint32_t domain, uint32_t endpoint)
{
	struct iommu_endpoint *ep = iommu_find_endpoint(iommu, endpoint);

	if (!ep)
		return VIRTIO_IOMMU_S_NOENT;
	if (!ep->domain || ep->domain->number != domain)
		return VIRTIO_IOMMU_S_INVAL;
	return move_endpoint(iommu, ep, NULL) ? VIRTIO_IOMMU_S_DEVERR : VIRTIO_IOMMU_S_OK;
}

void iommu_admit(struct iommu_endpoint *endpoint)
{
	if (bypasses_alone(endpoint->iommu, endpoint))
		pass_on_ram(endpoint, true);
	iommu_end_batches(endpoint->iommu);
}

int iommu_leave(struct iommu *iommu, struct iommu_endpoint *endpoint)
{
	return move_endpoint(iommu, endpoint, NULL);
}

void iommu_detach_all(struct iommu *iommu)
{
	for (struct iommu_endpoint *ep = iommu->endpoints; ep; ep = ep->next)
		if (ep->domain)
			move_endpoint(iommu, ep, NULL);
}

void iommu_set_bypass(struct iommu *iommu, bool bypass)
{
	if (bypass == iommu->config.bypass)
		return;
	for (struct iommu_endpoint *ep = iommu->endpoints; ep; ep = ep->next)
		if (!ep->domain && has_kernel_side(ep))
			pass_on_ram(ep, bypass);
	pthread_rwlock_wrlock(&iommu->lock);
	iommu->config.bypass = bypass;
	pthread_rwlock_unlock(&iommu->lock);
	for (struct iommu_endpoint *ep = iommu->endpoints; ep && !bypass; ep = ep->next)
		if (!ep->domain)
			withdraw(ep, 0, UINT64_MAX, NULL);
}

static bool is_range(const struct iommu *iommu, uint64_t first, uint64_t last)
{
	uint64_t granule = iommu->config.page_size_mask & -iommu->config.page_size_mask;

	return first < last && first % granule == 0 && (last + 1) % granule == 0 &&
	       last <= iommu->config.input_range.end;
}

static uint8_t pass_on_to_all(struct iommu *iommu, const struct iommu_domain *d,
			      const struct iommu_mapping *m)
{
	struct iommu_endpoint *ep, *failed = NULL;

	for (ep = iommu->endpoints; ep && !failed; ep = ep->next)
		if (ep->domain == d && has_kernel_side(ep) && pass_on(ep, m, true))
			failed = ep;
	if (!failed)
		return VIRTIO_IOMMU_S_OK;
	for (ep = iommu->endpoints; ep != failed; ep = ep->next)
		if (ep->domain == d && has_kernel_side(ep))
			pass_on(ep, m, false);
	return VIRTIO_IOMMU_S_NOMEM;
}

uint8_t iommu_map_range(struct iommu *iommu, const struct virtio_iommu_req_map *req)
{
	struct iommu_domain *d = iommu_find_domain(iommu, req->domain);
	const struct iommu_mapping m = {
		.first = req->virt_start,
		.last = req->virt_end,
		.gpa = req->phys_start,
		.access = req->flags,
	};
	const struct iommu_mapping *near;
	uint64_t end;
	uint8_t status;
	bool ok;

	if (!d)
		return VIRTIO_IOMMU_S_NOENT;
	/* Access bits are those of enum dma_access; MMIO is not offered. */
	if (!m.access || m.access & ~(uint32_t)(DMA_READ | DMA_WRITE) || d->bypass)
		return VIRTIO_IOMMU_S_INVAL;
	/* A mapping of all there is has no size. */
	if (!is_range(iommu, m.first, m.last) || m.last - m.first == UINT64_MAX || m.gpa % 4096 ||
	    add_wraps(m.gpa, m.last - m.first, &end))
		return VIRTIO_IOMMU_S_RANGE;
	near = iommu_map_from(&d->map, m.first);
	if (near && near->first <= m.last)
		return VIRTIO_IOMMU_S_INVAL;
	if (iommu->n_mappings >= IOMMU_MAX_MAPPINGS)
		return VIRTIO_IOMMU_S_NOMEM;
	status = pass_on_to_all(iommu, d, &m);
	if (status != VIRTIO_IOMMU_S_OK)
		return status;
	pthread_rwlock_wrlock(&iommu->lock);
	ok = iommu_map_insert(&d->map, m.first, m.last, m.gpa, m.access);
	if (ok)
		iommu->n_mappings++;
	pthread_rwlock_unlock(&iommu->lock);
	if (ok)
		return VIRTIO_IOMMU_S_OK;
	for (struct iommu_endpoint *ep = iommu->endpoints; ep; ep = ep->next)
		if (ep->domain == d && has_kernel_side(ep))
			pass_on(ep, &m, false);
	return VIRTIO_IOMMU_S_NOMEM;
}

/* Would it cut a mapping in two? Then nothing is removed (5.13.6.6). */
static bool cuts(const struct iommu_domain *d, uint64_t first, uint64_t last)
{
	const struct iommu_mapping *low = iommu_map_from(&d->map, first);
	const struct iommu_mapping *high = iommu_map_from(&d->map, last);

	return (low && low->first < first) || (high && high->first <= last && high->last > last);
}

static uint8_t unmap_one(struct iommu *iommu, struct iommu_domain *d, struct iommu_mapping *m)
{
	const struct iommu_mapping was = *m;
	uint8_t status = VIRTIO_IOMMU_S_OK;

	for (struct iommu_endpoint *ep = iommu->endpoints; ep; ep = ep->next)
		if (ep->domain == d && has_kernel_side(ep) && pass_on(ep, m, false))
			status = VIRTIO_IOMMU_S_DEVERR;
	pthread_rwlock_wrlock(&iommu->lock);
	iommu_map_remove(&d->map, m);
	iommu->n_mappings--;
	pthread_rwlock_unlock(&iommu->lock);
	for (struct iommu_endpoint *ep = iommu->endpoints; ep; ep = ep->next)
		if (ep->domain == d)
			withdraw(ep, was.first, was.last,
				 memory_span(ep->space.memory, was.gpa, was.last - was.first + 1));
	return status;
}

uint8_t iommu_unmap_range(struct iommu *iommu, uint32_t domain, uint64_t first, uint64_t last)
{
	struct iommu_domain *d = iommu_find_domain(iommu, domain);
	struct iommu_mapping *m;
	uint8_t status = VIRTIO_IOMMU_S_OK;

	if (!d)
		return VIRTIO_IOMMU_S_NOENT;
	if (d->bypass)
		return VIRTIO_IOMMU_S_INVAL;
	if (first > last || cuts(d, first, last))
		return VIRTIO_IOMMU_S_RANGE;
	while ((m = iommu_map_from(&d->map, first)) && m->first <= last) {
		uint8_t one = unmap_one(iommu, d, m);

		if (one != VIRTIO_IOMMU_S_OK)
			status = one;
	}
	return status;
}
