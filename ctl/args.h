#ifndef CTL_ARGS_H
#define CTL_ARGS_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/attr.h"

/* An option of a command line: "--name VALUE" or "--name=VALUE"; with `on` "--name" alone. */
struct args_option {
	const char *name;   /* "--name" */
	const char **value; /* unchanged when the option is not given */
	bool *on;           /* NULL: the option has a value */
};
/*
 * Reads the options and at most `max` plain arguments (unused places of `plain` are unchanged).
 * False, after a line on stderr: an unknown option or one given twice, a missing value or too many
 * arguments.
 */
MUST_CHECK bool args_parse(int argc, char **argv, const struct args_option *options, size_t len,
    const char **plain, size_t max);

#endif
