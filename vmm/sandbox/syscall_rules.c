/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What each kind of thread may ask of the kernel. */
#include "sandbox/syscall_rules.h"

#include "vdpa/vhost_uapi.h"

#include <fcntl.h>
#include <linux/kvm.h>
#include <sched.h>
#include <seccomp.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <termios.h>

#define CALL(name, on)                                                                             \
	{                                                                                          \
		.call = SCMP_SYS(name), .threads = (on), .argument = ANY_ARGUMENT                  \
	}
#define ARG(name, on, arg, m, v)                                                                   \
	{                                                                                          \
		.call = SCMP_SYS(name), .threads = (on), .argument = (arg), .mask = (m),           \
		.value = (uint32_t)(v)                                                             \
	}
/* The kernel reads 32 bits of an ioctl's request number. */
#define IOCTL(request, on) ARG(ioctl, on, 1, UINT32_MAX, request)

/* Their struct termios2 is in no header that goes with <termios.h>; of four 32-bit words, 19 bytes
 * and two speeds. */
#define TCGETS2_  _IOC(_IOC_READ, 'T', 0x2a, 44)
#define TCSETS2_  _IOC(_IOC_WRITE, 'T', 0x2b, 44)
#define TCSETSW2_ _IOC(_IOC_WRITE, 'T', 0x2c, 44)
#define TCSETSF2_ _IOC(_IOC_WRITE, 'T', 0x2d, 44)

const struct syscall_rule syscall_rules[] = {
	/* Descriptors that are open already. */
	CALL(read, ON_ALL),
	CALL(write, ON_ALL),
	CALL(readv, ON_ALL),
	CALL(writev, ON_ALL),
	CALL(close, ON_ALL),
	CALL(poll, ON_ALL),
	CALL(ppoll, ON_ALL),
	CALL(fstat, ON_ALL),
	CALL(newfstatat, ON_ALL),
	CALL(eventfd2, ON_ALL),
	CALL(pread64, ON_MAIN),
	CALL(pwrite64, ON_MAIN),
	CALL(preadv, ON_MAIN),
	CALL(pwritev, ON_MAIN),
	CALL(preadv2, ON_MAIN),
	CALL(pwritev2, ON_MAIN),
	CALL(lseek, ON_ALL), /* an event of a vCPU's that a full disk cuts is taken back */
	CALL(fcntl, ON_ALL), /* a folder that is read */
	CALL(dup, ON_MAIN),
	CALL(dup3, ON_MAIN),
	CALL(fsync, ON_MAIN),
	CALL(fdatasync, ON_MAIN),
	CALL(fallocate, ON_MAIN),
	CALL(ftruncate, ON_ALL),
	CALL(statx, ON_MAIN),
	CALL(fstatfs, ON_MAIN),
	CALL(epoll_create1, ON_MAIN),
	CALL(epoll_ctl, ON_MAIN),
	CALL(epoll_wait, ON_MAIN),
	CALL(epoll_pwait, ON_MAIN),
	CALL(epoll_pwait2, ON_MAIN),
	CALL(timerfd_create, ON_MAIN),
	CALL(timerfd_settime, ON_MAIN),
	CALL(timerfd_gettime, ON_MAIN),
	CALL(pipe2, ON_MAIN),
	CALL(signalfd4, ON_MAIN),
	CALL(io_uring_setup, ON_MAIN),
	CALL(io_uring_enter, ON_ALL), /* a vCPU may hand in a request */
	CALL(io_uring_register, ON_MAIN),

	/* Files by name: a device added later, sysfs. Landlock says which. */
	CALL(openat, ON_MAIN),
	/* What a vCPU may read says why the kernel refused to pin memory: /proc/self/status, and in
	 * sysfs what kind of device it is. */
	ARG(openat, ON_VCPU, 2, O_ACCMODE | O_CREAT | O_TRUNC, O_RDONLY),
	CALL(access, ON_MAIN),
	CALL(faccessat, ON_MAIN),
	CALL(faccessat2, ON_MAIN),
	CALL(readlink, ON_ALL),
	CALL(readlinkat, ON_ALL),
	CALL(getdents64, ON_ALL),
	CALL(statfs, ON_MAIN),
	CALL(unlink, ON_MAIN),
	CALL(unlinkat, ON_MAIN),
	CALL(renameat, ON_MAIN),
	CALL(renameat2, ON_MAIN),
	CALL(getcwd, ON_MAIN),
	CALL(umask, ON_MAIN),

	/* Sockets of the API and the consoles: on this machine only. */
	ARG(socket, ON_MAIN, 0, UINT32_MAX, AF_UNIX),
	CALL(bind, ON_MAIN),
	CALL(listen, ON_MAIN),
	CALL(accept4, ON_MAIN),
	CALL(connect, ON_MAIN),
	CALL(shutdown, ON_MAIN),
	CALL(sendto, ON_ALL),
	CALL(sendmsg, ON_MAIN),
	CALL(recvfrom, ON_MAIN),
	CALL(recvmsg, ON_MAIN),
	CALL(getsockopt, ON_MAIN),
	CALL(setsockopt, ON_MAIN),
	CALL(getsockname, ON_MAIN),
	CALL(getpeername, ON_MAIN),

	/* Memory and threads. Nothing becomes executable. */
	CALL(brk, ON_ALL),
	CALL(munmap, ON_ALL),
	CALL(madvise, ON_ALL),
	CALL(mremap, ON_ALL),
	ARG(mmap, ON_ALL, 2, 4 /* PROT_EXEC */, 0),
	ARG(mprotect, ON_ALL, 2, 4 /* PROT_EXEC */, 0),
	CALL(memfd_create, ON_MAIN),
	CALL(mbind, ON_MAIN),
	CALL(futex, ON_ALL),
	CALL(clone3, ON_MAIN),
	ARG(clone, ON_MAIN, 0, CLONE_THREAD, CLONE_THREAD),
	CALL(set_robust_list, ON_ALL),
	CALL(rseq, ON_ALL),
	CALL(exit, ON_ALL),
	CALL(exit_group, ON_ALL),
	CALL(sched_yield, ON_ALL),
	CALL(sched_getaffinity, ON_ALL),
	CALL(sched_setaffinity, ON_ALL),
	CALL(membarrier, ON_ALL),
	CALL(getpid, ON_ALL),
	CALL(getpgrp, ON_MAIN),
	CALL(gettid, ON_ALL),
	CALL(getuid, ON_MAIN),
	CALL(geteuid, ON_MAIN),
	CALL(getgid, ON_MAIN),
	CALL(getegid, ON_MAIN),
	CALL(tgkill, ON_ALL),
	CALL(rt_sigaction, ON_ALL), /* abort() and the default action of SIGSYS */
	CALL(rt_sigprocmask, ON_ALL),
	CALL(rt_sigreturn, ON_ALL),
	CALL(sigaltstack, ON_ALL),
	CALL(restart_syscall, ON_ALL),

	/* The machine we run on. */
	CALL(clock_gettime, ON_ALL),
	CALL(clock_getres, ON_ALL),
	CALL(clock_nanosleep, ON_ALL),
	CALL(gettimeofday, ON_ALL),
	CALL(nanosleep, ON_ALL),
	CALL(getrandom, ON_ALL),
	CALL(uname, ON_MAIN),
	CALL(sysinfo, ON_MAIN),
	CALL(prlimit64, ON_ALL),
	CALL(getrlimit, ON_MAIN),
	ARG(prctl, ON_ALL, 0, UINT32_MAX, PR_GET_NAME),
	ARG(prctl, ON_ALL, 0, UINT32_MAX, PR_SET_NAME),
	ARG(prctl, ON_MAIN, 0, UINT32_MAX, PR_SET_NO_NEW_PRIVS),
	ARG(prctl, ON_ALL, 0, UINT32_MAX, 0x53564d41 /* PR_SET_VMA, by libc's allocator */),

	/* Further confinement. */
	CALL(seccomp, ON_ALL),
	CALL(landlock_create_ruleset, ON_MAIN),
	CALL(landlock_add_rule, ON_MAIN),
	CALL(landlock_restrict_self, ON_MAIN),

	/* Terminals, sockets. */
	IOCTL(TCGETS, ON_MAIN),
	IOCTL(TIOCGPGRP, ON_MAIN),
	IOCTL(TCSETS, ON_ALL), /* a handler of fatal signals restores the terminal */
	IOCTL(TCSETSW, ON_MAIN),
	IOCTL(TCSETSF, ON_MAIN),
	/* The same with a speed beside them, as libc has it from glibc 2.42 on. */
	IOCTL(TCGETS2_, ON_MAIN),
	IOCTL(TCSETS2_, ON_ALL),
	IOCTL(TCSETSW2_, ON_MAIN),
	IOCTL(TCSETSF2_, ON_MAIN),
	IOCTL(TIOCGWINSZ, ON_ALL), /* the guest reads the size of its console */
	IOCTL(TIOCGPTN, ON_MAIN),
	IOCTL(TIOCSPTLCK, ON_MAIN),
	IOCTL(TIOCGPTPEER, ON_MAIN),
	IOCTL(FIONBIO, ON_MAIN),
	IOCTL(FIONREAD, ON_MAIN),

	/* KVM. */
	IOCTL(KVM_GET_API_VERSION, ON_MAIN),
	IOCTL(KVM_CREATE_VM, ON_MAIN),
	IOCTL(KVM_CHECK_EXTENSION, ON_MAIN),
	IOCTL(KVM_GET_VCPU_MMAP_SIZE, ON_MAIN),
	IOCTL(KVM_GET_SUPPORTED_CPUID, ON_MAIN),
	IOCTL(KVM_GET_MSR_INDEX_LIST, ON_MAIN),
	IOCTL(KVM_CREATE_VCPU, ON_MAIN),
	IOCTL(KVM_CREATE_IRQCHIP, ON_MAIN),
	IOCTL(KVM_SET_TSS_ADDR, ON_MAIN),
	IOCTL(KVM_SET_IDENTITY_MAP_ADDR, ON_MAIN),
	IOCTL(KVM_GET_CLOCK, ON_MAIN),
	IOCTL(KVM_SET_CLOCK, ON_MAIN),
	IOCTL(KVM_SET_CPUID2, ON_MAIN),
	IOCTL(KVM_GET_REGS, ON_ALL),
	IOCTL(KVM_SET_REGS, ON_ALL),
	IOCTL(KVM_GET_SREGS, ON_ALL),
	IOCTL(KVM_SET_SREGS, ON_ALL),
	IOCTL(KVM_GET_LAPIC, ON_MAIN),
	IOCTL(KVM_SET_LAPIC, ON_MAIN),
	IOCTL(KVM_GET_MSRS, ON_MAIN),
	IOCTL(KVM_SET_MSRS, ON_MAIN),
	IOCTL(KVM_GET_MP_STATE, ON_MAIN),
	IOCTL(KVM_SET_MP_STATE, ON_MAIN),
	IOCTL(KVM_GET_XCRS, ON_MAIN),
	IOCTL(KVM_SET_XCRS, ON_MAIN),
	IOCTL(KVM_GET_XSAVE, ON_MAIN),
	IOCTL(KVM_SET_XSAVE, ON_MAIN),
	IOCTL(KVM_GET_DEBUGREGS, ON_MAIN),
	IOCTL(KVM_SET_DEBUGREGS, ON_MAIN),
	IOCTL(KVM_GET_VCPU_EVENTS, ON_MAIN),
	IOCTL(KVM_SET_VCPU_EVENTS, ON_MAIN),
	IOCTL(KVM_GET_NESTED_STATE, ON_MAIN),
	IOCTL(KVM_SET_NESTED_STATE, ON_MAIN),
	IOCTL(KVM_GET_TSC_KHZ, ON_MAIN),
	IOCTL(KVM_SET_TSC_KHZ, ON_MAIN),
	IOCTL(KVM_HAS_DEVICE_ATTR, ON_MAIN),
	IOCTL(KVM_GET_DEVICE_ATTR, ON_MAIN),
	IOCTL(KVM_SET_DEVICE_ATTR, ON_MAIN),
	IOCTL(KVM_GET_IRQCHIP, ON_MAIN),
	IOCTL(KVM_SET_IRQCHIP, ON_MAIN),
	IOCTL(KVM_NMI, ON_ALL),
	IOCTL(KVM_RUN, ON_ALL),
	/* The guest moves a BAR or unmasks a vector: on its vCPU's thread. */
	IOCTL(KVM_SET_USER_MEMORY_REGION, ON_ALL),
	IOCTL(KVM_IOEVENTFD, ON_ALL),
	IOCTL(KVM_IRQFD, ON_ALL),
	IOCTL(KVM_SET_GSI_ROUTING, ON_ALL),
	IOCTL(KVM_SIGNAL_MSI, ON_ALL),
	IOCTL(KVM_IRQ_LINE, ON_ALL),

	/* vhost-vdpa: opening is the main thread's, what the driver drives may be a vCPU's. */
	IOCTL(VHOST_SET_OWNER, ON_MAIN),
	IOCTL(VHOST_VDPA_GET_DEVICE_ID, ON_MAIN),
	IOCTL(VHOST_VDPA_GET_VRING_NUM, ON_MAIN),
	IOCTL(VHOST_VDPA_GET_IOVA_RANGE, ON_ALL), /* says why a guest's mapping is refused */
	IOCTL(VHOST_VDPA_GET_CONFIG_SIZE, ON_MAIN),
	IOCTL(VHOST_VDPA_GET_VQS_COUNT, ON_MAIN),
	IOCTL(VHOST_VDPA_GET_GROUP_NUM, ON_MAIN),
	IOCTL(VHOST_VDPA_GET_AS_NUM, ON_MAIN),
	IOCTL(VHOST_GET_BACKEND_FEATURES, ON_ALL),
	IOCTL(VHOST_SET_BACKEND_FEATURES, ON_ALL),
	IOCTL(VHOST_GET_FEATURES, ON_ALL),
	IOCTL(VHOST_SET_FEATURES, ON_ALL),
	IOCTL(VHOST_VDPA_GET_STATUS, ON_ALL),
	IOCTL(VHOST_VDPA_SET_STATUS, ON_ALL),
	IOCTL(VHOST_VDPA_GET_CONFIG, ON_ALL),
	IOCTL(VHOST_VDPA_SET_CONFIG, ON_ALL),
	IOCTL(VHOST_VDPA_SET_CONFIG_CALL, ON_ALL),
	IOCTL(VHOST_VDPA_SET_VRING_ENABLE, ON_ALL),
	IOCTL(VHOST_SET_VRING_NUM, ON_ALL),
	IOCTL(VHOST_SET_VRING_ADDR, ON_ALL),
	IOCTL(VHOST_SET_VRING_BASE, ON_ALL),
	IOCTL(VHOST_GET_VRING_BASE, ON_ALL),
	IOCTL(VHOST_SET_VRING_CALL, ON_ALL),
	IOCTL(VHOST_SET_VRING_KICK, ON_ALL),
	IOCTL(VHOST_SET_VRING_ERR, ON_ALL),
	IOCTL(VHOST_VDPA_SUSPEND, ON_ALL),
	IOCTL(VHOST_VDPA_RESUME, ON_ALL),
	IOCTL(VHOST_VDPA_GET_VRING_SIZE, ON_MAIN),
	{ .threads = 0 },
};
