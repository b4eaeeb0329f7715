/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One run of the VMM process. */
#include "vmm_run.h"

#include "api/api_socket.h"
#include "api/event_monitor.h"
#include "api/http_server.h"
#include "config/vm_config_check.h"
#include "console_backend.h"
#include "log.h"
#include "sandbox/process.h"
#include "sandbox/syscall_filter.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/signalfd.h>

enum {
	API_IDLE_SECONDS = 10,
};

/* In the order in which they are made; destroyed in reverse. */
struct run {
	struct event_monitor *events;
	struct api_socket api;
	struct syscall_filters *filters;
	struct event_loop *loop;
	int signal_fd;
	struct loop_source *signals;
	struct http_server *http;
	struct vmm vmm;
	bool started; /* vmm is initialised */
};

static void close_run(struct run *run)
{
	http_server_destroy(run->http);
	if (run->started)
		vmm_fini(&run->vmm);
	loop_remove(run->signals);
	if (run->signal_fd >= 0)
		close(run->signal_fd);
	if (run->loop)
		event_loop_destroy(run->loop);
	syscall_filters_destroy(run->filters);
	api_socket_close(&run->api, true);
	event_monitor_close(run->events);
}

/* Notes a descriptor that an option names. */
static int keep_fd(int *keep, size_t *n, int fd, const char *option, struct err *e)
{
	if (fd < 0)
		return 0;
	if (fcntl(fd, F_GETFD) < 0)
		return err_set(e, -EBADF, "%s: fd=%d is not an open descriptor", option, fd);
	keep[(*n)++] = fd;
	return 0;
}

static int keep_fds(const struct vmm_options *options, const struct vm_config *config,
		    struct err *e)
{
	_free_ int *keep = calloc(config->n_vdpas + 2, sizeof(*keep));
	size_t n = 0;
	int r;

	if (!keep)
		return err_nomem(e);
	r = keep_fd(keep, &n, options->api_socket.fd, "--api-socket", e);
	if (!r)
		r = keep_fd(keep, &n, options->event_monitor.fd, "--event-monitor", e);
	for (size_t i = 0; !r && i < config->n_vdpas; i++)
		r = keep_fd(keep, &n, config->vdpas[i].fd, "--vdpa", e);
	return r ? r : process_close_inherited(keep, n, e);
}

static bool has_endpoint(const struct vmm_endpoint *endpoint)
{
	return endpoint->path || endpoint->fd >= 0;
}

static enum log_level log_level(unsigned int verbosity)
{
	unsigned int level = LOG_LEVEL_WARN + verbosity;

	return level > LOG_LEVEL_TRACE ? LOG_LEVEL_TRACE : (enum log_level)level;
}

/* What was asked for must hang together before anything is opened. */
static int check_request(const struct vmm_options *options, struct vm_config *config,
			 struct vmm_fault *fault)
{
	struct err *e = &fault->err;

	if (options->restore.source_url && !options->restore.resume &&
	    !has_endpoint(&options->api_socket)) {
		err_misuse(e, "--restore: nobody could resume the VM");
		return err_hint(e, "give resume=on, or --api-socket");
	}
	if (options->restore.source_url)
		return 0;
	if (options->has_vm)
		return vm_config_check(config, e) < 0
			       ? vmm_refuse(fault, VMM_INVALID, VMM_BAD_CONFIG)
			       : 0;
	if (has_endpoint(&options->api_socket))
		return 0;
	err_misuse(e, "there is nothing to run");
	return err_hint(e, "give a VM its --kernel, or --api-socket to wait for one");
}

static int open_channels(struct run *run, const struct vmm_options *options, struct err *e)
{
	int r = log_open(options->log_file, log_level(options->verbosity), e);

	if (r == 0 && has_endpoint(&options->event_monitor))
		r = event_monitor_open(options->event_monitor.path, options->event_monitor.fd,
				       &run->events, e);
	if (r == 0 && has_endpoint(&options->api_socket))
		r = api_socket_open(options->api_socket.path, options->api_socket.fd, &run->api, e);
	if (r == 0)
		r = syscall_filters_create(options->seccomp, &run->filters, e);
	return r;
}

/* The terminal has another size, or the run is to end in order. */
static void on_signal(void *data)
{
	struct run *run = data;
	struct signalfd_siginfo info;

	if (read(run->signal_fd, &info, sizeof(info)) != sizeof(info))
		return;
	if (info.ssi_signo == SIGWINCH) {
		if (run->vmm.consoles.console)
			console_backend_winch(run->vmm.consoles.console);
		return;
	}
	log_info("signal %u: the VMM ends", info.ssi_signo);
	vmm_stop(&run->vmm, EXIT_SUCCESS);
}

/* Blocked in every thread that comes, and read from the main loop. */
static int open_signals(struct run *run, struct err *e)
{
	struct sigaction hangup;
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGWINCH);
	/* Ignored, as by nohup, it would come through a descriptor none the less. (SIGINT is
	 * ignored in all that a script starts in the background, and means the VMM when it comes.)
	 */
	if (sigaction(SIGHUP, NULL, &hangup) < 0 || hangup.sa_handler != SIG_IGN)
		sigaddset(&set, SIGHUP);
	if (sigprocmask(SIG_BLOCK, &set, NULL) < 0)
		return err_errno(e, -errno, "could not block signals");
	run->signal_fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	if (run->signal_fd < 0)
		return err_errno(e, -errno, "could not receive signals");
	return loop_add_reader(run->loop, run->signal_fd, on_signal, run, &run->signals, e);
}

static int open_loop(struct run *run, const struct vmm_options *options, struct err *e)
{
	int r = event_loop_create(&run->loop, e);

	if (r == 0)
		r = open_signals(run, e);
	if (r == 0)
		r = syscall_filter_enter(run->filters, FILTER_MAIN, e);
	if (r < 0)
		return r;
	vmm_init(&run->vmm, &(struct vmm_setup){
				    .loop = run->loop,
				    .ops = &machine_ops_kvm,
				    .events = run->events,
				    .filters = run->filters,
				    .api_socket = run->api.path,
				    .has_api = run->api.fd >= 0,
				    .no_shutdown = options->no_shutdown,
			    });
	run->started = true;
	if (run->api.fd >= 0)
		r = http_server_create(&run->vmm, run->api.fd, API_IDLE_SECONDS, &run->http, e);
	return r;
}

static int boot(struct run *run, struct vm_config *config, struct vmm_fault *fault)
{
	int r = vmm_create_vm(&run->vmm, config, fault);

	return r == 0 ? vmm_boot(&run->vmm, fault) : r;
}

int vmm_run(const struct vmm_options *options, struct vm_config *config, int *exit_code,
	    struct vmm_fault *fault)
{
	struct err *e = &fault->err;
	struct run run = { .api = { .fd = -1, .lock_fd = -1 }, .signal_fd = -1 };
	int r = check_request(options, config, fault);

	if (r == 0)
		r = keep_fds(options, config, e);
	if (r == 0)
		r = process_confine(e);
	if (r == 0)
		r = open_channels(&run, options, e);
	if (r == 0)
		r = open_loop(&run, options, e);
	if (r == 0 && options->restore.source_url)
		r = vmm_restore_vm(&run.vmm, &options->restore, config, fault);
	else if (r == 0 && options->has_vm)
		r = boot(&run, config, fault);
	if (r == 0)
		r = event_loop_run(run.loop, e);
	*exit_code = run.started ? run.vmm.exit_code : EXIT_SUCCESS;
	close_run(&run);
	return r;
}
