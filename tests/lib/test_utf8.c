#include "lib/utf8.h"

#include "tests/rng.h"
#include "tests/tap.h"

static const struct {
	const char *text;
	size_t len;
	bool valid;
	const char *name;
} cases[] = {
	{ "", 0, true, "empty" },
	{ "a\0b", 3, true, "NUL inside" },
	{ "\x7f", 1, true, "U+007F" },
	{ "\xc2\x80", 2, true, "U+0080" },
	{ "\xdf\xbf", 2, true, "U+07FF" },
	{ "\xe0\xa0\x80", 3, true, "U+0800" },
	{ "\xed\x9f\xbf", 3, true, "U+D7FF" },
	{ "\xee\x80\x80", 3, true, "U+E000" },
	{ "\xef\xbf\xbf", 3, true, "U+FFFF" },
	{ "\xf0\x90\x80\x80", 4, true, "U+10000" },
	{ "\xf4\x8f\xbf\xbf", 4, true, "U+10FFFF" },
	{ "\x80", 1, false, "lone continuation" },
	{ "\xc0\x80", 2, false, "overlong NUL" },
	{ "\xc1\xbf", 2, false, "overlong of two" },
	{ "\xe0\x9f\xbf", 3, false, "overlong of three" },
	{ "\xf0\x8f\xbf\xbf", 4, false, "overlong of four" },
	{ "\xed\xa0\x80", 3, false, "first surrogate" },
	{ "\xed\xbf\xbf", 3, false, "last surrogate" },
	{ "\xf4\x90\x80\x80", 4, false, "U+110000" },
	{ "\xf5\x80\x80\x80", 4, false, "lead f5" },
	{ "\xff", 1, false, "ff" },
	{ "\xc3", 1, false, "truncated after one of two" },
	{ "\xe2\x82", 2, false, "truncated after two of three" },
	{ "\xf0\x9f\x92", 3, false, "truncated after three of four" },
	{ "\xc3\xa9", 1, false, "length ends inside two" },
	{ "\xe2\x82\xac", 2, false, "length ends inside three" },
	{ "\xf0\x9f\x92\xa9", 3, false, "length ends inside four" },
	{ "\xc3(", 2, false, "second byte is not a continuation" },
	{ "\xe2\x82(", 3, false, "third byte is not a continuation" },
	{ "\xf0\x9f\x92(", 4, false, "fourth byte is not a continuation" },
	{ "ok\xc3\xa9\xff", 5, false, "invalid byte at the end" },
};

static size_t
encode(uint32_t c, char *out)
{
	if (c < 0x80) {
		out[0] = (char)c;
		return 1;
	}
	if (c < 0x800) {
		out[0] = (char)(0xc0 | c >> 6);
		out[1] = (char)(0x80 | (c & 0x3f));
		return 2;
	}
	if (c < 0x10000) {
		out[0] = (char)(0xe0 | c >> 12);
		out[1] = (char)(0x80 | (c >> 6 & 0x3f));
		out[2] = (char)(0x80 | (c & 0x3f));
		return 3;
	}
	out[0] = (char)(0xf0 | c >> 18);
	out[1] = (char)(0x80 | (c >> 12 & 0x3f));
	out[2] = (char)(0x80 | (c >> 6 & 0x3f));
	out[3] = (char)(0x80 | (c & 0x3f));
	return 4;
}

static void
test_every_code_point(void)
{
	uint32_t wrong = 0, got;
	char text[4];

	for (uint32_t c = 0; c <= 0x11ffff; c++) {
		bool want = c <= 0x10ffff && (c < 0xd800 || c > 0xdfff);
		size_t n = encode(c, text);

		wrong += utf8_valid(text, n) != want;
		wrong += want && utf8_length(text, n) != 1;
		wrong += utf8_decode(text, n, &got) != (want ? n : 0) || (want && got != c);
	}
	is_int(wrong, 0, "every code point is judged correctly");
}

/* Truncated text is a valid prefix that fits and could not be longer. */
static void
test_random_cuts(void)
{
	struct rng rng = rng_new();
	int wrong = 0;

	for (int round = 0; round < 2000; round++) {
		char text[256];
		size_t ends[64], len = 0, count = (size_t)rng_range(&rng, 0, 60);

		for (size_t i = 0; i < count; i++) {
			uint32_t top[] = { 0x7f, 0x7ff, 0xd7ff, 0x10ffff };
			uint32_t low[] = { 0, 0x80, 0x800, 0x10000 };
			size_t kind = (size_t)rng_range(&rng, 0, 3);

			len += encode((uint32_t)rng_range(&rng, low[kind], top[kind]), text + len);
			ends[i] = len;
		}
		for (size_t max = 0; max <= len + 1; max++) {
			size_t want = 0;

			for (size_t i = 0; i < count; i++)
				want = ends[i] <= max ? ends[i] : want;
			wrong += utf8_cut(text, len, max) != want;
		}
		wrong += !utf8_valid(text, len) || utf8_length(text, len) != count;
	}
	is_int(wrong, 0,
	    "random text is validated, counted, and truncated at the last character that fits");
}

int
main(void)
{
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
		ok(utf8_valid(cases[i].text, cases[i].len) == cases[i].valid, "%s", cases[i].name);
	test_every_code_point();
	test_random_cuts();
	return tap_done();
}
