/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Times a program from spawn to end, one line of nanoseconds a repeat:
 * stopwatch [-r REPEATS] [-l LOOP] PROGRAM [ARGUMENT...]
 * One untimed run comes first, unless -l: then one repeat is LOOP runs with `%d` counting in
 * arguments.
 */

#include <fcntl.h>
#include <spawn.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum {
	MAX_ARGS = 64,
	MAX_ARG = 256
};

struct watch {
	posix_spawn_file_actions_t actions;
	char **argv;
	char texts[MAX_ARGS][MAX_ARG];
	char *numbered[MAX_ARGS + 1];
};

static uint64_t now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC_RAW, &t);
	return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

/* Arguments with `%d` in them replaced by number. */
static char **number_arguments(struct watch *w, long number)
{
	int i;

	for (i = 0; w->argv[i] && i < MAX_ARGS; i++) {
		const char *at = strstr(w->argv[i], "%d");

		if (at)
			snprintf(w->texts[i], MAX_ARG, "%.*s%ld%s", (int)(at - w->argv[i]),
				 w->argv[i], number, at + 2);
		else
			snprintf(w->texts[i], MAX_ARG, "%s", w->argv[i]);
		w->numbered[i] = w->texts[i];
	}
	w->numbered[i] = NULL;
	return w->numbered;
}

static int run(struct watch *w, char **argv)
{
	extern char **environ;
	int status;
	pid_t pid;

	if (posix_spawnp(&pid, argv[0], &w->actions, NULL, argv, environ))
		return -1;
	if (waitpid(pid, &status, 0) != pid || !WIFEXITED(status))
		return -1;
	return WEXITSTATUS(status);
}

static int repeat(struct watch *w, long loop)
{
	uint64_t start = now();
	int status = 0;

	if (!loop)
		status = run(w, w->argv);
	for (long i = 0; i < loop && !status; i++)
		status = run(w, number_arguments(w, i));
	if (status) {
		fprintf(stderr, "stopwatch: %s: status %d\n", w->argv[0], status);
		return 1;
	}
	printf("%ju\n", (uintmax_t)(now() - start));
	return 0;
}

int main(int argc, char **argv)
{
	long repeats = 1, loop = 0;
	static struct watch w;
	int option;

	while ((option = getopt(argc, argv, "+r:l:")) != -1) {
		if (option == 'r')
			repeats = strtol(optarg, NULL, 10);
		else if (option == 'l')
			loop = strtol(optarg, NULL, 10);
		else
			return 2;
	}
	if (optind == argc || argc - optind > MAX_ARGS)
		return 2;
	w.argv = argv + optind;
	posix_spawn_file_actions_init(&w.actions);
	posix_spawn_file_actions_addopen(&w.actions, 1, "/dev/null", O_WRONLY, 0);
	if (!loop && run(&w, w.argv))
		fprintf(stderr, "stopwatch: %s: the untimed run failed\n", w.argv[0]);
	for (long i = 0; i < repeats; i++)
		if (repeat(&w, loop))
			return 1;
	return 0;
}
