/* Runs the checks, and sums them up. */
#include "ctl/checks.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ctl/args.h"
#include "ctl/check.h"
#include "ctl/ctl.h"
#include "lib/clock.h"

#define CHECKS_USAGE 3 /* as that of `status`: 2 says that something is broken */

static void (*const check_parts[])(struct checks *) = { check_public_url, check_files,
	check_databases, check_keys, check_upstreams };

/* Each fault that the parser found is one of the check. */
static void
load_checked(struct checks *k)
{
	char *text = NULL, *rest, *line;
	size_t len = 0;
	FILE *err = open_memstream(&text, &len);

	if (err == NULL)
		panic("event=out_of_memory");
	k->c->conf = conf_load(k->c->conf_path, err);
	k->conf = k->c->conf;
	fclose(err);
	for (rest = text; (line = strsep(&rest, "\n")) != NULL;)
		if (*line != '\0')
			check_fault(k, CHECK_CONF, line);
	free(text);
}

static int
checks_sum(const struct checks *k)
{
	if (k->faults == 0 && k->warnings == 0)
		puts(k->offline ? "Nothing wrong, as far as can be seen without connecting."
				: "All is well.");
	else
		printf("%u fault%s, %u warning%s.\n", k->faults, k->faults == 1 ? "" : "s",
		    k->warnings, k->warnings == 1 ? "" : "s");
	return k->faults > 0 ? 2 : k->warnings > 0;
}

int
checks_run(struct ctl *c, int argc, char **argv)
{
	struct checks k = { .c = c, .mem = c->mem, .db_ahead_us = TIME_NONE };
	const struct args_option options[] = { { .name = "--offline", .on = &k.offline } };
	size_t i;

	if (!args_parse(argc, argv, options, DB_LEN(options), NULL, 0)) {
		fputs("usage: pintempo config check [--offline]\n", stderr);
		return CHECKS_USAGE;
	}
	check_begin(&k, "configuration", c->conf_path);
	load_checked(&k);
	for (i = 0; i < DB_LEN(check_parts) && k.conf != NULL; i++)
		check_parts[i](&k);
	check_begin(&k, NULL, NULL);
	db_close(k.db);
	return checks_sum(&k);
}
