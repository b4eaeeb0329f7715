/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Options of the VMM itself, which a profile has no place for. */
#include "left_out.h"

#include "config/to_cli.h"

int left_out_tell(struct session *s, const struct vmm_options *options, struct err *e)
{
	const struct vmm_endpoint *api = &options->api_socket;
	_cli_words_ struct cli_words words = { 0 };
	_strbuf_ struct strbuf line = { 0 };
	struct err note = { 0 };
	int r = 0;

	if (api->path || api->fd >= 0)
		r = cli_words_add(&words, "--api-socket");
	if (!r && api->path)
		r = cli_words_add(&words, api->path);
	if (!r)
		r = vmm_options_to_cli(options, &words, NULL);
	cli_words_quote(&words, &line);
	if (r || line.failed)
		return err_nomem(e);
	if (!words.n)
		return 0;
	out_list(&s->out, "left_out", NULL, (const char *const *)words.words, words.n);
	err_set(&note, 0, "left out, since a profile has no place for it: %s", strbuf_text(&line));
	if (!s->out.json)
		session_tell(s, &note);
	return 0;
}
