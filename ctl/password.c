/* New passwords: from a terminal, standard input or a file; never from the command line. */
#include "ctl/password.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/signalfd.h>
#include <termios.h>
#include <unistd.h>

#include "ctl/ctl.h"
#include "lib/password.h"
#include "lib/secret_file.h"
#include "lib/utf8.h"

#define LINE_ROOM (PASSWORD_MAX * 4 + 3)
#define TRIES 3

_Static_assert(PASSWORD_MIN == 8 && PASSWORD_MAX == 255, "the texts below name them");

static void
stop_signals(sigset_t *set)
{
	(void)sigemptyset(set);
	(void)sigaddset(set, SIGINT);
	(void)sigaddset(set, SIGTERM);
	(void)sigaddset(set, SIGQUIT);
	(void)sigaddset(set, SIGHUP);
	(void)sigaddset(set, SIGTSTP);
}

/* A line of the terminal without its end. -1: there is none, or a signal asks to stop. */
static int
terminal_read(int stop_fd, char *out, size_t room)
{
	struct pollfd p[2] = { { .fd = STDIN_FILENO, .events = POLLIN },
		{ .fd = stop_fd, .events = POLLIN } };
	ssize_t n;

	while (poll(p, 2, -1) == -1)
		if (errno != EINTR)
			return -1;
	if (p[1].revents != 0)
		return -1;
	n = read(STDIN_FILENO, out, room - 1);
	if (n <= 0)
		return -1;
	out[n] = '\0';
	out[strcspn(out, "\r\n")] = '\0';
	return 0;
}

/* Asks without echo. Signals wait meanwhile, so that the terminal always gets its echo back. */
static int
terminal_ask(const char *question, char *out, size_t room)
{
	struct termios saved, silent;
	sigset_t set, old;
	int rc = -1, stop_fd;

	stop_signals(&set);
	if (tcgetattr(STDIN_FILENO, &saved) == -1 || sigprocmask(SIG_BLOCK, &set, &old) == -1)
		return -1;
	stop_fd = signalfd(-1, &set, SFD_CLOEXEC);
	silent = saved;
	silent.c_lflag &= ~(tcflag_t)ECHO;
	fputs(question, stderr);
	if (stop_fd != -1 && tcsetattr(STDIN_FILENO, TCSAFLUSH, &silent) == 0) {
		rc = terminal_read(stop_fd, out, room);
		(void)tcsetattr(STDIN_FILENO, TCSAFLUSH, &saved);
	}
	fputc('\n', stderr);
	if (stop_fd != -1)
		close(stop_fd);
	(void)sigprocmask(SIG_SETMASK, &old, NULL);
	return rc;
}

/* NULL, or why the user of that address cannot have it. */
static const char *
password_refusal(const char *password, const char *email)
{
	size_t len = strlen(password),
	       n = utf8_valid(password, len) ? utf8_length(password, len) : 0;

	if (n < PASSWORD_MIN || n > PASSWORD_MAX)
		return "must have 8 to 255 characters";
	return password_fault(password, email);
}

static bool
password_ask(const char *email, char password[LINE_ROOM])
{
	char again[LINE_ROOM], question[64];
	const char *fault;
	bool same = false, asked = true;
	int i;

	snprintf(question, sizeof(question), "New password (%d to %d characters): ", PASSWORD_MIN,
	    PASSWORD_MAX);
	for (i = 0; i < TRIES && asked && !same; i++) {
		asked = terminal_ask(question, password, LINE_ROOM) == 0;
		fault = asked ? password_refusal(password, email) : NULL;
		if (fault != NULL) {
			fprintf(stderr, "The password %s.\n", fault);
			continue;
		}
		asked = asked && terminal_ask("The same again: ", again, LINE_ROOM) == 0;
		same = asked && strcmp(password, again) == 0;
		if (asked && !same)
			fputs("The two differ.\n", stderr);
	}
	crypto_wipe(again, sizeof(again));
	if (!same)
		ctl_fail("no password was set");
	return same;
}

/* The first line, complete and without its end. */
static bool
password_line(FILE *in, const char *from, const char *email, char password[LINE_ROOM])
{
	const char *fault = NULL;
	size_t len = 0;
	int c;

	while ((c = getc(in)) != EOF && c != '\n' && len + 1 < LINE_ROOM)
		password[len++] = (char)c;
	if (len > 0 && password[len - 1] == '\r')
		len--;
	password[len] = '\0';
	if (ferror(in) || strlen(password) != len)
		fault = "must have 8 to 255 characters";
	else
		fault = password_refusal(password, email);
	if (fault != NULL)
		ctl_fail("the password, which is the first line of %s, %s", from, fault);
	return fault == NULL;
}

static bool
password_read(const char *file, const char *email, char password[LINE_ROOM])
{
	char why[SECRET_FILE_WHY_SIZE];
	FILE *in;
	bool good = false;

	if (file == NULL && isatty(STDIN_FILENO))
		return password_ask(email, password);
	if (file == NULL || strcmp(file, "-") == 0)
		return password_line(stdin, "stdin", email, password);
	in = fopen(file, "re");
	if (in == NULL) {
		ctl_fail("%s: %s", file, strerror(errno));
		return false;
	}
	if (secret_file_private(fileno(in), why))
		good = password_line(in, file, email, password);
	else
		ctl_fail("%s: %s", file, why);
	fclose(in);
	return good;
}

bool
password_new(const char *file, const char *email, char hash[PASSWORD_HASH_SIZE])
{
	char password[LINE_ROOM] = { 0 };
	bool good = password_read(file, email, password);

	if (good && crypto_password_hash(password, hash) != 0) {
		ctl_fail("the password could not be hashed: not enough memory");
		good = false;
	}
	crypto_wipe(password, sizeof(password));
	return good;
}
