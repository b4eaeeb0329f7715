/* SPDX-License-Identifier: GPL-3.0-or-later */
/* completion: prints the shim that makes a shell ask this program. */
#include "cmd/cmds.h"

#include "shell/completion_shims.h"

#include <string.h>

struct completion_args {
	const char *shell;
};

static const char *const shells[] = { "bash", "zsh", "fish", NULL };

static const struct arg rows[] = {
	ARG_WORD_ROW(completion_args, shell, "SHELL", "for which shell", .choices = shells,
		     .required = true),
};

static int run(struct session *s, const void *args, size_t n, struct err *e)
{
	const struct completion_args *a = args;

	(void)n;
	(void)e;
	for (size_t i = 0; i < completion_shims_n; i++) {
		if (strcmp(completion_shims[i].shell, a->shell) != 0)
			continue;
		out_str(&s->out, "script", NULL, completion_shims[i].text);
		if (!s->out.json)
			strbuf_puts(&s->out.sb, completion_shims[i].text);
	}
	return 0;
}

const struct command command_completion = {
	.path = "completion",
	.summary = "Print the completion script of a shell",
	.example = "source <(vdpactl completion bash)",
	COMMAND_ARGS(rows, completion_args),
	.run = run,
};
