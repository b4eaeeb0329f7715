/* SPDX-License-Identifier: GPL-3.0-or-later */
/* vdpa-vmm: boots a Linux guest under KVM with vhost-vdpa devices. */
#include "base/cleanup.h"
#include "base/strbuf.h"
#include "config/cli_options.h"
#include "config/from_cli.h"
#include "vmm_run.h"

#include <stdio.h>
#include <stdlib.h>

enum {
	EXIT_MISUSE = 2,
};

static int print_help(FILE *to)
{
	_strbuf_ struct strbuf text = { 0 };

	cli_help(&text);
	if (text.failed) {
		fputs("Error: out of memory\n", stderr);
		return EXIT_FAILURE;
	}
	fputs(strbuf_text(&text), to);
	return EXIT_SUCCESS;
}

static int print_version(bool verbose)
{
	printf("vdpa-vmm %s\nMigration Protocol Versions: none\n", VERSION);
	if (!verbose)
		return EXIT_SUCCESS;
	printf("Enabled features: [");
	for (size_t i = 0; vmm_features[i]; i++)
		printf("%s\"%s\"", i ? ", " : "", vmm_features[i]);
	printf("]\n");
	return EXIT_SUCCESS;
}

/* A chain has a number for each cause, a single cause has none. */
static int report(const struct vmm_fault *fault)
{
	const struct err *e = &fault->err;

	if (fault->what)
		fprintf(stderr,
			"Error: vdpa-vmm exited with the following chain of errors:\n"
			"  0: %s\n  1: %s\n",
			fault->what, e->text);
	else
		fprintf(stderr, "Error: vdpa-vmm exited with the following error:\n  %s\n",
			e->text);
	if (e->hint[0])
		fprintf(stderr, "  hint: %s\n", e->hint);
	return e->misuse ? EXIT_MISUSE : EXIT_FAILURE;
}

int main(int argc, char **argv)
{
	struct vm_config config;
	struct vmm_options options;
	struct vmm_fault fault = { 0 };
	int status = EXIT_SUCCESS;

	if (argc < 2) {
		print_help(stdout);
		return EXIT_MISUSE;
	}
	if (vm_cli_parse(argc, argv, &config, &options, &fault.err) < 0)
		return report(&fault);
	if (options.want_help)
		status = print_help(stdout);
	else if (options.want_version)
		status = print_version(options.verbosity > 0);
	else if (vmm_run(&options, &config, &status, &fault) < 0)
		status = report(&fault);
	vmm_options_clear(&options);
	vm_config_clear(&config);
	return status;
}
