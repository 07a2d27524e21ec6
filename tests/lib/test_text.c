#include "lib/text.h"

#include "lib/arena.h"
#include "tests/tap.h"

#define ESC "\x1b"
#define NBSP "\xc2\xa0"
#define ZWSP "\xe2\x80\x8b"
#define ZWNJ "\xe2\x80\x8c"
#define ZWJ "\xe2\x80\x8d"
#define LRM "\xe2\x80\x8e"
#define RLO "\xe2\x80\xae"
#define LRI "\xe2\x81\xa6"
#define LINE_SEP "\xe2\x80\xa8"
#define BOM "\xef\xbb\xbf"
#define VS16 "\xef\xb8\x8f"
#define WORD_JOINER "\xe2\x81\xa0"
#define HANGUL_FILLER "\xe3\x85\xa4"
#define BRAILLE_BLANK "\xe2\xa0\x80"
#define FAMILY "\xf0\x9f\x91\xa8" ZWJ "\xf0\x9f\x91\xa9" ZWJ "\xf0\x9f\x91\xa7"
#define BLACK_FLAG "\xf0\x9f\x8f\xb4"
#define TAG(c) "\xf3\xa0\x81" c
#define ENGLAND BLACK_FLAG TAG("\xa7") TAG("\xa2") TAG("\xa5") TAG("\xae") TAG("\xa7") TAG("\xbf")
#define PERSIAN "\xd9\x85\xdb\x8c" ZWNJ "\xd8\xae\xd9\x88\xd8\xa7\xd9\x87\xd9\x85"
#define HEBREW "\xd7\xa9\xd7\x9c\xd7\x95\xd7\x9d!\xe2\x80\x8f"

/* want NULL: refused, and the fault has `fault`. */
static const struct {
	enum text_kind kind;
	const char *text, *want, *fault;
} cases[] = {
	{ TEXT_LINE, "Oak shelf", "Oak shelf", NULL },
	{ TEXT_LINE, "", "", NULL },
	{ TEXT_LINE, "  Oak \t\r\n", "Oak", NULL },
	{ TEXT_LINE, NBSP "\xe3\x80\x80" ZWSP BOM WORD_JOINER "Oak" ZWSP NBSP, "Oak", NULL },
	{ TEXT_KEY, LRM "oak-1" LRM, "oak-1", NULL },
	{ TEXT_LINE, HEBREW, HEBREW, NULL },
	/* nothing to be seen */
	{ TEXT_LINE, "   ", "", NULL },
	{ TEXT_LINE, ZWSP, "", NULL },
	{ TEXT_LINE, ZWJ ZWNJ, "", NULL },
	{ TEXT_LINE, LRM, "", NULL },
	{ TEXT_LINE, VS16, "", NULL },
	{ TEXT_LINE, HANGUL_FILLER, "", NULL },
	{ TEXT_LINE, BRAILLE_BLANK, "", NULL },
	{ TEXT_LINE, "\xc2\xad", "", NULL },
	{ TEXT_LINE, "\xe1\x85\x9f\xe1\x85\xa0", "", NULL },
	{ TEXT_PROSE, "\n\n", "", NULL },
	{ TEXT_LINE, "\xc2\x85", "", NULL },
	/* emoji, Persian, private use */
	{ TEXT_LINE, FAMILY, FAMILY, NULL },
	{ TEXT_LINE, "\xe2\x9d\xa4" VS16, "\xe2\x9d\xa4" VS16, NULL },
	{ TEXT_LINE, PERSIAN, PERSIAN, NULL },
	{ TEXT_LINE, ENGLAND, ENGLAND, NULL },
	{ TEXT_LINE, "\xef\xa3\xbf", "\xef\xa3\xbf", NULL },
	{ TEXT_LINE, "\xef\xbf\xbd", "\xef\xbf\xbd", NULL },
	{ TEXT_LINE, "a" ZWSP "b", "a" ZWSP "b", NULL },
	{ TEXT_KEY, "a\xcc\x88", "a\xcc\x88", NULL },
	/* line ends and tabs */
	{ TEXT_PROSE, "a\r\nb\rc\nd\te", "a\nb\nc\nd\te", NULL },
	{ TEXT_PROSE, "a\vb\fc", "a b c", NULL },
	{ TEXT_PROSE, "a" LINE_SEP "b", "a\nb", NULL },
	{ TEXT_LINE, "a\r\nb\rc\nd\te\vf\fg", "a b c d e f g", NULL },
	{ TEXT_LINE, "a" LINE_SEP "b", "a b", NULL },
	{ TEXT_KEY, "a\tb", NULL, "U+0009 (a control character), at character 2" },
	{ TEXT_KEY, "a\nb", NULL, "U+000A" },
	{ TEXT_KEY, "a" LINE_SEP "b", NULL, "U+2028 (a line separator)" },
	{ TEXT_KEY, "a b", "a b", NULL },
	/* refused in every text, also at its edges */
	{ TEXT_PROSE, "a" ESC "[2J", NULL, "U+001B (a control character), at character 2" },
	{ TEXT_PROSE, ESC, NULL, "U+001B (a control character), at character 1" },
	{ TEXT_PROSE, "a\x7f", NULL, "U+007F" },
	{ TEXT_PROSE, "\x01", NULL, "U+0001" },
	{ TEXT_PROSE,
	    "a\xc2\x9b"
	    "b",
	    NULL, "U+009B" },
	{ TEXT_PROSE,
	    "a\xc2\x85"
	    "b",
	    NULL, "U+0085" },
	{ TEXT_LINE, RLO "txt", NULL, "U+202E (it reorders text), at character 1" },
	{ TEXT_LINE, "txt" RLO, NULL, "U+202E (it reorders text), at character 4" },
	{ TEXT_LINE, " \xc3\xa4" LRI, NULL, "U+2066 (it reorders text), at character 3" },
	{ TEXT_LINE, "a\xe2\x81\xaa", NULL, "U+206A (a formatting control)" },
	{ TEXT_LINE, "a\xef\xbf\xb9", NULL, "U+FFF9" },
	{ TEXT_LINE, "a\xef\xbf\xbe", NULL, "U+FFFE (not a character)" },
	{ TEXT_LINE, "a\xef\xb7\x90", NULL, "U+FDD0" },
	{ TEXT_LINE, "a\xf4\x8f\xbf\xbf", NULL, "U+10FFFF" },
	{ TEXT_LINE, "a\xf0\x9f\xbf\xbe", NULL, "U+1FFFE" },
	{ TEXT_LINE, "a" TAG("\xa1"), NULL, "U+E0061 (a tag outside of an emoji flag)" },
	{ TEXT_LINE, BLACK_FLAG TAG("\xa1"), NULL, "U+E0061" },
	{ TEXT_LINE, BLACK_FLAG TAG("\xbf"), NULL, "U+E007F" },
	{ TEXT_LINE, ENGLAND TAG("\xa1"), NULL,
	    "U+E0061 (a tag outside of an emoji flag), at character 8" },
	{ TEXT_LINE,
	    BLACK_FLAG TAG("\xa1") TAG("\xa1") TAG("\xa1") TAG("\xa1") TAG("\xa1") TAG("\xa1")
		TAG("\xa1") TAG("\xa1") TAG("\xbf"),
	    NULL, "U+E0061" },
	{ TEXT_LINE, "a\xff", NULL, "must be valid UTF-8" },
	{ TEXT_LINE, "\xed\xa0\x80", NULL, "must be valid UTF-8" },
};

static void
test_cases(struct arena *mem)
{
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		const char *fault = NULL;
		const char *got =
		    text_clean(cases[i].kind, cases[i].text, strlen(cases[i].text), mem, &fault);

		if (cases[i].want != NULL)
			ok(got != NULL && strcmp(got, cases[i].want) == 0, "text %zu: %s", i,
			    fault != NULL ? fault : cases[i].want);
		else
			ok(got == NULL && fault != NULL && strstr(fault, cases[i].fault) != NULL,
			    "text %zu: %s", i, fault != NULL ? fault : "accepted");
	}
}

/* What one kind refuses at all, each refuses; cleaning twice is cleaning once. */
static void
test_every_character(struct arena *mem)
{
	int wrong = 0;

	for (uint32_t c = 0; c <= 0x10ffff; c++) {
		char text[8] = "a....b";
		size_t n = c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
		const char *one, *two, *fault;

		if (c >= 0xd800 && c <= 0xdfff)
			continue;
		text[1] = (char)(n == 1   ? c
				 : n == 2 ? 0xc0 | c >> 6
				 : n == 3 ? 0xe0 | c >> 12
					  : 0xf0 | c >> 18);
		for (size_t i = 1; i < n; i++)
			text[1 + i] = (char)(0x80 | (c >> 6 * (n - 1 - i) & 0x3f));
		text[1 + n] = 'b';
		for (enum text_kind kind = TEXT_PROSE; kind <= TEXT_KEY; kind++) {
			one = text_clean(kind, text, n + 2, mem, &fault);
			two = one != NULL ? text_clean(kind, one, strlen(one), mem, &fault) : NULL;
			wrong += one != NULL && (two == NULL || strcmp(one, two) != 0);
			wrong += one != NULL && strpbrk(one, "\x1b\x7f\v\f\r") != NULL;
		}
		if (c % 4096 == 0)
			arena_reset(mem);
	}
	is_int(wrong, 0, "cleaning each character twice is cleaning it once");
}

static void
test_squeeze(void)
{
	static const struct {
		const char *text, *want;
	} blanks[] = { { "", "" }, { " \t\r\n\v\f", "" }, { "a", "a" }, { " a  b\n\nc ", "a b c" },
		{ "a" NBSP " \xc2\x85"
		  "b",
		    "a b" },
		{ "\xe3\x80\x80"
		  "a" LINE_SEP "b\xe1\x9a\x80",
		    "a b" },
		{ "a\xe2\x80\x8a"
		  "b\xe2\x80\xaf"
		  "c\xe2\x81\x9f"
		  "d",
		    "a b c d" },
		{ "a" ZWSP "b\xc3\xa0", "a" ZWSP "b\xc3\xa0" }, /* not blanks */
		{ "a\xe2\x80", "a\xe2\x80" } };
	char to[64];

	for (size_t i = 0; i < sizeof blanks / sizeof blanks[0]; i++)
		is_str(text_squeeze(to, blanks[i].text), blanks[i].want, "a run of blanks is one");
}

int
main(void)
{
	struct arena *mem = arena_new();
	uint32_t c = 0;
	size_t at = 0, len = 9;

	test_cases(mem);
	test_every_character(mem);
	test_squeeze();
	ok(text_find_unseen("\xc3\xa4" NBSP, 4, &c, &at) && c == 0xa0 && at == 2,
	    "U+00A0 is unseen");
	ok(!text_find_unseen("\xc3\xa4", 2, &c, &at), "letters are seen");
	ok(strncmp(text_trim(ZWSP "abc" ZWSP, &len), "abc", 3) == 0 && len == 3, "trimmed");
	arena_free(mem);
	return tap_done();
}
