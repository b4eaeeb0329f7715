/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Preloaded into a program, runs it again and again, each time with one more failure site reached:
 * the first allocation fails, the second, and so on until a run meets no failure any more. What is
 * to fail is in fail_*.c.
 *
 *   FAULT=alloc|system|cut  which calls fail; with `cut` the process dies in front of the call
 *   FAULT_CHECK=COMMAND     for sh, after each run: fails when what the run left is wrong; then
 *                           puts things back. It has the run's exit status as FAULT_STATUS
 *   FAULT_REQUESTS=FILE     HTTP requests, each ended by a line "%%", sent to FAULT_SOCKET while
 *   FAULT_SOCKET=PATH       the program runs; then it gets SIGTERM. The last of them must be
 *                           answered with 200
 *   FAULT_STEP=N            only every Nth site,
 *   FAULT_FIRST=N           from this one
 *   FAULT_LAST=N            to that one
 *   FAULT_SECONDS=N         how long one run may take (20)
 *   FAULT_TELL=N            how many of the wrong ones are told in full (5)
 *
 * Right is a run that ends with status 1 to 3 and says why, or does all that an undisturbed run
 * does.
 */
#include "faults.h"

#include <dlfcn.h>
#include <execinfo.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

struct outcome {
	int status; /* as of waitpid */
	char *out, *err;
	size_t out_size, err_size;
	bool served; /* the last request was answered */
};

struct fault_state *fault_state;

/* Taken out of the environment at once: what is started from here is not to be swept. */
enum setting {
	KIND,
	CHECK,
	REQUESTS,
	SOCKET,
	STEP,
	FIRST,
	LAST,
	SECONDS,
	TELL,
	SETTINGS,
};

static const char *const setting_names[SETTINGS] = {
	[KIND] = "FAULT",          [CHECK] = "FAULT_CHECK",     [REQUESTS] = "FAULT_REQUESTS",
	[SOCKET] = "FAULT_SOCKET", [STEP] = "FAULT_STEP",       [FIRST] = "FAULT_FIRST",
	[LAST] = "FAULT_LAST",     [SECONDS] = "FAULT_SECONDS", [TELL] = "FAULT_TELL",
};

static char *settings[SETTINGS];

static void take_settings(void)
{
	for (int i = 0; i < SETTINGS; i++) {
		const char *text = getenv(setting_names[i]);

		settings[i] = text && *text ? strdup(text) : NULL;
		unsetenv(setting_names[i]);
	}
	unsetenv("LD_PRELOAD");
}

static long number(enum setting setting, long otherwise)
{
	return settings[setting] ? strtol(settings[setting], NULL, 10) : otherwise;
}

/* What the run wrote, as a text: no allocation, so that the program's own leaks stand alone. */
static char *slurp(int fd, size_t *size)
{
	struct stat st;
	char *text;

	fstat(fd, &st);
	*size = (size_t)st.st_size + 1;
	if (ftruncate(fd, (off_t)*size) < 0)
		abort();
	text = mmap(NULL, *size, PROT_READ, MAP_SHARED, fd, 0);
	if (text == MAP_FAILED)
		abort();
	close(fd);
	return text;
}

/* The program itself, in a process of its own: only there does this return. */
static void become_program(int out, int err, long at)
{
	dup2(out, STDOUT_FILENO);
	dup2(err, STDERR_FILENO);
	close(out);
	close(err);
	alarm((unsigned int)number(SECONDS, 20));
	fault_state->at = at;
	fault_state->armed = true;
}

/* Returns false in the program. */
static bool one_run(long at, struct outcome *o)
{
	int out = memfd_create("out", MFD_CLOEXEC), err = memfd_create("err", MFD_CLOEXEC);
	pid_t pid;

	fault_state->armed = false;
	fault_state->count = 0;
	fault_state->call = NULL;
	fflush(NULL);
	pid = fork();
	if (pid == 0) {
		become_program(out, err, at);
		return false;
	}
	*o = (struct outcome){ .served = true };
	if (settings[REQUESTS])
		o->served = fault_client(settings[SOCKET], settings[REQUESTS], pid);
	waitpid(pid, &o->status, 0);
	fault_state->armed = false;
	o->out = slurp(out, &o->out_size);
	o->err = slurp(err, &o->err_size);
	return true;
}

/* Is what it left wrong? */
static bool left_wrong(const struct outcome *o)
{
	char status[16];

	if (!settings[CHECK])
		return false;
	snprintf(status, sizeof(status), "%d",
		 WIFEXITED(o->status) ? WEXITSTATUS(o->status) : 128 + WTERMSIG(o->status));
	setenv("FAULT_STATUS", status, 1);
	return system(settings[CHECK]) != 0;
}

/* A listing may go on, where it says of what it could not. */
static bool tells(const struct outcome *o)
{
	const char *why = strerror(fault_state->error);

	return strstr(o->out, why) || strstr(o->err, why) || strstr(o->out, "out of memory");
}

static const char *wrong(const struct outcome *o, const struct outcome *whole)
{
	int status = WEXITSTATUS(o->status);

	if (fault_state->cut && fault_state->call)
		return left_wrong(o) ? "what it left is wrong" : NULL;
	if (WIFSIGNALED(o->status))
		return WTERMSIG(o->status) == SIGALRM ? "it hangs" : "a signal ended it";
	if (left_wrong(o))
		return "what it left is wrong";
	if (status == 0 && !o->served)
		return "it does not answer afterwards";
	if (status == 0 && !settings[REQUESTS] && !tells(o) && strlen(o->out) < strlen(whole->out))
		return "it says 'done' and did not print all";
	if (status > 3)
		return "of its exit status";
	if (status == WEXITSTATUS(whole->status))
		return NULL;
	if (!*o->err && !strstr(o->out, "\"error\""))
		return "it fails and does not say why";
	return NULL;
}

static void tell(long at, const struct outcome *o, const char *why)
{
	Dl_info info;

	printf("%s number %ld (%s): %s\n  status %#x\n  out: %.300s\n  err: %.4000s\n ",
	       settings[KIND], at, fault_state->call, why, (unsigned int)o->status, o->out, o->err);
	for (int i = 0; i < fault_state->n_frames; i++)
		if (dladdr(fault_state->frames[i], &info))
			printf(" %s+%#tx",
			       strrchr(info.dli_fname, '/') ? strrchr(info.dli_fname, '/') + 1 : "",
			       (char *)fault_state->frames[i] - (char *)info.dli_fbase - 1);
	printf("\n");
}

static void forget(struct outcome *o)
{
	munmap(o->out, o->out_size);
	munmap(o->err, o->err_size);
}

/* There with the sanitizers alone. */
void __lsan_disable(void) __attribute__((weak));
void __lsan_enable(void) __attribute__((weak));

/* Its first use loads a library, whose memory is not the program's. */
static void load_backtrace(void)
{
	if (__lsan_disable)
		__lsan_disable();
	fault_state->n_frames = backtrace(fault_state->frames, FAULT_FRAMES);
	if (__lsan_enable)
		__lsan_enable();
}

__attribute__((constructor)) static void sweep(void)
{
	long step, last, runs = 0, failed = 0, bad = 0;
	struct outcome whole, o;

	take_settings();
	if (!settings[KIND])
		return;
	step = number(STEP, 1);
	last = number(LAST, 1000000);
	fault_state = mmap(NULL, sizeof(*fault_state), PROT_READ | PROT_WRITE,
			   MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (fault_state == MAP_FAILED)
		abort();
	fault_state->kind = strcmp(settings[KIND], "alloc") ? FAULT_SYSTEM : FAULT_ALLOC;
	fault_state->cut = strcmp(settings[KIND], "cut") == 0;
	fault_state->sweeper = getpid();
	load_backtrace();
	if (!one_run(0, &whole))
		return;
	if (wrong(&whole, &whole) || WEXITSTATUS(whole.status) > 3) {
		printf("undisturbed: %s: status %#x\n%s%s", wrong(&whole, &whole),
		       (unsigned int)whole.status, whole.out, whole.err);
		fflush(NULL);
		_exit(1);
	}
	for (long at = number(FIRST, 1); at <= last; at += step) {
		const char *why;

		if (!one_run(at, &o))
			return;
		why = wrong(&o, &whole);
		if (!fault_state->call)
			break;
		runs++;
		failed += o.status != whole.status;
		bad += why != NULL;
		if (why && bad <= number(TELL, 5))
			tell(at, &o, why);
		forget(&o);
	}
	printf("%s: %ld sites, %ld ended with an error, %ld did all the same, %ld wrong\n",
	       settings[KIND], runs, failed, runs - failed, bad);
	fflush(NULL);
	_exit(bad != 0);
}
