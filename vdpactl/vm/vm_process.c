/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The VMM's process: in the foreground, or behind a keeper that outlives the shell. */
#include "vm/vm_process.h"

#include "base/clock.h"
#include "child.h"
#include "held_signals.h"
#include "terminal_modes.h"
#include "vm/vm_devices.h"
#include "vm/vm_launch.h"
#include "vmm_api/client.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>

enum {
	EXEC_FAILED = 127,
	MAX_LOG = 4 << 20, /* bytes of a log that are looked at */
	READY_STEP_MS = 20,
	READY_ASK_MS = 1000, /* at a time: Ctrl-C waits as long */
	READY_TIMEOUT_MS = 60000
};

/* The child's part: the user it shall be, and the signal mask that programs expect. */
static void run_vmm(const struct vm_launch *l, char *const *argv)
{
	sigset_t none;
	int r = l->user ? try_user_become(l->user) : 0;

	if (r < 0) {
		dprintf(STDERR_FILENO, "cannot become user '%s': %s\n", l->user->name,
			strerror(-r));
		_exit(EXIT_FAILURE);
	}
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	execvp(argv[0], argv);
	dprintf(STDERR_FILENO, "cannot run '%s': %s\n", argv[0], strerror(errno));
	_exit(EXEC_FAILED);
}

/* `starter` took the folder into use. */
static pid_t spawn_vmm(const struct vm_launch *l, char *const *argv, pid_t starter, struct err *e)
{
	const struct vm_folder *f = &l->folder;
	pid_t pid;

	if (vm_folder_succeed(f, starter, e))
		return -1;
	pid = fork();
	if (pid < 0) {
		err_errno(e, -errno, "cannot start a process");
		return -1;
	}
	if (pid == 0)
		run_vmm(l, argv);
	if (vm_folder_set_pid(f, pid, e)) {
		kill(pid, SIGKILL);
		(void)child_wait(pid);
		return -1;
	}
	return pid;
}

/* Waits for the VMM and passes on what ends this process; the terminal's own keys reach both. */
static int wait_passing_signals(pid_t pid)
{
	int status = W_EXITCODE(EXIT_FAILURE, 0);
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGCHLD);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGHUP);
	for (;;) {
		siginfo_t info;

		if (waitpid(pid, &status, WNOHANG) != 0)
			break;
		if (sigwaitinfo(&set, &info) > 0 && info.si_signo != SIGCHLD)
			kill(pid, info.si_signo);
	}
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static int run_and_clean(struct session *s, const struct vm_launch *l, char *const *argv,
			 struct err *e)
{
	struct terminal_modes modes;
	int status, r;
	pid_t pid;

	terminal_modes_save(&modes);
	pid = spawn_vmm(l, argv, getpid(), e);
	if (pid < 0) {
		(void)vm_launch_clean(s, &l->folder, 0, NULL);
		return -EIO;
	}
	status = wait_passing_signals(pid);
	/* A VMM that was killed could not. */
	terminal_modes_restore(&modes);
	r = vm_launch_clean(s, &l->folder, 0, e);
	if (status == EXEC_FAILED)
		return err_set(e, -ENOENT, "cannot run the VMM '%s'", argv[0]);
	if (status)
		return err_set(e, -EIO, "the VMM ended with status %d", status);
	return r;
}

int vm_process_foreground(struct session *s, const struct vm_launch *l, char *const *argv,
			  struct err *e)
{
	const struct vm_folder *f = &l->folder;
	int r;

	if (s->terminal)
		out_line(&s->out,
			 "%s: its console is here; 'vdpactl vm stop %s' elsewhere, or a "
			 "power-off in the guest, ends it",
			 f->name, f->name);
	/* What this command has printed comes before what the guest prints; a JSON document is not
	 * begun before it is known to be no error. */
	r = s->out.json ? 0 : session_flush(s, e);
	if (!r)
		r = signals_check(e);
	if (r) {
		(void)vm_launch_clean(s, f, 0, NULL);
		return r;
	}
	return run_and_clean(s, l, argv, e);
}

static void redirect(const struct vm_folder *f)
{
	char path[VM_PATH_MAX + 32];
	int log, null = open("/dev/null", O_RDWR | O_CLOEXEC);

	vm_folder_file(f, "vmm.log", path);
	log = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
	dup2(null, STDIN_FILENO);
	dup2(log < 0 ? null : log, STDOUT_FILENO);
	dup2(log < 0 ? null : log, STDERR_FILENO);
	close(null);
	if (log >= 0)
		close(log);
}

/* The process that stays beside the VMM and cleans up after it. Returns its exit status; `failure`
 * is shared with who waits for it, since a full disk takes no log. */
static int keep(struct session *s, const struct vm_launch *l, char *const *argv, pid_t starter,
		struct err *failure)
{
	const struct vm_folder *f = &l->folder;
	_close_ int lock = -1;
	struct err e = { 0 };
	int status;
	pid_t pid;

	setsid();
	redirect(f);
	session_leave_nl(s);
	pid = spawn_vmm(l, argv, starter, failure);
	if (pid < 0)
		return 1;
	/* The VMM has what its options name; a lock or a pipe of who started it is not ours to hold
	 * as long as it runs. */
	close_range(STDERR_FILENO + 1, ~0U, 0);
	/* Paths of the configuration are relative to where the VMM was started; the keeper itself
	 * holds no folder. */
	if (chdir("/") < 0)
		dprintf(STDERR_FILENO, "cannot leave the folder\n");
	status = wait_passing_signals(pid);
	/* Its number may be another VMM's before the folder is taken away. */
	vm_folder_forget_pid(f);
	if (status)
		dprintf(STDERR_FILENO, "vdpactl: the VMM ended with status %d\n", status);
	if (vm_devices_remove(s, f, &e))
		dprintf(STDERR_FILENO, "%s\n", e.text);
	else if (!status && !vm_folder_lock(f, &lock, NULL))
		(void)vm_folder_remove(f, NULL);
	return status;
}

/* The last lines of the log, as the failure's text. */
static int failed_words(const struct vm_folder *f, struct err *e)
{
	_free_ char *text = NULL;
	_strbuf_ struct strbuf words = { 0 };
	char *lines[4] = { NULL }, *rest = NULL;
	size_t n = 0;

	if (vm_folder_read(f, "vmm.log", MAX_LOG, &text, NULL))
		text = NULL;
	for (char *p = text ? strtok_r(text, "\n", &rest) : NULL; p;
	     p = strtok_r(NULL, "\n", &rest)) {
		p += strspn(p, " ");
		/* The keeper's own. */
		if (*p && strncmp(p, "vdpactl: ", 9) != 0)
			lines[n++ % ARRAY_SIZE(lines)] = p;
	}
	if (!n)
		return err_set(e, -EIO, "the VMM ended at once and said nothing");
	for (size_t i = n < ARRAY_SIZE(lines) ? 0 : n - ARRAY_SIZE(lines); i < n; i++)
		strbuf_printf(&words, "%s%s", words.len ? "; " : "", lines[i % ARRAY_SIZE(lines)]);
	return err_set(e, -EIO, "the VMM ended at once: %s", strbuf_text(&words));
}

static int failed(const struct vm_folder *f, const struct err *failure, struct err *e)
{
	return failure->code ? err_pass(e, failure) : failed_words(f, e);
}

static bool answers(const struct vm_folder *f, unsigned timeout_ms)
{
	_vmm_reply_ struct vmm_reply reply = { 0 };
	char path[VM_PATH_MAX + 32];
	struct vmm_peer peer = { .socket = path, .timeout_ms = timeout_ms };

	vm_folder_file(f, "api.sock", path);
	return access(path, F_OK) == 0 && vm_folder_life(f, &peer.pid) == VM_ALIVE &&
	       !vmm_client_request(&peer, VM_INFO, NULL, &reply, NULL);
}

/* One whose VMM does not answer, and may not listen to signals either. */
static void end_keeper(const struct vm_folder *f, pid_t keeper)
{
	pid_t vmm;

	if (vm_folder_life(f, &vmm) == VM_ALIVE)
		kill(vmm, SIGKILL);
	kill(keeper, SIGTERM);
	(void)child_wait(keeper);
}

static int wait_ready(const struct vm_folder *f, pid_t keeper, const struct err *failure,
		      struct err *e)
{
	static const struct timespec step = { .tv_nsec = READY_STEP_MS * 1000000L };
	uint64_t end = clock_ms() + READY_TIMEOUT_MS;

	for (uint64_t now = clock_ms(); now < end; now = clock_ms()) {
		int status = W_EXITCODE(EXIT_FAILURE, 0);

		if (waitpid(keeper, &status, WNOHANG) != 0)
			return WIFEXITED(status) && !WEXITSTATUS(status) ? 0
									 : failed(f, failure, e);
		if (answers(f, READY_ASK_MS))
			return 0;
		if (signals_ask_to_end())
			break;
		nanosleep(&step, NULL);
	}
	end_keeper(f, keeper);
	if (signals_check(e))
		return -EINTR;
	return err_set(e, -ETIMEDOUT, "the VMM did not answer within %d s",
		       READY_TIMEOUT_MS / 1000);
}

int vm_process_detach(struct session *s, const struct vm_launch *l, char *const *argv,
		      struct err *e)
{
	const struct vm_folder *f = &l->folder;
	struct err *failure = mmap(NULL, sizeof(*failure), PROT_READ | PROT_WRITE,
				   MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	pid_t starter = getpid(), keeper = failure == MAP_FAILED ? -1 : fork();
	int r;

	if (keeper == 0)
		_exit(keep(s, l, argv, starter, failure));
	if (keeper < 0)
		r = err_errno(e, -errno, "cannot start a process");
	else
		r = wait_ready(f, keeper, failure, e);
	if (failure != MAP_FAILED)
		munmap(failure, sizeof(*failure));
	if (r)
		(void)vm_launch_clean(s, f, keeper, NULL);
	return r;
}
