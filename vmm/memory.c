/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Guest RAM: one mapping, seen below and above the 32-bit hole. */
#include "memory.h"

#include "base/checked.h"
#include "base/cleanup.h"
#include "host/hugepages.h"
#include "log.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <linux/memfd.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/mman.h>

#ifndef MADV_POPULATE_WRITE
#define MADV_POPULATE_WRITE 23
#endif

enum {
	MAX_POPULATE_THREADS = 16,
	HUGEPAGES_PATH_SIZE = 96,
	THP_SIZE = 2 << 20,
};

static int hugepages_counter(uint64_t page, const char *counter, uint64_t *value)
{
	char path[HUGEPAGES_PATH_SIZE];

	snprintf(path, sizeof(path), "/sys/kernel/mm/hugepages/hugepages-%" PRIu64 "kB/%s",
		 page >> 10, counter);
	_fclose_ FILE *f = fopen(path, "re");

	return f && fscanf(f, "%" SCNu64, value) == 1 ? 0 : -ENOENT;
}

static int describe_shortage(uint64_t page, uint64_t size, struct err *e)
{
	uint64_t needed = size / page, free_pages = 0, reserved = 0, total = 0;

	if (hugepages_counter(page, "free_hugepages", &free_pages) < 0)
		return err_set(e, -ENOMEM, "this host has no hugepages of %" PRIu64 " KiB",
			       page >> 10);
	hugepages_counter(page, "resv_hugepages", &reserved);
	hugepages_counter(page, "nr_hugepages", &total);
	free_pages -= reserved < free_pages ? reserved : free_pages;
	err_set(e, -ENOMEM,
		"not enough hugepages of %" PRIu64 " KiB: %" PRIu64 " needed, %" PRIu64 " free",
		page >> 10, needed, free_pages);
	return err_hint(e,
			"echo %" PRIu64 " > /sys/kernel/mm/hugepages/hugepages-%" PRIu64
			"kB/nr_hugepages",
			total + needed - (free_pages < needed ? free_pages : needed), page >> 10);
}

static int open_memfd(const struct memory_config *config, uint64_t page, struct err *e)
{
	unsigned int flags = MFD_CLOEXEC;

	if (config->hugepages)
		flags |= MFD_HUGETLB | (unsigned int)__builtin_ctzll(page) << MFD_HUGE_SHIFT;
	_close_ int fd = memfd_create("guest_ram", flags);

	if (fd < 0) {
		int code = -errno;

		if (config->hugepages)
			return err_set(e, code, "this host has no hugepages of %" PRIu64 " KiB",
				       page >> 10);
		return err_errno(e, code, "cannot create the memory file");
	}
	if (ftruncate(fd, (off_t)config->size) < 0)
		return err_errno(e, -errno, "cannot size the memory file to %" PRIu64 " bytes",
				 config->size);
	return steal_fd(&fd);
}

static int map_shared(struct guest_memory *mem, const struct memory_config *config, uint64_t page,
		      uint8_t **hva, struct err *e)
{
	/* Hugepages are reserved by the mapping (no MAP_NORESERVE); memfd pages on first touch. */
	bool reserve = config->hugepages || config->reserve;
	void *at;

	mem->fd = open_memfd(config, page, e);
	if (mem->fd < 0)
		return mem->fd;
	at = mmap(NULL, config->size, PROT_READ | PROT_WRITE,
		  MAP_SHARED | (reserve ? 0 : MAP_NORESERVE), mem->fd, 0);
	if (at == MAP_FAILED) {
		int code = -errno;

		if (config->hugepages && code == -ENOMEM)
			return describe_shortage(page, config->size, e);
		return err_errno(e, code, "cannot map %" PRIu64 " bytes of guest memory",
				 config->size);
	}
	*hva = at;
	return 0;
}

/*
 * Memory that nobody else maps: of it alone the kernel makes transparent hugepages as a rule (of
 * memfds only where shmem_enabled says so), which spares a fault and a nested fault for each 4 KiB.
 * Aligned, because before Linux 6.7 the kernel does not align such mappings by itself.
 */
static int map_private(const struct memory_config *config, uint8_t **hva, struct err *e)
{
	uint64_t room = config->size + THP_SIZE, lead;
	uint8_t *at =
		mmap(NULL, room, PROT_READ | PROT_WRITE,
		     MAP_PRIVATE | MAP_ANONYMOUS | (config->reserve ? 0 : MAP_NORESERVE), -1, 0);

	if (at == MAP_FAILED)
		return err_errno(e, -errno, "cannot map %" PRIu64 " bytes of guest memory",
				 config->size);
	lead = round_up((uintptr_t)at, THP_SIZE) - (uintptr_t)at;
	if (lead > 0)
		munmap(at, lead);
	if (lead < THP_SIZE)
		munmap(at + lead + config->size, THP_SIZE - lead);
	*hva = at + lead;
	return 0;
}

static void advise(const struct memory_config *config, uint8_t *hva)
{
	madvise(hva, config->size, MADV_DONTDUMP);
	if (config->thp && !config->hugepages)
		madvise(hva, config->size, MADV_HUGEPAGE);
	if (config->mergeable && madvise(hva, config->size, MADV_MERGEABLE) < 0)
		log_warn("memory: pages cannot be merged on this host");
}

struct share {
	pthread_t thread;
	uint8_t *hva;
	uint64_t size;
	int code;
};

static void *populate_share(void *arg)
{
	struct share *share = arg;

	if (madvise(share->hva, share->size, MADV_POPULATE_WRITE) < 0)
		share->code = -errno;
	return NULL;
}

/* Clearing memory is bound by one CPU's bandwidth, so all CPUs take a part. */
static int populate(uint8_t *hva, uint64_t size, uint64_t page, struct err *e)
{
	struct share shares[MAX_POPULATE_THREADS];
	long cpus = sysconf(_SC_NPROCESSORS_ONLN);
	uint64_t n = cpus < 1                      ? 1
		     : cpus > MAX_POPULATE_THREADS ? MAX_POPULATE_THREADS
						   : (uint64_t)cpus;
	uint64_t unit = round_up((size + n - 1) / n, page), used = 0;
	int code = 0;

	for (uint64_t at = 0; at < size; at += unit, used++) {
		struct share *s = &shares[used];

		*s = (struct share){ .hva = hva + at, .size = size - at < unit ? size - at : unit };
		/* The last part is this thread's own; so is what gets no thread. */
		if (at + unit >= size || pthread_create(&s->thread, NULL, populate_share, s) != 0) {
			populate_share(s);
			s->thread = pthread_self();
		}
	}
	for (uint64_t i = 0; i < used; i++) {
		if (!pthread_equal(shares[i].thread, pthread_self()))
			pthread_join(shares[i].thread, NULL);
		if (shares[i].code < 0)
			code = shares[i].code;
	}
	if (code == -EINVAL) /* before Linux 5.14: the guest's first touch populates */
		return 0;
	return code < 0 ? err_errno(e, code, "cannot populate guest memory") : 0;
}

static void set_regions(struct guest_memory *mem, uint8_t *hva)
{
	uint64_t low = mem->size < MEMORY_HOLE_START ? mem->size : MEMORY_HOLE_START;

	mem->regions[mem->n_regions++] = (struct memory_region){ .size = low, .hva = hva };
	if (mem->size > low)
		mem->regions[mem->n_regions++] = (struct memory_region){
			.gpa = MEMORY_HIGH_START,
			.size = mem->size - low,
			.hva = hva + low,
		};
}

DEFINE_CLEANUP(struct guest_memory, memory, guest_memory_destroy)

int guest_memory_create(const struct memory_config *config, struct guest_memory **out,
			struct err *e)
{
	_cleanup_(cleanup_memory) struct guest_memory *mem = calloc(1, sizeof(*mem));
	uint64_t page = 4096;

	if (!mem)
		return err_nomem(e);
	mem->fd = -1;
	if (config->hugepages)
		page = config->hugepage_size ? config->hugepage_size : hugepage_default_size(NULL);
	if (config->size == 0 || config->size % page)
		return err_set(e, -EINVAL,
			       "memory size %" PRIu64
			       " is not a multiple of the page size %" PRIu64,
			       config->size, page);
	mem->size = config->size;
	uint8_t *hva = NULL;
	int ret = config->shared || config->hugepages ? map_shared(mem, config, page, &hva, e)
						      : map_private(config, &hva, e);

	if (ret < 0)
		return ret;
	set_regions(mem, hva);
	advise(config, hva);
	if (config->prefault) {
		ret = populate(hva, mem->size, page, e);
		if (ret < 0)
			return ret;
	}
	*out = steal_ptr(&mem);
	return 0;
}

void guest_memory_destroy(struct guest_memory *mem)
{
	if (!mem)
		return;
	if (mem->n_regions)
		munmap(mem->regions[0].hva, mem->size);
	if (mem->fd >= 0)
		close(mem->fd);
	free(mem);
}

void *memory_span(const struct guest_memory *mem, uint64_t gpa, uint64_t len)
{
	for (size_t i = 0; i < mem->n_regions; i++) {
		const struct memory_region *r = &mem->regions[i];

		if (gpa >= r->gpa && range_within(gpa - r->gpa, len, r->size))
			return r->hva + (gpa - r->gpa);
	}
	return NULL;
}
