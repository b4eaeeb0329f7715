/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a vDPA device may reach: all guest RAM, or what the guest maps behind its IOMMU. */
#include "vdpa/vhost_iotlb.h"
#include "virtio/vdpa_internal.h"

#include <errno.h>

/*
 * One range for each RAM region, IOVA = guest-physical address. In a batch even for a single one:
 * of memory that is pinned in pieces the device would else be told after each piece.
 */
int vdpa_map_memory(struct vdpa *v, struct err *e)
{
	const struct guest_memory *mem = v->virtio.dma->memory;
	int r = vhost_vdpa_batch_begin(&v->vhost, e);
	int end;

	if (r)
		return r;
	for (size_t i = 0; !r && i < mem->n_regions; i++) {
		const struct vhost_vdpa_map map = {
			.perm = VHOST_ACCESS_RW,
			.iova = mem->regions[i].gpa,
			.size = mem->regions[i].size,
			.uaddr = (uintptr_t)mem->regions[i].hva,
		};

		r = vhost_vdpa_map(&v->vhost, &map, e);
	}
	if (r == -ERANGE)
		err_hint(e, "give the guest less memory");
	end = vhost_vdpa_batch_end(&v->vhost, r ? NULL : e);
	return r ? r : end;
}

void vdpa_unmap_all(struct vdpa *v)
{
	struct vhost_vdpa *vhost = &v->vhost;

	vhost_vdpa_batch_begin(vhost, NULL);
	for (size_t i = vhost->n_maps; i-- > 0;)
		vhost_vdpa_unmap(vhost, vhost->maps[i].iova, vhost->maps[i].size, NULL);
	vhost_vdpa_batch_end(vhost, NULL);
}

/*
 * The simulator lets a device without any mapping reach the whole address space of this process,
 * until the first change of its map: an empty one is enough.
 */
int vdpa_close_passthrough(struct vdpa *v, struct err *e)
{
	int r = vhost_vdpa_batch_begin(&v->vhost, e);

	return r ? r : vhost_vdpa_batch_end(&v->vhost, e);
}

int vdpa_iommu_map(struct virtio_device *dev, uint64_t iova, uint64_t gpa, uint64_t size,
		   enum dma_access access, struct err *e)
{
	struct vhost_vdpa_map map = {
		.perm = (uint8_t)access, /* reading is RO, writing WO, in both worlds */
		.iova = iova,
		.size = size,
	};
	void *p = memory_span(dev->dma->memory, gpa, size);

	_Static_assert((int)DMA_READ == (int)VHOST_ACCESS_RO &&
			       (int)DMA_WRITE == (int)VHOST_ACCESS_WO,
		       "access rights are passed on as they are");
	if (!p)
		return err_set(e, -EFAULT, "guest memory 0x%llx of 0x%llx bytes is not RAM",
			       (unsigned long long)gpa, (unsigned long long)size);
	map.uaddr = (uintptr_t)p;
	return vhost_vdpa_map(&to_vdpa(dev)->vhost, &map, e);
}

int vdpa_iommu_unmap(struct virtio_device *dev, uint64_t iova, uint64_t size, struct err *e)
{
	return vhost_vdpa_unmap(&to_vdpa(dev)->vhost, iova, size, e);
}

void vdpa_iommu_batch(struct virtio_device *dev, bool begin)
{
	struct vdpa *v = to_vdpa(dev);

	/* Without the batch every change is passed on at once, which is only slower. */
	if (begin)
		vhost_vdpa_batch_begin(&v->vhost, NULL);
	else
		vhost_vdpa_batch_end(&v->vhost, NULL);
}
