/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The kernel's KVM interface, typed: the only raw KVM ioctls of the program are here. */
#include "kvm.h"

#include "base/cleanup.h"
#include "host/kvm_access.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/mman.h>

#define KVM_NODE "/dev/kvm"

enum {
	/* Intel only: three pages for real-mode emulation and one for its identity map. */
	TSS_ADDRESS = 0xf8000000,
	IDENTITY_MAP_ADDRESS = 0xf8003000,
	CPUID_ENTRIES = 256,
};

struct kvm {
	int fd, vm_fd;
	size_t run_size;
};

static const struct {
	int capability;
	const char *name;
} needed[] = {
	{ .capability = KVM_CAP_IRQCHIP, .name = "KVM_CAP_IRQCHIP" },
	{ .capability = KVM_CAP_USER_MEMORY, .name = "KVM_CAP_USER_MEMORY" },
	{ .capability = KVM_CAP_IRQFD, .name = "KVM_CAP_IRQFD" },
	{ .capability = KVM_CAP_IOEVENTFD, .name = "KVM_CAP_IOEVENTFD" },
	{ .capability = KVM_CAP_SIGNAL_MSI, .name = "KVM_CAP_SIGNAL_MSI" },
	{ .capability = KVM_CAP_IMMEDIATE_EXIT, .name = "KVM_CAP_IMMEDIATE_EXIT" },
};

static int call(int fd, unsigned long request, const void *arg)
{
	return ioctl(fd, request, arg) < 0 ? -errno : 0;
}

static int call_named(int fd, unsigned long request, const void *arg, const char *name,
		      struct err *e)
{
	int ret = call(fd, request, arg);

	return ret < 0 ? err_errno(e, ret, "%s", name) : 0;
}

#define CALL(fd, request, arg, e) call_named(fd, request, arg, #request, e)

static int open_node(struct err *e)
{
	int fd = open(KVM_NODE, O_RDWR | O_CLOEXEC);

	if (fd >= 0)
		return fd;
	int code = -errno;

	err_errno(e, code, "cannot open %s", KVM_NODE);
	if (code == -ENOENT || code == -ENODEV || code == -ENXIO)
		err_hint(e, "load kvm_intel or kvm_amd ('modprobe kvm_intel') and turn "
			    "virtualisation on in the firmware");
	if (code == -EACCES || code == -EPERM)
		kvm_access_hint(KVM_NODE, "USER", e);
	return code;
}

static int check_version(int fd, struct err *e)
{
	int version = ioctl(fd, KVM_GET_API_VERSION, 0);

	if (version != KVM_API_VERSION)
		return err_set(e, -ENOTSUP, "%s: API version %d, need %d", KVM_NODE, version,
			       KVM_API_VERSION);
	for (size_t i = 0; i < ARRAY_SIZE(needed); i++)
		if (ioctl(fd, KVM_CHECK_EXTENSION, (long)needed[i].capability) <= 0)
			return err_set(e, -ENOTSUP, "%s: this KVM lacks %s", KVM_NODE,
				       needed[i].name);
	return 0;
}

static int create_vm(struct kvm *kvm, struct err *e)
{
	uint64_t identity = IDENTITY_MAP_ADDRESS;
	int size = ioctl(kvm->fd, KVM_GET_VCPU_MMAP_SIZE, 0);

	if (size < (int)sizeof(struct kvm_run))
		return err_set(e, -ENOTSUP, "%s: run structure of %d bytes", KVM_NODE, size);
	kvm->run_size = (size_t)size;
	do {
		kvm->vm_fd = ioctl(kvm->fd, KVM_CREATE_VM, 0L);
	} while (kvm->vm_fd < 0 && errno == EINTR);
	if (kvm->vm_fd < 0) {
		err_errno(e, -errno, "KVM_CREATE_VM");
		return err_hint(e, "see 'dmesg' for what KVM says; another hypervisor may hold the "
				   "processor's virtualisation");
	}
	if (ioctl(kvm->vm_fd, KVM_SET_TSS_ADDR, (long)TSS_ADDRESS) < 0)
		return err_errno(e, -errno, "KVM_SET_TSS_ADDR");
	int ret = CALL(kvm->vm_fd, KVM_SET_IDENTITY_MAP_ADDR, &identity, e);

	return ret < 0 ? ret : CALL(kvm->vm_fd, KVM_CREATE_IRQCHIP, NULL, e);
}

DEFINE_CLEANUP(struct kvm, kvm, kvm_destroy)

int kvm_create(struct kvm **out, struct err *e)
{
	_cleanup_(cleanup_kvm) struct kvm *kvm = calloc(1, sizeof(*kvm));

	if (!kvm)
		return err_nomem(e);
	kvm->vm_fd = -1;
	kvm->fd = open_node(e);
	if (kvm->fd < 0)
		return kvm->fd;
	int ret = check_version(kvm->fd, e);

	if (ret == 0)
		ret = create_vm(kvm, e);
	if (ret < 0)
		return ret;
	*out = steal_ptr(&kvm);
	return 0;
}

void kvm_destroy(struct kvm *kvm)
{
	if (!kvm)
		return;
	if (kvm->vm_fd >= 0)
		close(kvm->vm_fd);
	if (kvm->fd >= 0)
		close(kvm->fd);
	free(kvm);
}

int kvm_capability(struct kvm *kvm, int capability)
{
	int ret = ioctl(kvm->vm_fd, KVM_CHECK_EXTENSION, (long)capability);

	return ret > 0 ? ret : 0;
}

int kvm_set_memory(struct kvm *kvm, unsigned int slot, uint64_t gpa, uint64_t size, void *hva,
		   bool read_only, struct err *e)
{
	struct kvm_userspace_memory_region region = {
		.slot = slot,
		.flags = read_only ? KVM_MEM_READONLY : 0,
		.guest_phys_addr = gpa,
		.memory_size = size,
		.userspace_addr = (uintptr_t)hva,
	};

	return CALL(kvm->vm_fd, KVM_SET_USER_MEMORY_REGION, &region, e);
}

static struct kvm_ioeventfd doorbell_arg(const struct kvm_doorbell *d, bool remove)
{
	return (struct kvm_ioeventfd){
		.addr = d->address,
		.fd = d->fd,
		.flags = (d->is_pio ? KVM_IOEVENTFD_FLAG_PIO : 0u) |
			 (remove ? KVM_IOEVENTFD_FLAG_DEASSIGN : 0u),
	};
}

int kvm_add_doorbell(struct kvm *kvm, const struct kvm_doorbell *doorbell, struct err *e)
{
	struct kvm_ioeventfd arg = doorbell_arg(doorbell, false);

	return CALL(kvm->vm_fd, KVM_IOEVENTFD, &arg, e);
}

void kvm_remove_doorbell(struct kvm *kvm, const struct kvm_doorbell *doorbell)
{
	struct kvm_ioeventfd arg = doorbell_arg(doorbell, true);

	call(kvm->vm_fd, KVM_IOEVENTFD, &arg);
}

int kvm_bind_irqfd(struct kvm *kvm, int fd, unsigned int gsi, struct err *e)
{
	struct kvm_irqfd arg = { .fd = (uint32_t)fd, .gsi = gsi };

	return CALL(kvm->vm_fd, KVM_IRQFD, &arg, e);
}

void kvm_unbind_irqfd(struct kvm *kvm, int fd, unsigned int gsi)
{
	struct kvm_irqfd arg = {
		.fd = (uint32_t)fd,
		.gsi = gsi,
		.flags = KVM_IRQFD_FLAG_DEASSIGN,
	};

	call(kvm->vm_fd, KVM_IRQFD, &arg);
}

int kvm_set_routes(struct kvm *kvm, const struct kvm_irq_routing *routes, struct err *e)
{
	return CALL(kvm->vm_fd, KVM_SET_GSI_ROUTING, routes, e);
}

void kvm_signal_msi(struct kvm *kvm, uint64_t address, uint32_t data)
{
	struct kvm_msi msi = {
		.address_lo = (uint32_t)address,
		.address_hi = (uint32_t)(address >> 32),
		.data = data,
	};

	/* A message that no vCPU accepts is lost, as on hardware. */
	call(kvm->vm_fd, KVM_SIGNAL_MSI, &msi);
}

void kvm_set_irq_line(struct kvm *kvm, unsigned int gsi, bool level)
{
	struct kvm_irq_level arg = { .irq = gsi, .level = level };

	call(kvm->vm_fd, KVM_IRQ_LINE, &arg);
}

int kvm_supported_cpuid(struct kvm *kvm, struct kvm_cpuid2 **out, struct err *e)
{
	_free_ struct kvm_cpuid2 *cpuid =
		calloc(1, sizeof(*cpuid) + CPUID_ENTRIES * sizeof(cpuid->entries[0]));

	if (!cpuid)
		return err_nomem(e);
	cpuid->nent = CPUID_ENTRIES;
	int ret = CALL(kvm->fd, KVM_GET_SUPPORTED_CPUID, cpuid, e);

	if (ret == 0)
		*out = steal_ptr(&cpuid);
	return ret;
}

int kvm_vcpu_open(struct kvm *kvm, unsigned int id, struct kvm_vcpu_handle *out, struct err *e)
{
	_close_ int fd = ioctl(kvm->vm_fd, KVM_CREATE_VCPU, (long)id);

	if (fd < 0)
		return err_errno(e, -errno, "KVM_CREATE_VCPU for vCPU %u", id);
	void *run = mmap(NULL, kvm->run_size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);

	if (run == MAP_FAILED)
		return err_errno(e, -errno, "cannot map the run structure of vCPU %u", id);
	*out = (struct kvm_vcpu_handle){
		.fd = steal_fd(&fd),
		.run = run,
		.run_size = kvm->run_size,
	};
	return 0;
}

void kvm_vcpu_close(struct kvm_vcpu_handle *vcpu)
{
	if (vcpu->run)
		munmap(vcpu->run, vcpu->run_size);
	if (vcpu->fd >= 0)
		close(vcpu->fd);
	*vcpu = (struct kvm_vcpu_handle){ .fd = -1 };
}

int kvm_vcpu_run(struct kvm_vcpu_handle *vcpu)
{
	return call(vcpu->fd, KVM_RUN, NULL);
}

int kvm_vcpu_set_cpuid(struct kvm_vcpu_handle *vcpu, const struct kvm_cpuid2 *cpuid, struct err *e)
{
	return CALL(vcpu->fd, KVM_SET_CPUID2, cpuid, e);
}

int kvm_vcpu_get_sregs(struct kvm_vcpu_handle *vcpu, struct kvm_sregs *sregs, struct err *e)
{
	return CALL(vcpu->fd, KVM_GET_SREGS, sregs, e);
}

int kvm_vcpu_set_sregs(struct kvm_vcpu_handle *vcpu, const struct kvm_sregs *sregs, struct err *e)
{
	return CALL(vcpu->fd, KVM_SET_SREGS, sregs, e);
}

int kvm_vcpu_get_regs(struct kvm_vcpu_handle *vcpu, struct kvm_regs *regs, struct err *e)
{
	return CALL(vcpu->fd, KVM_GET_REGS, regs, e);
}

int kvm_vcpu_set_regs(struct kvm_vcpu_handle *vcpu, const struct kvm_regs *regs, struct err *e)
{
	return CALL(vcpu->fd, KVM_SET_REGS, regs, e);
}

int kvm_vcpu_get_lapic(struct kvm_vcpu_handle *vcpu, struct kvm_lapic_state *lapic, struct err *e)
{
	return CALL(vcpu->fd, KVM_GET_LAPIC, lapic, e);
}

int kvm_vcpu_set_lapic(struct kvm_vcpu_handle *vcpu, const struct kvm_lapic_state *lapic,
		       struct err *e)
{
	return CALL(vcpu->fd, KVM_SET_LAPIC, lapic, e);
}

#define PART(what, name_, type)                                                                    \
	{                                                                                          \
		.name = (name_), .get = KVM_GET_##what, .set = KVM_SET_##what,                     \
		.size = sizeof(type), .ioctls = #what,                                             \
	}

const struct kvm_part kvm_vcpu_parts[] = {
	/* Control registers and the mode of the LAPIC come before what depends on them. */
	PART(SREGS, "sregs", struct kvm_sregs),
	PART(REGS, "regs", struct kvm_regs),
	PART(XCRS, "xcrs", struct kvm_xcrs),
	PART(XSAVE, "xsave", struct kvm_xsave),
	PART(DEBUGREGS, "debugregs", struct kvm_debugregs),
	PART(LAPIC, "lapic", struct kvm_lapic_state),
	PART(VCPU_EVENTS, "events", struct kvm_vcpu_events),
	PART(MP_STATE, "mp_state", struct kvm_mp_state),
	{ .name = NULL },
};

void kvm_vcpu_settle(struct kvm_vcpu_handle *vcpu)
{
	struct kvm_mp_state state = { 0 };

	call(vcpu->fd, KVM_GET_MP_STATE, &state);
}

int kvm_vcpu_get(struct kvm_vcpu_handle *vcpu, const struct kvm_part *part, void *data,
		 struct err *e)
{
	int ret = call(vcpu->fd, part->get, data);

	return ret < 0 ? err_errno(e, ret, "KVM_GET_%s", part->ioctls) : 0;
}

int kvm_vcpu_set(struct kvm_vcpu_handle *vcpu, const struct kvm_part *part, const void *data,
		 struct err *e)
{
	int ret = call(vcpu->fd, part->set, data);

	return ret < 0 ? err_errno(e, ret, "KVM_SET_%s", part->ioctls) : 0;
}

int kvm_vcpu_get_nested(struct kvm_vcpu_handle *vcpu, struct kvm_nested_state *state, struct err *e)
{
	return CALL(vcpu->fd, KVM_GET_NESTED_STATE, state, e);
}

int kvm_vcpu_set_nested(struct kvm_vcpu_handle *vcpu, const struct kvm_nested_state *state,
			struct err *e)
{
	return CALL(vcpu->fd, KVM_SET_NESTED_STATE, state, e);
}

int kvm_vcpu_tsc_khz(struct kvm_vcpu_handle *vcpu)
{
	int khz = ioctl(vcpu->fd, KVM_GET_TSC_KHZ, 0L);

	return khz < 0 ? -errno : khz;
}

int kvm_vcpu_set_tsc_khz(struct kvm_vcpu_handle *vcpu, uint32_t khz, struct err *e)
{
	if (ioctl(vcpu->fd, KVM_SET_TSC_KHZ, (long)khz) < 0)
		return err_errno(e, -errno, "this host cannot run a time-stamp counter of %u kHz",
				 khz);
	return 0;
}

static struct kvm_device_attr tsc_offset(const uint64_t *value)
{
	return (struct kvm_device_attr){
		.group = KVM_VCPU_TSC_CTRL,
		.attr = KVM_VCPU_TSC_OFFSET,
		.addr = (uintptr_t)value,
	};
}

bool kvm_vcpu_has_tsc_offset(struct kvm_vcpu_handle *vcpu)
{
	const struct kvm_device_attr attr = tsc_offset(NULL);

	return call(vcpu->fd, KVM_HAS_DEVICE_ATTR, &attr) == 0;
}

int kvm_vcpu_get_tsc_offset(struct kvm_vcpu_handle *vcpu, uint64_t *offset, struct err *e)
{
	const struct kvm_device_attr attr = tsc_offset(offset);

	return CALL(vcpu->fd, KVM_GET_DEVICE_ATTR, &attr, e);
}

int kvm_vcpu_set_tsc_offset(struct kvm_vcpu_handle *vcpu, uint64_t offset, struct err *e)
{
	const struct kvm_device_attr attr = tsc_offset(&offset);

	return CALL(vcpu->fd, KVM_SET_DEVICE_ATTR, &attr, e);
}

int kvm_msr_list(struct kvm *kvm, struct kvm_msr_list **out, struct err *e)
{
	_free_ struct kvm_msr_list *list =
		calloc(1, sizeof(*list) + KVM_MAX_MSRS * sizeof(list->indices[0]));

	if (!list)
		return err_nomem(e);
	list->nmsrs = KVM_MAX_MSRS;
	int ret = CALL(kvm->fd, KVM_GET_MSR_INDEX_LIST, list, e);

	if (ret == 0)
		*out = steal_ptr(&list);
	return ret;
}

int kvm_get_irqchip(struct kvm *kvm, struct kvm_irqchip *chip, struct err *e)
{
	return CALL(kvm->vm_fd, KVM_GET_IRQCHIP, chip, e);
}

int kvm_set_irqchip(struct kvm *kvm, const struct kvm_irqchip *chip, struct err *e)
{
	return CALL(kvm->vm_fd, KVM_SET_IRQCHIP, chip, e);
}

int kvm_get_clock(struct kvm *kvm, uint64_t *ns, struct err *e)
{
	struct kvm_clock_data clock = { .clock = 0 };
	int ret = CALL(kvm->vm_fd, KVM_GET_CLOCK, &clock, e);

	if (ret == 0)
		*ns = clock.clock;
	return ret;
}

int kvm_set_clock(struct kvm *kvm, uint64_t ns, struct err *e)
{
	const struct kvm_clock_data clock = { .clock = ns };

	return CALL(kvm->vm_fd, KVM_SET_CLOCK, &clock, e);
}

int kvm_vcpu_nmi(struct kvm_vcpu_handle *vcpu, struct err *e)
{
	return CALL(vcpu->fd, KVM_NMI, NULL, e);
}

int kvm_vcpu_set_msr(struct kvm_vcpu_handle *vcpu, uint32_t index, uint64_t value)
{
	struct {
		struct kvm_msrs head;
		struct kvm_msr_entry entry;
	} msrs = {
		.head.nmsrs = 1,
		.entry = { .index = index, .data = value },
	};
	int done = ioctl(vcpu->fd, KVM_SET_MSRS, &msrs);

	if (done < 0)
		return -errno;
	return done == 1 ? 0 : -ENOENT;
}

int kvm_vcpu_get_msr(struct kvm_vcpu_handle *vcpu, uint32_t index, uint64_t *value)
{
	struct {
		struct kvm_msrs head;
		struct kvm_msr_entry entry;
	} msrs = {
		.head.nmsrs = 1,
		.entry = { .index = index },
	};
	int done = ioctl(vcpu->fd, KVM_GET_MSRS, &msrs);

	if (done < 0)
		return -errno;
	*value = msrs.entry.data;
	return done == 1 ? 0 : -ENOENT;
}
