/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The user's folders, from the environment. */
#include "places.h"

#include <errno.h>

static const char *absolute_env(const char *name)
{
	const char *v = getenv(name);

	/* The XDG specification has relative values ignored. */
	return v && v[0] == '/' ? v : NULL;
}

static int xdg_path(const char *variable, const char *below_home, const char *name, char **path,
		    struct err *e)
{
	const char *base = absolute_env(variable), *home = absolute_env("HOME");
	int n;

	if (base)
		n = asprintf(path, "%s/vdpactl/%s", base, name);
	else if (home)
		n = asprintf(path, "%s/%s/vdpactl/%s", home, below_home, name);
	else
		return err_set(e, -ENOENT, "neither %s nor HOME names a folder", variable);
	return n < 0 ? err_nomem(e) : 0;
}

int place_config(const char *name, char **path, struct err *e)
{
	return xdg_path("XDG_CONFIG_HOME", ".config", name, path, e);
}

int place_state(const char *name, char **path, struct err *e)
{
	return xdg_path("XDG_STATE_HOME", ".local/state", name, path, e);
}

int place_runtime(char **path, struct err *e)
{
	const char *base = geteuid() ? absolute_env("XDG_RUNTIME_DIR") : "/run";

	if (!base) {
		err_set(e, -ENOENT, "XDG_RUNTIME_DIR names no folder");
		return err_hint(e, "log in with a session, or set it to a folder that only you "
				   "can use");
	}
	return asprintf(path, "%s/vdpactl", base) < 0 ? err_nomem(e) : 0;
}

int place_absolute(char **path, struct err *e)
{
	_free_ char *here = NULL;
	char *whole;

	if (!*path || (*path)[0] == '/')
		return 0;
	here = getcwd(NULL, 0);
	if (!here)
		return err_errno(e, -errno, "cannot tell the current folder");
	if (asprintf(&whole, "%s/%s", here, *path) < 0)
		return err_nomem(e);
	free(*path);
	*path = whole;
	return 0;
}
