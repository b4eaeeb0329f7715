/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The line editor of the shell: readline with our completion and history. */
#include "shell/shell_line.h"

#include "base/file.h"
#include "command/words.h"
#include "places.h"
#include "shell/complete.h"

#include <errno.h>
#include <fcntl.h>
#include <readline/history.h>
#include <readline/readline.h>
#include <string.h>
#include <sys/stat.h>

enum {
	HISTORY_LINES = 2000,
	HISTORY_MAX_BYTES = 16 << 20,
};

/* readline's callbacks carry no context: what they need is here, and nowhere else. */
static struct {
	struct session *session;
	struct completion last; /* what the listing below the line explains */
	bool warned;            /* that the history is not kept */
	bool asking;            /* for a value rather than a command */
	bool listing;           /* for '?': nothing is inserted */
	completer *complete;    /* of that value; may be NULL */
} line_state;

static void show_hint(const char *hint)
{
	rl_crlf();
	fprintf(rl_outstream, "  %s", hint);
	rl_crlf();
	rl_on_new_line();
}

/* One candidate a line, cut where the screen ends. */
static void show_candidate(const struct candidate *item, int longest)
{
	int rows, columns, left;

	rl_get_screen_size(&rows, &columns);
	left = columns - longest - 5;
	fprintf(rl_outstream, "  %-*s  ", longest, item->text);
	if (item->help && (int)strlen(item->help) > left && left > 3)
		fprintf(rl_outstream, "%.*s...", left - 3, item->help);
	else
		fputs(item->help ? item->help : "", rl_outstream);
	putc('\n', rl_outstream);
}

/* What is expected, and the candidates with their one-line help. */
static void show_matches(char **matches, int n, int longest)
{
	const struct completion *c = &line_state.last;

	rl_crlf();
	if (c->hint[0])
		fprintf(rl_outstream, "  %s\n", c->hint);
	for (int i = 1; i <= n && !c->n; i++)
		fprintf(rl_outstream, "  %s\n", matches[i]);
	for (size_t i = 0; i < c->n; i++)
		show_candidate(&c->items[i], longest);
	rl_on_new_line();
}

/* What has been typed up to some place: words, of which the last is being typed. */
static int split_line(int end, struct words *words)
{
	_free_ char *line = strndup(rl_line_buffer, (size_t)end);
	int r = line ? words_split(words, line, true, NULL) : -ENOMEM;

	return r || words->open ? r : words_add(words, "");
}

/* Does this blank belong to a word? */
static int is_quoted(char *line, int at)
{
	_free_ char *before = strndup(line, (size_t)at);
	_words_ struct words words = { 0 };

	return before && !words_split(&words, before, true, NULL) &&
	       (words.quote || words.continued);
}

/* The first `len` bytes of a candidate as they take the place of what readline holds for the word:
 * that may begin behind `head`, and behind a quote. */
static char *insertion(const char *text, size_t len, const char *head, char quote)
{
	_free_ char *part = strndup(text, len);
	_strbuf_ struct strbuf sb = { 0 };
	size_t skip = strlen(head);

	if (!part || line_state.asking)
		return steal_ptr(&part);
	if (strncmp(part, head, skip) != 0)
		return NULL;
	words_quote(&sb, part + skip, quote, skip);
	return strbuf_steal(&sb);
}

/* readline's form of a list: first what all have in common, then each, then NULL. */
static char **matches_of(const struct completion *c, const char *head, char quote)
{
	char **m = calloc(c->n + 2, sizeof(*m));
	size_t common, n = 0;

	if (!m)
		return NULL;
	common = strlen(c->items[0].text);
	for (size_t i = 1; i < c->n; i++) {
		size_t k = 0;

		while (k < common && c->items[i].text[k] == c->items[0].text[k])
			k++;
		common = k;
	}
	m[n++] = insertion(c->items[0].text, common, head, quote);
	/* A single one is listed only where it is not thrown out as a double of what all have in
	 * common. */
	rl_ignore_completion_duplicates = !line_state.listing;
	for (size_t i = 0; m[0] && i < c->n && (c->n > 1 || line_state.listing); i++)
		m[n++] = strdup(c->items[i].text);
	return m;
}

/* Names of files that complete the word behind its first `before` bytes. */
static void add_files(struct completion *c, size_t before)
{
	_free_ char *typed = tilde_expand(c->partial + before), *partial = NULL;
	const char *asked = c->partial;
	char *name;

	if (!typed || asprintf(&partial, "%.*s%s", (int)before, asked, typed) < 0)
		return;
	c->partial = partial;
	for (int state = 0; (name = rl_filename_completion_function(typed, state)); state++) {
		_free_ char *found = name, *word = NULL;
		struct stat st;
		bool folder = stat(found, &st) == 0 && S_ISDIR(st.st_mode);

		c->no_space = c->no_space || folder;
		if (asprintf(&word, "%.*s%s%s", (int)before, asked, found, folder ? "/" : "") < 0)
			word = NULL;
		if (word)
			completion_add(c, word, NULL);
	}
	c->partial = asked;
	/* What is inserted has its quotes already. */
	rl_filename_completion_desired = 0;
}

/* The word may be a name, or "key=" with one. */
static void complete_files_of(struct completion *c)
{
	size_t before = strlen(c->partial), n = c->n;

	c->files = false;
	add_files(c, 0);
	while (before && !strchr("=,", c->partial[before - 1]))
		before--;
	if (c->n == n && before)
		add_files(c, before);
}

static void complete_answer(const char *text, struct completion *c)
{
	c->partial = text;
	if (line_state.complete)
		line_state.complete(line_state.session, c);
	c->partial = NULL;
}

static char **attempt(const char *text, int start, int end)
{
	struct completion *c = &line_state.last;
	_words_ struct words words = { 0 }, head = { 0 };
	char *const *command;
	size_t n;

	rl_attempted_completion_over = 1;
	completion_free(c);
	*c = (struct completion){ 0 };
	if (line_state.asking) {
		complete_answer(text, c);
		rl_attempted_completion_over = !c->files;
		return c->n ? matches_of(c, "", 0) : NULL;
	}
	if (split_line(end, &words) || split_line(start, &head))
		return NULL;
	if (words.list[0][0] == '!') {
		rl_attempted_completion_over = 0;
		return NULL;
	}
	command = words_command(&words, &n);
	complete_words(line_state.session, command, n - 1, command[n - 1], c);
	if (c->files) {
		c->partial = words.list[words.n - 1];
		complete_files_of(c);
	}
	/* What it points at goes with this function. */
	c->partial = NULL;
	rl_completion_suppress_append = c->no_space;
	rl_completion_suppress_quote = c->no_space;
	if (!c->n && c->hint[0])
		show_hint(c->hint);
	return c->n ? matches_of(c, head.list[head.n - 1], words.quote) : NULL;
}

/* Where a word could begin, '?' lists what may come; inside a word it is a letter. */
static int question_mark(int count, int key)
{
	char before = rl_point ? rl_line_buffer[rl_point - 1] : ' ';

	if (before != ' ' || line_state.asking)
		return rl_insert(count, key);
	line_state.listing = true;
	rl_possible_completions(count, key);
	line_state.listing = false;
	return 0;
}

static void set_up(void)
{
	rl_readline_name = "vdpactl";
	rl_catch_signals = 0;
	rl_catch_sigwinch = 0;
	rl_attempted_completion_function = attempt;
	rl_completion_display_matches_hook = show_matches;
	rl_completer_word_break_characters = strdup(" \t\n");
	rl_completer_quote_characters = "'\"";
	rl_char_is_quoted_p = is_quoted;
	/* Tab lists as soon as it has nothing to add; the user's inputrc is read after this. */
	rl_variable_bind("show-all-if-unmodified", "on");
	rl_initialize();
	rl_bind_key('?', question_mark);
}

void shell_line_start(struct session *s, const char *prompt, void (*done)(char *line))
{
	if (!line_state.session)
		set_up();
	line_state.session = s;
	rl_callback_handler_install(prompt, done);
}

char *shell_line_ask(struct session *s, const char *prompt, completer *complete)
{
	HISTORY_STATE *history = history_get_history_state();
	HISTORY_STATE none = { 0 };
	char *answer;

	if (!line_state.session)
		set_up();
	line_state.session = s;
	line_state.asking = true;
	line_state.complete = complete;
	history_set_history_state(&none);
	/* The terminal is put in order before Ctrl-C does its work. */
	rl_catch_signals = 1;
	answer = readline(prompt);
	rl_catch_signals = 0;
	history_set_history_state(history);
	free(history);
	line_state.asking = false;
	completion_free(&line_state.last);
	return answer;
}

void shell_line_input(void)
{
	rl_callback_read_char();
}

void shell_line_cancel(void)
{
	/* What comes next is printed behind the line, which may be several rows of the screen. */
	rl_point = rl_end;
	rl_redisplay();
	rl_free_line_state();
	rl_callback_sigcleanup();
	fputs("^C\n", rl_outstream);
}

void shell_line_leave(void)
{
	rl_crlf();
	rl_deprep_terminal();
}

void shell_line_return(void)
{
	rl_prep_terminal(1);
	rl_forced_update_display();
}

void shell_line_resized(void)
{
	rl_resize_terminal();
}

void shell_line_stop(void)
{
	rl_callback_handler_remove();
	completion_free(&line_state.last);
}

/* The history file, created for its owner alone. */
static int history_path(char **path, struct err *e)
{
	_free_ char *folder = NULL, *file = NULL;
	_close_ int fd = -1;
	int r = place_state("", &folder, e);

	if (!r)
		r = file_mkdirs(folder, 0700, e);
	if (!r)
		r = place_state("history", &file, e);
	if (r)
		return r;
	fd = open(file, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0 || fchmod(fd, 0600) < 0)
		return err_errno(e, -errno, "cannot open '%s'", file);
	*path = steal_ptr(&file);
	return 0;
}

/* All but the last lines go, and all stay where the disk takes no new file: readline's own
 * truncation would lose them then. A line that found room in part alone is ended. */
static void tidy_history(const char *path)
{
	_free_ char *text = NULL;
	size_t len, keep, from = 0;
	unsigned int lines = 0;

	if (file_read(path, HISTORY_MAX_BYTES, &text, &len, NULL) || !len)
		return;
	keep = len;
	if (text[len - 1] != '\n')
		text[keep++] = '\n'; /* in place of the NUL */
	for (size_t at = keep - 1; at-- > 0 && !from;)
		if (text[at] == '\n' && ++lines == HISTORY_LINES)
			from = at + 1;
	if (from || keep != len)
		(void)file_replace(path, text + from, keep - from, 0600, NULL);
}

void shell_history_load(void)
{
	_free_ char *path = NULL;

	using_history();
	stifle_history(HISTORY_LINES);
	if (history_path(&path, NULL))
		return;
	tidy_history(path);
	read_history(path);
}

/* A history that cannot be kept is no reason to stop: this run's lines are there all the same. */
static void warn_once(const struct err *e)
{
	if (!line_state.warned)
		fprintf(stderr, "vdpactl: this history is not kept: %s\n", e->text);
	line_state.warned = true;
}

void shell_history_add(const char *line)
{
	_free_ char *path = NULL;
	const HIST_ENTRY *last = history_get(history_base + history_length - 1);
	struct err e = { 0 };
	int r;

	if (last && !strcmp(last->line, line))
		return;
	add_history(line);
	r = history_path(&path, &e);
	if (!r) {
		r = append_history(1, path);
		if (r)
			err_errno(&e, -r, "cannot write '%s'", path);
	}
	if (r)
		warn_once(&e);
}
