/* Lines beyond a number in a minute are counted, of more kinds than there is room for together. */
#include "lib/repeat.h"

#include <stdio.h>
#include <string.h>

#include "lib/clock.h"
#include "tests/tap.h"

#define MINUTE_US (REPEAT_S * US_PER_S)

static struct repeat_table t;

static unsigned
passed(const char *text, int tag, unsigned most, int64_t now_us, unsigned lines)
{
	unsigned n = 0;

	for (unsigned i = 0; i < lines; i++)
		n += repeat_pass(&t, text, tag, most, now_us);
	return n;
}

static void
test_one_kind(void)
{
	struct repeat r;

	memset(&t, 0, sizeof t);
	is_int(passed("event=a", 1, 3, 1000, 100), 3, "three of a hundred lines pass");
	is_int(passed("event=b", 1, 3, 1000, 2), 2, "another kind is counted for itself");
	is_int(passed("event=a", 2, 3, 1000, 1), 1, "the same text at another level, too");
	ok(!repeat_over(&t, 1000 + MINUTE_US - 1, &r), "nothing is over before the minute");
	is_int(passed("event=a", 1, 3, 1000 + MINUTE_US, 1), 0,
	    "a line after the minute is counted until the count was taken out");
	ok(repeat_over(&t, 1000 + MINUTE_US, &r) && r.more == 98 && r.tag == 1 &&
		strcmp(r.text, "event=a") == 0,
	    "then the count is taken out");
	ok(!repeat_over(&t, INT64_MAX, &r), "once, and none of kinds that were written whole");
	is_int(passed("event=a", 1, 3, 2000 + MINUTE_US, 4), 3, "and the next minute begins");
	is_int(passed("event=b", 1, 3, 2000 + MINUTE_US, 4), 3, "also of a kind without a count");
}

static void
test_many_kinds(void)
{
	unsigned n = 0, sum = 0;
	char text[40];
	struct repeat r;

	memset(&t, 0, sizeof t);
	for (int i = 0; i < 10000; i++) {
		snprintf(text, sizeof text, "event=x id=%d", i);
		n += repeat_pass(&t, text, 0, 1, i);
	}
	is_int(n, REPEAT_FAMILY_KINDS + REPEAT_REST_MOST, "many kinds of an event share one place");
	is_int(passed("event=other id=1", 0, 3, 10000, 9), 3, "which hides no other event");
	n += 3;
	is_int(passed("event=y", 1, 3, 10000, 3), 3, "which hides no line of another level");
	while (repeat_over(&t, MINUTE_US + 10000, &r))
		sum += r.more;
	is_int(n + sum, 10009, "no line is lost from the count");
	is_int(passed("event=x id=1", 0, 1, MINUTE_US + 10000, 1), 1, "the places are free again");
}

static void
test_many_events(void)
{
	unsigned n = 0, sum = 0;
	bool told = false;
	char text[40];
	struct repeat r;

	memset(&t, 0, sizeof t);
	for (int i = 0; i < 1000; i++)
		for (int id = 0; id < 100; id++) {
			snprintf(text, sizeof text, "event=x%d id=%d", i, id);
			n += repeat_pass(&t, text, 0, 1, i);
		}
	is_int(n, REPEAT_KINDS + (REPEAT_RESTS + 1) * REPEAT_REST_MOST, "even of many events");
	while (repeat_over(&t, MINUTE_US + 10000, &r)) {
		sum += r.more;
		told = told || strcmp(r.text, "event=x0 of=others") == 0;
	}
	is_int(n + sum, 100000, "no line is lost from the count");
	ok(told, "the rest of an event is told under its name");
}

static void
test_long_text(void)
{
	static char text[3000];
	struct repeat r;

	memset(&t, 0, sizeof t);
	memset(text, 'x', sizeof text - 1);
	is_int(passed(text, 0, 1, 5, 2), 1, "a long text is a kind, too");
	text[2000] = 'y';
	is_int(passed(text, 0, 1, 5, 1), 1, "and told from one that differs far behind");
	ok(repeat_over(&t, 5 + MINUTE_US, &r) && strlen(r.text) == REPEAT_TEXT_SIZE - 1,
	    "its count has the beginning of the text");
}

int
main(void)
{
	test_one_kind();
	test_many_kinds();
	test_many_events();
	test_long_text();
	return tap_done();
}
