/* Command-line arguments, and passwords, which are never among them. */
#include "ctl/args.h"

#include <stdio.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

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

static void
terminal_echo(bool on, struct termios *saved)
{
	struct termios t;

	if (on) {
		tcsetattr(STDIN_FILENO, TCSAFLUSH, saved);
		fputc('\n', stderr);
		return;
	}
	tcgetattr(STDIN_FILENO, saved);
	t = *saved;
	t.c_lflag &= ~(tcflag_t)ECHO;
	tcsetattr(STDIN_FILENO, TCSAFLUSH, &t);
}

int
args_password(char *out, size_t room)
{
	bool terminal = isatty(STDIN_FILENO);
	struct termios saved;
	char *got;

	if (terminal) {
		fputs("Password: ", stderr);
		terminal_echo(false, &saved);
	}
	got = fgets(out, (int)room, stdin);
	if (terminal)
		terminal_echo(true, &saved);
	if (got == NULL)
		return -1;
	out[strcspn(out, "\r\n")] = '\0';
	return 0;
}
