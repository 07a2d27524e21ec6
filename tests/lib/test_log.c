#include "lib/log.h"

#include <errno.h>
#include <pthread.h>
#include <stdint.h>
#include <sys/stat.h>

#include "tests/child.h"
#include "tests/tap.h"

static const char *given;

static void
log_given(void)
{
	log_open("prog", LOG_LVL_INFO);
	log_info("event=x a=%s", given);
}

static void
log_levels(void)
{
	log_open("prog", LOG_LVL_WARN);
	log_error("e");
	log_warn("w");
	log_info("i");
	log_debug("d");
	log_set_level(LOG_LVL_DEBUG);
	log_debug("later");
}

static void
log_keeps_errno(void)
{
	close(STDERR_FILENO); /* so that write() sets errno */
	errno = 1234;
	log_error("x");
	_exit(errno == 1234 ? 0 : 3);
}

static void
die(void)
{
	panic("job=%d\nforged", 5);
}

/* Returns the text from "prog: " to the end of the line; NULL unless there is exactly one
 * well-formed line. */
static const char *
text_of(char *line)
{
	static const char shape[] = "dddd-dd-ddTdd:dd:dd.dddZ info prog: ";
	char *end = strchr(line, '\n');

	if (end == NULL || end[1] != '\0')
		return NULL;
	*end = '\0';
	for (size_t i = 0; shape[i] != '\0'; i++) {
		bool digit = line[i] >= '0' && line[i] <= '9';

		if (shape[i] == 'd' && i < 24 ? !digit : line[i] != shape[i])
			return NULL;
	}
	return line + sizeof shape - 1;
}

static void
test_cleaning(void)
{
	static const struct {
		const char *in, *want;
	} cases[] = {
		{ "plain", "event=x a=plain" },
		{ "", "event=x a=" },
		{ "a\nb\r\tc", "event=x a=a\\x0ab\\x0d\\x09c" },
		{ "\x1b[31m\x7f", "event=x a=\\x1b[31m\\x7f" },
		{ "caf\xc3\xa9 \xf0\x9f\x92\xa9", "event=x a=caf\xc3\xa9 \xf0\x9f\x92\xa9" },
		{ "\xc2\x9b x", "event=x a=\\xc2\\x9b x" },
		{ "\xe2\x80\xa8", "event=x a=\\xe2\\x80\\xa8" },
		{ "\xff\xc3", "event=x a=\\xff\\xc3" },
		{ "\xc0\xaf", "event=x a=\\xc0\\xaf" },
		{ "\xed\xa0\x80", "event=x a=\\xed\\xa0\\x80" },
	};
	static char err[8192];

	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		given = cases[i].in;
		child_run(log_given, err, sizeof err);
		is_str(text_of(err), cases[i].want, cases[i].want);
	}
}

static void
test_long_lines(void)
{
	static char text[10000];
	static char err[20000];

	memset(text, 'a', sizeof text - 1);
	given = text;
	child_run(log_given, err, sizeof err);
	ok(strlen(err) <= 4096 && strcmp(err + strlen(err) - 5, "a...\n") == 0,
	    "a long line is truncated and marked");
	memset(text, '\n', sizeof text - 1);
	child_run(log_given, err, sizeof err);
	ok(strlen(err) <= 4096 && strcmp(err + strlen(err) - 8, "\\x0a...\n") == 0,
	    "a long line is truncated even if each byte becomes four");
}

static void *
log_many(void *arg)
{
	for (int i = 0; i < 200; i++)
		log_info("%0500d", *(const int *)arg);
	return NULL;
}

static void
log_threads(void)
{
	static int number[] = { 1, 2, 3, 4 };
	pthread_t thread[4];

	log_open("prog", LOG_LVL_INFO);
	for (int i = 0; i < 4; i++)
		pthread_create(&thread[i], NULL, log_many, &number[i]);
	for (int i = 0; i < 4; i++)
		pthread_join(thread[i], NULL);
}

static void
test_threads(void)
{
	static char err[600 * 800];
	size_t width;
	int lines = 0, broken = 0;

	child_run(log_threads, err, sizeof err);
	width = strcspn(err, "\n") + 1;
	for (char *p = err; *p != '\0'; p += strcspn(p, "\n") + 1) {
		broken += strcspn(p, "\n") + 1 != width;
		lines++;
	}
	ok(lines == 800 && broken == 0, "lines of several threads are never mixed");
}

static void
journal_is(bool same)
{
	char stream[64];
	struct stat st;

	if (fstat(STDERR_FILENO, &st) == -1)
		_exit(4);
	snprintf(
	    stream, sizeof stream, "%ju:%ju", (uintmax_t)st.st_dev, (uintmax_t)st.st_ino + !same);
	setenv("JOURNAL_STREAM", stream, 1);
	log_open("prog", LOG_LVL_DEBUG);
}

static void
log_to_journal(void)
{
	journal_is(true);
	log_error("e");
	log_warn("w");
	log_info("i\n<0>forged");
	log_debug("d");
	fprintf(stderr, "%splain\n", log_mark(LOG_LVL_ERROR));
}

static void
log_beside_journal(void)
{
	journal_is(false);
	log_error("e");
	fprintf(stderr, "%splain\n", log_mark(LOG_LVL_ERROR));
}

static void
test_journal(void)
{
	static char err[8192];

	child_run(log_to_journal, err, sizeof err);
	is_str(err, "<3>e\n<4>w\n<6>i\\x0a<0>forged\n<7>d\n<3>plain\n",
	    "the journal gets priorities, and neither time nor level nor name twice");
	child_run(log_beside_journal, err, sizeof err);
	ok(strstr(err, " error prog: e\nplain\n") != NULL && strchr(err, '<') == NULL,
	    "with stderr redirected away from the journal lines are whole");
}

static int
count_of(const char *text, const char *part)
{
	int n = 0;

	while ((text = strstr(text, part)) != NULL) {
		text += strlen(part);
		n++;
	}
	return n;
}

static void
log_repeated(void)
{
	log_open("prog", LOG_LVL_INFO);
	for (int i = 0; i < 500; i++) {
		log_warn("event=same error=1114");
		log_error("event=same error=1114");
		log_warn("event=other n=%d", i % 2);
		log_info("event=told");
		log_counted(LOG_LVL_INFO, 10, "event=request status=401", "event=request id=%d", i);
		log_counted(LOG_LVL_DEBUG, 10, "event=hidden", "event=hidden");
	}
	exit(0);
}

static void
test_repeated(void)
{
	static char err[100000];

	child_run(log_repeated, err, sizeof err);
	is_int(count_of(err, "warn prog: event=same error=1114\n"), LOG_SAME_MOST,
	    "equal warnings are written three times");
	is_int(count_of(err, "error prog: event=same error=1114\n"), LOG_SAME_MOST,
	    "equal errors, too");
	is_int(count_of(err, "warn prog: event=same error=1114 more=497\n"), 1,
	    "and counted at the latest when the program ends");
	is_int(count_of(err, "event=other n=1\n"), LOG_SAME_MOST, "a line that differs is another");
	is_int(count_of(err, "event=told\n"), 500, "information is written whole");
	is_int(count_of(err, "event=request id="), 10, "of a counted kind ten lines are written");
	is_int(count_of(err, "info prog: event=request status=401 more=490\n"), 1,
	    "and how many more there were");
	is_int(count_of(err, "hidden"), 0, "what is below the level is not counted");
}

static void
test_parse(void)
{
	enum log_level level = LOG_LVL_DEBUG;

	ok(log_level_parse("error", &level) == 0 && level == LOG_LVL_ERROR,
	    "the level error is parsed");
	ok(log_level_parse("warn", &level) == 0 && level == LOG_LVL_WARN,
	    "the level warn is parsed");
	ok(log_level_parse("info", &level) == 0 && level == LOG_LVL_INFO,
	    "the level info is parsed");
	ok(log_level_parse("debug", &level) == 0 && level == LOG_LVL_DEBUG,
	    "the level debug is parsed");
	ok(log_level_parse("Info", &level) == -1 && log_level_parse("", &level) == -1 &&
		log_level_parse(NULL, &level) == -1 && level == LOG_LVL_DEBUG,
	    "nothing else is a level");
}

int
main(void)
{
	static char err[8192];

	test_cleaning();
	test_long_lines();
	test_threads();
	test_journal();
	test_repeated();
	test_parse();
	child_run(log_levels, err, sizeof err);
	ok(strstr(err, "error prog: e\n") != NULL && strstr(err, "warn prog: w\n") != NULL &&
		strstr(err, ": i\n") == NULL && strstr(err, ": d\n") == NULL,
	    "lines below the level are not written");
	ok(strstr(err, "debug prog: later\n") != NULL, "the level may change");
	is_int(child_run(log_keeps_errno, err, sizeof err), 0, "logging keeps errno");
	ok(child_panics(die), "panic logs and aborts");
	child_run(die, err, sizeof err);
	ok(strstr(err, "event=panic job=5\\x0aforged\n") != NULL, "panic escapes its text");
	return tap_done();
}
