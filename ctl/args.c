/* Command-line arguments. */
#include "ctl/args.h"

#include <string.h>

#include "ctl/ctl.h"

static const struct args_option *
option_find(
    const struct args_option *options, size_t len, const char *word, const char **inline_value)
{
	size_t i, n;

	for (i = 0; i < len; i++) {
		n = strlen(options[i].name);
		if (strncmp(word, options[i].name, n) != 0 || (word[n] != '\0' && word[n] != '='))
			continue;
		*inline_value = word[n] == '=' ? word + n + 1 : NULL;
		return &options[i];
	}
	return NULL;
}

bool
args_parse(int argc, char **argv, const struct args_option *options, size_t len, const char **plain,
    size_t max)
{
	const struct args_option *o;
	const char *value;
	unsigned seen = 0;
	size_t used = 0;
	int i;

	for (i = 0; i < argc; i++) {
		if (argv[i][0] != '-' || argv[i][1] == '\0') {
			if (used == max) {
				ctl_fail("unexpected argument \"%s\"", argv[i]);
				return false;
			}
			plain[used++] = argv[i];
			continue;
		}
		o = option_find(options, len, argv[i], &value);
		if (o == NULL) {
			ctl_fail("unknown option %s", argv[i]);
			return false;
		}
		if (seen & 1u << (o - options)) {
			ctl_fail("%s is given twice", o->name);
			return false;
		}
		seen |= 1u << (o - options);
		if (o->on != NULL && value != NULL) {
			ctl_fail("%s takes no value", o->name);
			return false;
		}
		if (o->on != NULL) {
			*o->on = true;
			continue;
		}
		if (value == NULL && ++i == argc) {
			ctl_fail("%s needs a value", o->name);
			return false;
		}
		*o->value = value != NULL ? value : argv[i];
	}
	return true;
}
