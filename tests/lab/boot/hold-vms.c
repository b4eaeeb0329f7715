/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Keeps two idle VMs open so that KVM's static keys stay switched while other VMs come and go. */

#include <fcntl.h>
#include <linux/kvm.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <unistd.h>

/*
 * Each key that KVM switches by what its VMs are like needs a VM that keeps it switched: one with
 * the interrupt chip in the kernel (its local APIC is off by software), one without.
 */
static int hold_vm(int kvm, int with_irqchip)
{
	int vm = ioctl(kvm, KVM_CREATE_VM, 0);

	if (vm < 0)
		return -1;
	if (with_irqchip && ioctl(vm, KVM_CREATE_IRQCHIP, 0) < 0)
		return -1;
	return ioctl(vm, KVM_CREATE_VCPU, 0) < 0 ? -1 : 0;
}

int main(void)
{
	int kvm = open("/dev/kvm", O_RDWR | O_CLOEXEC);

	if (kvm < 0 || hold_vm(kvm, 1) || hold_vm(kvm, 0)) {
		perror("hold-vms");
		return 1;
	}
	if (daemon(0, 0)) {
		perror("hold-vms: daemon");
		return 1;
	}
	for (;;)
		pause();
}
