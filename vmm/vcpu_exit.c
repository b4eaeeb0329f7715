/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What to do when the guest leaves KVM_RUN. */
#include "vcpu_exit.h"

#include "log.h"
#include "machine.h"

#include <inttypes.h>
#include <string.h>

static void handle_io(struct machine *m, struct kvm_run *run)
{
	uint8_t *data = (uint8_t *)run + run->io.data_offset;

	/* String instructions bring several accesses to one port. */
	for (uint32_t i = 0; i < run->io.count; i++, data += run->io.size) {
		uint64_t value = 0;

		if (run->io.direction == KVM_EXIT_IO_IN) {
			io_bus_read(&m->pio, run->io.port, run->io.size, &value);
			memcpy(data, &value, run->io.size);
		} else {
			memcpy(&value, data, run->io.size);
			io_bus_write(&m->pio, run->io.port, run->io.size, value);
		}
	}
}

static void handle_mmio(struct machine *m, struct kvm_run *run)
{
	uint64_t value = 0;

	if (run->mmio.is_write) {
		memcpy(&value, run->mmio.data, run->mmio.len);
		io_bus_write(&m->mmio, run->mmio.phys_addr, run->mmio.len, value);
	} else {
		io_bus_read(&m->mmio, run->mmio.phys_addr, run->mmio.len, &value);
		memcpy(run->mmio.data, &value, sizeof(run->mmio.data));
	}
}

static void log_where(unsigned int index, struct kvm_vcpu_handle *vcpu, const char *what,
		      uint64_t detail)
{
	struct kvm_regs regs = { 0 };

	kvm_vcpu_get_regs(vcpu, &regs, NULL);
	log_error("vCPU %u: %s (0x%" PRIx64 ") at instruction 0x%llx: the guest cannot go on",
		  index, what, detail, regs.rip);
}

static void handle_internal_error(unsigned int index, struct kvm_vcpu_handle *vcpu)
{
	uint32_t suberror = vcpu->run->internal.suberror;

	if (suberror == KVM_INTERNAL_ERROR_EMULATION)
		log_where(index, vcpu,
			  "KVM cannot emulate an instruction; this host's KVM may not be able to "
			  "run guests",
			  suberror);
	else
		log_where(index, vcpu, "KVM internal error", suberror);
}

static void handle_system_event(struct machine *m, unsigned int index, struct kvm_vcpu_handle *vcpu)
{
	switch (vcpu->run->system_event.type) {
	case KVM_SYSTEM_EVENT_SHUTDOWN:
		machine_request(m, MACHINE_EVENT_POWER_OFF);
		break;
	case KVM_SYSTEM_EVENT_RESET:
		machine_request(m, MACHINE_EVENT_RESET);
		break;
	default:
		log_where(index, vcpu, "the guest crashed", vcpu->run->system_event.type);
		machine_request(m, MACHINE_EVENT_FAILED);
		break;
	}
}

bool vcpu_handle_exit(struct machine *m, unsigned int index, struct kvm_vcpu_handle *vcpu)
{
	struct kvm_run *run = vcpu->run;

	switch (run->exit_reason) {
	case KVM_EXIT_IO:
		handle_io(m, run);
		return !machine_is_ending(m);
	case KVM_EXIT_MMIO:
		handle_mmio(m, run);
		return !machine_is_ending(m);
	case KVM_EXIT_INTR:
	case KVM_EXIT_IRQ_WINDOW_OPEN:
		return true;
	case KVM_EXIT_SHUTDOWN:
		log_warn("vCPU %u: triple fault, the machine is reset", index);
		machine_request(m, MACHINE_EVENT_RESET);
		return false;
	case KVM_EXIT_SYSTEM_EVENT:
		handle_system_event(m, index, vcpu);
		return false;
	case KVM_EXIT_FAIL_ENTRY:
		log_where(index, vcpu, "the processor refuses to enter the guest",
			  run->fail_entry.hardware_entry_failure_reason);
		break;
	case KVM_EXIT_INTERNAL_ERROR:
		handle_internal_error(index, vcpu);
		break;
	default:
		log_where(index, vcpu, "unknown exit from KVM", run->exit_reason);
		break;
	}
	machine_request(m, MACHINE_EVENT_FAILED);
	return false;
}
