#include "lib/email.h"

#include "lib/arena.h"
#include "tests/tap.h"

static const struct {
	const char *text, *want;
} cases[] = {
	{ "A.B@Example.COM", "a.b@example.com" },
	{ " a@example.com\t\n", "a@example.com" },
	{ "\xe2\x80\x8e"
	  "a@example.com\xc2\xa0",
	    "a@example.com" },
	{ "j\xc3\xbcrgen@b\xc3\xbc"
	  "cher.example",
	    "j\xc3\xbcrgen@b\xc3\xbc"
	    "cher.example" },
	{ "a+b@example.com", "a+b@example.com" },
	{ "", NULL },
	{ "a", NULL },
	{ "@example.com", NULL },
	{ "a@example", NULL },
	{ "a@.", NULL },
	{ "a@example.", NULL },
	{ "a@b@example.com", NULL },
	{ "a b@example.com", NULL },
	{ "a\xc2\xa0"
	  "b@example.com",
	    NULL },
	{ "a\xe2\x80\x8b@example.com", NULL },
	{ "a\x1b@example.com", NULL },
	{ "a\n@example.com", NULL },
	{ "<a@example.com>", NULL },
	{ "a@example.com\xff", NULL },
};

int
main(void)
{
	struct arena *mem = arena_new();
	char text[EMAIL_MAX + 2];
	const char *fault;

	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		fault = NULL;
		is_str(email_clean(cases[i].text, strlen(cases[i].text), mem, &fault),
		    cases[i].want, cases[i].want != NULL ? cases[i].want : fault);
	}
	memset(text, 'a', sizeof text);
	memcpy(text, "a@a.", 4);
	ok(email_clean(text, EMAIL_MAX, mem, &fault) != NULL, "320 characters are accepted");
	ok(email_clean(text, EMAIL_MAX + 1, mem, &fault) == NULL, "321 are not");
	arena_free(mem);
	return tap_done();
}
