#include "lib/escape.h"

#include "tests/tap.h"

#define ESC "\x1b"
#define ZWSP "\xe2\x80\x8b"
#define ZWJ "\xe2\x80\x8d"
#define RLO "\xe2\x80\xae"
#define LINE_SEP "\xe2\x80\xa8"
#define FAMILY "\xf0\x9f\x91\xa8" ZWJ "\xf0\x9f\x91\xa9" ZWJ "\xf0\x9f\x91\xa7"

int
main(void)
{
	static const struct {
		const char *text, *want;
	} shown[] = { { "Oak", "Oak" },
		{ "K\xc3\xbc"
		  "che " FAMILY,
		    "K\xc3\xbc"
		    "che " FAMILY },
		{ ESC "[2J", "\\x1b[2J" },
		{ "a\nb\r", "a\\x0a"
			    "b\\x0d" },
		{ "\xc2\x9b", "\\xc2\\x9b" }, { RLO "x", "\\xe2\\x80\\xaex" },
		{ "x" ZWSP, "x\\xe2\\x80\\x8b" }, { LINE_SEP, "\\xe2\\x80\\xa8" },
		{ "\xff", "\\xff" }, { "\xe2\x82", "\\xe2\\x82" } };
	char out[64];
	size_t left;

	for (size_t i = 0; i < sizeof shown / sizeof shown[0]; i++) {
		size_t n =
		    escape_append(out, 0, sizeof out, shown[i].text, strlen(shown[i].text), &left);

		ok(n == strlen(shown[i].want) && memcmp(out, shown[i].want, n) == 0 && left == 0,
		    "shown: %s", shown[i].want);
	}
	is_int((int64_t)escape_append(out, 0, 5, ESC "\xc3\xa4", 3, &left), 4, "no half character");
	is_int((int64_t)left, 2, "is written");
	return tap_done();
}
