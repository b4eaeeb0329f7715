/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The calls that can be made to fail. */
#include "faults.h"

#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <execinfo.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/timerfd.h>
#include <unistd.h>

static bool is_in(void *address, const char *const *objects)
{
	Dl_info info;

	for (; dladdr(address, &info) && *objects; objects++)
		if (strstr(info.dli_fname, *objects))
			return true;
	return false;
}

/* glibc's look-up of users asserts and dies where it finds no memory. */
static bool is_user_lookup(const struct fault_state *s)
{
	Dl_info info;

	for (int i = 0; i < s->n_frames; i++)
		if (dladdr(s->frames[i], &info) && info.dli_sname &&
		    (strncmp(info.dli_sname, "getpw", 5) == 0 ||
		     strncmp(info.dli_sname, "getgr", 5) == 0))
			return true;
	return false;
}

bool fault_now(enum fault_kind kind, const char *call, int error, void *caller)
{
	/* What a sanitizer does for itself is no site of the program. */
	static const char *const sanitizers[] = { "/libasan.", "/libubsan.", NULL };
	struct fault_state *s = fault_state;

	if (!s || !s->armed || s->kind != kind || getpid() == s->sweeper ||
	    is_in(caller, sanitizers) ||
	    __atomic_add_fetch(&s->count, 1, __ATOMIC_RELAXED) != s->at)
		return false;
	s->armed = false;
	s->call = call;
	s->error = error;
	s->n_frames = backtrace(s->frames, FAULT_FRAMES);
	if (s->cut)
		kill(getpid(), SIGKILL);
	errno = error;
	return !is_user_lookup(s);
}

/* Before the real malloc is known, dlsym() itself may want some memory. */
static char early[8192];
static size_t early_used;

static void *early_calloc(size_t size)
{
	void *p = early + early_used;

	early_used += (size + 15) & ~(size_t)15;
	return early_used <= sizeof(early) ? p : NULL;
}

static bool is_early(const void *p)
{
	return (const char *)p >= early && (const char *)p < early + sizeof(early);
}

#define REAL(name)                                                                                 \
	static __typeof__(&name) real;                                                             \
	if (!real)                                                                                 \
	real = (__typeof__(&name))(uintptr_t)dlsym(RTLD_NEXT, #name)

#define FAILS(kind, name, code) fault_now(kind, name, code, __builtin_return_address(0))

void *malloc(size_t size)
{
	REAL(malloc);
	if (FAILS(FAULT_ALLOC, "malloc", ENOMEM))
		return NULL;
	return real(size);
}

void *calloc(size_t n, size_t size)
{
	static __typeof__(&calloc) real;
	static bool looking;

	if (!real) {
		if (looking)
			return early_calloc(n * size);
		looking = true;
		real = (__typeof__(&calloc))(uintptr_t)dlsym(RTLD_NEXT, "calloc");
	}
	if (FAILS(FAULT_ALLOC, "calloc", ENOMEM))
		return NULL;
	return real(n, size);
}

void *realloc(void *p, size_t size)
{
	REAL(realloc);
	if (FAILS(FAULT_ALLOC, "realloc", ENOMEM))
		return NULL;
	return real(p, size);
}

int posix_memalign(void **p, size_t align, size_t size)
{
	REAL(posix_memalign);
	return FAILS(FAULT_ALLOC, "posix_memalign", ENOMEM) ? ENOMEM : real(p, align, size);
}

void free(void *p)
{
	static __typeof__(&free) real;
	static bool looking;

	if (!real) {
		/* dlsym() frees what it said of an earlier failure: that much is left lying */
		if (looking)
			return;
		looking = true;
		real = (__typeof__(&free))(uintptr_t)dlsym(RTLD_NEXT, "free");
	}
	if (!is_early(p))
		real(p);
}

#define WRAP(type, name, params, args, failed, code)                                               \
	type name params                                                                           \
	{                                                                                          \
		REAL(name);                                                                        \
		if (FAILS(FAULT_SYSTEM, #name, code))                                              \
			return failed;                                                             \
		return real args;                                                                  \
	}

/* Their third or fourth argument is there or not: taken as a word either way, as the kernel does.
 */
#define WRAP_WORD(name, params, args, code)                                                        \
	int name(params, ...)                                                                      \
	{                                                                                          \
		va_list ap;                                                                        \
		unsigned long word;                                                                \
		REAL(name);                                                                        \
		va_start(ap, last);                                                                \
		word = va_arg(ap, unsigned long);                                                  \
		va_end(ap);                                                                        \
		if (FAILS(FAULT_SYSTEM, #name, code))                                              \
			return -1;                                                                 \
		return real args;                                                                  \
	}
#define COMMA ,

WRAP_WORD(open, const char *path COMMA int last, (path, last, word), EMFILE)
WRAP_WORD(open64, const char *path COMMA int last, (path, last, word), EMFILE)
WRAP_WORD(openat, int fd COMMA const char *path COMMA int last, (fd, path, last, word), EMFILE)
WRAP_WORD(fcntl, int fd COMMA int last, (fd, last, word), EMFILE)
WRAP_WORD(fcntl64, int fd COMMA int last, (fd, last, word), EMFILE)
WRAP_WORD(ioctl, int fd COMMA unsigned long last, (fd, last, word), EIO)

WRAP(FILE *, fopen, (const char *path, const char *mode), (path, mode), NULL, EMFILE)
WRAP(FILE *, fopen64, (const char *path, const char *mode), (path, mode), NULL, EMFILE)
WRAP(DIR *, opendir, (const char *path), (path), NULL, EMFILE)
WRAP(DIR *, fdopendir, (int fd), (fd), NULL, EMFILE)
WRAP(ssize_t, read, (int fd, void *p, size_t n), (fd, p, n), -1, EIO)
WRAP(ssize_t, pread, (int fd, void *p, size_t n, off_t at), (fd, p, n, at), -1, EIO)
WRAP(int, fstat, (int fd, struct stat *st), (fd, st), -1, EIO)
WRAP(int, stat, (const char *path, struct stat *st), (path, st), -1, EIO)
WRAP(int, lstat, (const char *path, struct stat *st), (path, st), -1, EIO)
WRAP(ssize_t, readlink, (const char *path, char *to, size_t n), (path, to, n), -1, EIO)
WRAP(char *, realpath, (const char *path, char *to), (path, to), NULL, EIO)
WRAP(int, access, (const char *path, int how), (path, how), -1, EIO)
WRAP(int, mkdir, (const char *path, mode_t mode), (path, mode), -1, ENOSPC)
WRAP(int, rename, (const char *from, const char *to), (from, to), -1, EIO)
WRAP(int, link, (const char *from, const char *to), (from, to), -1, EIO)
WRAP(int, mkostemp, (char *name, int flags), (name, flags), -1, ENOSPC)
WRAP(int, mkostemp64, (char *name, int flags), (name, flags), -1, ENOSPC)
WRAP(int, fsync, (int fd), (fd), -1, EIO)
WRAP(int, fdatasync, (int fd), (fd), -1, EIO)
WRAP(int, ftruncate, (int fd, off_t size), (fd, size), -1, ENOSPC)
WRAP(int, ftruncate64, (int fd, off64_t size), (fd, size), -1, ENOSPC)
WRAP(int, fchmod, (int fd, mode_t mode), (fd, mode), -1, EIO)
WRAP(int, fchown, (int fd, uid_t u, gid_t g), (fd, u, g), -1, EIO)
WRAP(int, chmod, (const char *path, mode_t mode), (path, mode), -1, EIO)
WRAP(int, flock, (int fd, int how), (fd, how), -1, ENOLCK)
WRAP(int, chdir, (const char *path), (path), -1, EIO)
WRAP(int, socket, (int domain, int type, int protocol), (domain, type, protocol), -1, EMFILE)
WRAP(int, connect, (int fd, const struct sockaddr *a, socklen_t n), (fd, a, n), -1, EAGAIN)
WRAP(int, bind, (int fd, const struct sockaddr *a, socklen_t n), (fd, a, n), -1, EIO)
WRAP(int, listen, (int fd, int n), (fd, n), -1, EIO)
WRAP(int, accept4, (int fd, struct sockaddr *a, socklen_t *n, int flags), (fd, a, n, flags), -1,
     EMFILE)
WRAP(int, setsockopt, (int fd, int level, int name, const void *v, socklen_t n),
     (fd, level, name, v, n), -1, ENOBUFS)
WRAP(int, getsockname, (int fd, struct sockaddr *a, socklen_t *n), (fd, a, n), -1, ENOBUFS)
WRAP(ssize_t, send, (int fd, const void *p, size_t n, int flags), (fd, p, n, flags), -1, ENOBUFS)
WRAP(ssize_t, sendto,
     (int fd, const void *p, size_t n, int flags, const struct sockaddr *a, socklen_t len),
     (fd, p, n, flags, a, len), -1, ENOBUFS)
WRAP(ssize_t, sendmsg, (int fd, const struct msghdr *m, int flags), (fd, m, flags), -1, ENOBUFS)
WRAP(ssize_t, recv, (int fd, void *p, size_t n, int flags), (fd, p, n, flags), -1, ENOMEM)
WRAP(ssize_t, recvmsg, (int fd, struct msghdr *m, int flags), (fd, m, flags), -1, ENOMEM)
WRAP(int, pipe2, (int fds[2], int flags), (fds, flags), -1, EMFILE)
WRAP(int, dup2, (int from, int to), (from, to), -1, EIO)
WRAP(pid_t, fork, (void), (), -1, EAGAIN)
WRAP(pid_t, waitpid, (pid_t pid, int *status, int how), (pid, status, how), -1, EINTR)
WRAP(int, eventfd, (unsigned int n, int flags), (n, flags), -1, EMFILE)
WRAP(int, epoll_create1, (int flags), (flags), -1, EMFILE)
WRAP(int, epoll_ctl, (int fd, int op, int on, struct epoll_event *ev), (fd, op, on, ev), -1, ENOSPC)
WRAP(int, signalfd, (int fd, const sigset_t *set, int flags), (fd, set, flags), -1, EMFILE)
WRAP(int, timerfd_create, (clockid_t clock, int flags), (clock, flags), -1, EMFILE)
WRAP(int, memfd_create, (const char *name, unsigned int flags), (name, flags), -1, EMFILE)
WRAP(void *, mmap, (void *at, size_t n, int prot, int flags, int fd, off_t off),
     (at, n, prot, flags, fd, off), MAP_FAILED, ENOMEM)
WRAP(void *, mmap64, (void *at, size_t n, int prot, int flags, int fd, off64_t off),
     (at, n, prot, flags, fd, off), MAP_FAILED, ENOMEM)
WRAP(int, mprotect, (void *at, size_t n, int prot), (at, n, prot), -1, ENOMEM)
WRAP(int, sigprocmask, (int how, const sigset_t *set, sigset_t *old), (how, set, old), -1, EIO)

int pthread_create(pthread_t *thread, const pthread_attr_t *attr, void *(*fn)(void *), void *data)
{
	REAL(pthread_create);
	return FAILS(FAULT_SYSTEM, "pthread_create", EAGAIN) ? EAGAIN
							     : real(thread, attr, fn, data);
}

/* Where an error could not be told, there is nothing to see: standard error always takes it. */
ssize_t write(int fd, const void *p, size_t n)
{
	REAL(write);
	if (fd != STDERR_FILENO && FAILS(FAULT_SYSTEM, "write", ENOSPC))
		return -1;
	return real(fd, p, n);
}

long syscall(long number, ...)
{
	va_list ap;
	long w[6];

	REAL(syscall);
	va_start(ap, number);
	for (int i = 0; i < 6; i++)
		w[i] = va_arg(ap, long);
	va_end(ap);
	if (FAILS(FAULT_SYSTEM, "syscall", EIO))
		return -1;
	return real(number, w[0], w[1], w[2], w[3], w[4], w[5]);
}
