/* SPDX-License-Identifier: GPL-3.0-or-later */
/* From a configuration to a running VMM. */
#include "vm/vm_launch.h"

#include "child.h"
#include "held_signals.h"
#include "host/memlock.h"
#include "vm/vm_devices.h"
#include "vm/vm_process.h"
#include "vm/vm_request.h"

#include <errno.h>
#include <string.h>
#include <time.h>

#define VMM_PROGRAM "vdpa-vmm"

enum {
	KEEPER_SECONDS = 20,
	CLAIM_STEP_MS = 50,
};

/* Beside this program, else on the PATH. */
static int find_vmm(struct cli_words *words, struct err *e)
{
	char self[4096];
	ssize_t n = readlink("/proc/self/exe", self, sizeof(self) - sizeof(VMM_PROGRAM));
	char *slash;
	int r;

	if (n > 0) {
		self[n] = '\0';
		slash = strrchr(self, '/');
		memcpy(slash + 1, VMM_PROGRAM, sizeof(VMM_PROGRAM));
		if (access(self, X_OK) == 0)
			return cli_words_add(words, self) ? err_nomem(e) : 0;
	}
	r = cli_words_add(words, VMM_PROGRAM);
	return r ? err_nomem(e) : 0;
}

static int console_to_socket(const struct vm_launch *l, struct console_config *console,
			     const char *name, struct err *e)
{
	char path[VM_PATH_MAX + 32];

	if (console->mode != CONSOLE_TTY)
		return 0;
	vm_folder_socket(&l->folder, l->user, name, path);
	free(console->path);
	console->path = strdup(path);
	console->mode = CONSOLE_SOCKET;
	return console->path ? 0 : err_nomem(e);
}

static int add_launch_options(const struct vm_launch *l, struct cli_words *words, struct err *e)
{
	char path[VM_PATH_MAX + 32], option[VM_PATH_MAX + 48];
	int r;

	vm_folder_socket(&l->folder, l->user, "api.sock", path);
	snprintf(option, sizeof(option), "path=%s", path);
	r = cli_words_add(words, "--api-socket");
	if (!r)
		r = cli_words_add(words, option);
	if (r)
		return err_nomem(e);
	return l->options ? vmm_options_to_cli(l->options, words, e) : 0;
}

static int consoles_to_sockets(const struct vm_launch *l, struct vm_config *config, struct err *e)
{
	int r = console_to_socket(l, &config->console, "console.sock", e);

	return r ? r : console_to_socket(l, &config->serial, "serial.sock", e);
}

/* Of a VM that was one of ours before: its sockets were in a folder that may be another's now. */
static void own_console(const struct vm_launch *l, struct console_config *console)
{
	const char *path = console->path, *slash = strrchr(l->folder.path, '/');

	if (console->mode == CONSOLE_SOCKET && path && slash &&
	    strncmp(path, l->folder.path, (size_t)(slash + 1 - l->folder.path)) == 0)
		console->mode = CONSOLE_TTY;
}

static void move_console(struct console_config *to, struct console_config *from)
{
	free(to->path);
	to->mode = from->mode;
	to->path = steal_ptr(&from->path);
}

/* A snapshot brings its machine along, all but the sockets of its consoles. */
static int keep_consoles(const struct vm_launch *l, struct vm_config *config, struct err *e)
{
	_vm_config_ struct vm_config whole = *config;
	int r = vm_config_init(config);

	if (r) {
		*config = (struct vm_config){ 0 };
		return err_nomem(e);
	}
	own_console(l, &whole.console);
	own_console(l, &whole.serial);
	if (consoles_to_sockets(l, &whole, e))
		return e->code;
	/* What is as it is by default is not said again. */
	if (whole.console.mode == CONSOLE_SOCKET)
		move_console(&config->console, &whole.console);
	if (whole.serial.mode == CONSOLE_SOCKET)
		move_console(&config->serial, &whole.serial);
	return 0;
}

int vm_launch_words(const struct vm_launch *l, struct cli_words *words, struct err *e)
{
	_vm_config_ struct vm_config config = { 0 };
	int r = vm_config_copy(&config, l->config);

	if (r)
		return err_nomem(e);
	r = find_vmm(words, e);
	if (!r && l->options && l->options->restore.source_url)
		r = keep_consoles(l, &config, e);
	else if (!r && l->detached)
		r = consoles_to_sockets(l, &config, e);
	if (!r)
		r = add_launch_options(l, words, e);
	return r ? r : vm_config_to_cli(&config, words, e);
}

int vm_launch_check_name(const struct vm_folder *f, struct err *e)
{
	pid_t pid;
	enum vm_life life = vm_folder_life(f, &pid);

	if (life == VM_UNKNOWN)
		return vm_folder_unknown(f, e);
	if (life != VM_ALIVE)
		return 0;
	err_set(e, -EEXIST, "a VM '%s' is running (PID %d)", f->name, pid);
	return err_hint(e,
			"stop it with 'vdpactl vm stop %s', or start this one under another name: "
			"--name",
			f->name);
}

static int clean(struct session *s, const struct vm_folder *f, struct err *e)
{
	int r = vm_devices_remove(s, f, e);

	return r ? r : vm_folder_remove(f, e);
}

int vm_launch_clean(struct session *s, const struct vm_folder *f, pid_t keeper, struct err *e)
{
	_close_ int lock = -1;
	int r = vm_folder_lock(f, &lock, e);

	if (r || vm_folder_kept_by_another(f, keeper))
		return r;
	r = clean(s, f, e);
	if (r)
		vm_folder_forget_keeper(f);
	return r;
}

int vm_launch_clean_dead(struct session *s, const struct vm_folder *f, struct err *e)
{
	_close_ int lock = -1;
	int r = vm_folder_lock(f, &lock, e);

	if (!r && vm_folder_life(f, NULL) == VM_DEAD && !vm_folder_kept(f))
		r = clean(s, f, e);
	return r;
}

/* -EBUSY while another process starts the VM, or takes away what it left. */
static int try_claim(struct session *s, const struct vm_folder *f, struct err *e)
{
	_close_ int lock = -1;
	int r = vm_folder_lock(f, &lock, e);

	if (!r)
		r = vm_launch_check_name(f, e);
	if (!r && vm_folder_kept(f))
		return err_set(e, -EBUSY, "another process starts or ends the VM '%s'", f->name);
	if (!r && vm_folder_life(f, NULL) == VM_DEAD)
		r = clean(s, f, e);
	if (!r)
		r = vm_folder_create(f, e);
	if (!r) {
		r = vm_folder_set_keeper(f, e);
		if (r)
			(void)clean(s, f, NULL);
	}
	return r;
}

static int claim_folder(struct session *s, const struct vm_folder *f, struct err *e)
{
	static const struct timespec step = { .tv_nsec = CLAIM_STEP_MS * 1000000L };
	struct err why = { 0 };
	int r = try_claim(s, f, &why);

	for (unsigned waited = 0; r == -EBUSY && waited < KEEPER_SECONDS * 1000;
	     waited += CLAIM_STEP_MS) {
		r = signals_check(e);
		if (r)
			return r;
		nanosleep(&step, NULL);
		r = try_claim(s, f, &why);
	}
	return r ? err_pass(e, &why) : 0;
}

static int launch(struct session *s, const struct vm_launch *l, struct err *e)
{
	_cli_words_ struct cli_words words = { 0 };
	struct memlock_limit limit;
	struct memlock_need need;
	int r = claim_folder(s, &l->folder, e);

	if (r)
		return r;
	if (l->user)
		r = vm_folder_give(&l->folder, l->user, e);
	if (!r)
		r = vm_devices_create(s, l, e);
	if (!r)
		r = vm_launch_words(l, &words, e);
	if (!r) {
		memlock_need_get(NULL, l->config, &need);
		r = memlock_raise(need.bytes, &limit, e);
	}
	if (r) {
		(void)vm_launch_clean(s, &l->folder, 0, NULL);
		return r;
	}
	return l->detached ? vm_process_detach(s, l, words.words, e)
			   : vm_process_foreground(s, l, words.words, e);
}

int vm_launch_run(struct session *s, const struct vm_launch *l, struct err *e)
{
	sigset_t before;
	int r = signals_hold(&before, e);

	if (r)
		return r;
	r = launch(s, l, e);
	/* A Ctrl-C ends this process now that nothing is left behind. */
	signals_release(&before);
	return r;
}
