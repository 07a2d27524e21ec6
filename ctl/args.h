#ifndef CTL_ARGS_H
#define CTL_ARGS_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/attr.h"

/* Words of a command line: "--name VALUE", "--name=VALUE", and the ones without a name. */
struct words_option {
	const char *name;   /* "--name" */
	const char **value; /* stays as it is when the option is not given */
};
/*
 * Takes the options and at most `max` plain words (the rest of `plain` is untouched); false after a
 * line on stderr when something does not belong there.
 */
bool words_parse(int argc, char **argv, const struct words_option *options, size_t len,
    const char **plain, size_t max);

/* First line of stdin, at the terminal asked for without echo. 0 or -1 (none). */
MUST_CHECK int words_password(char *out, size_t room);

#endif
