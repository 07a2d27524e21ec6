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
	{ "o'x.y+t/=?^`{|}~!#$%&*_-@xn--bcher-kva.a-b.example",
	    "o'x.y+t/=?^`{|}~!#$%&*_-@xn--bcher-kva.a-b.example" },
	{ "a@1.example", "a@1.example" },
	{ "", NULL },
	{ "a", NULL },
	{ "@example.com", NULL },
	{ "a@example", NULL },
	{ "a@.", NULL },
	{ "a@example.", NULL },
	{ "a@b@example.com", NULL },
	{ "a@example,com", NULL },
	{ "a@example.com*", NULL },
	{ "a@example..com", NULL },
	{ "a@example.com.", NULL },
	{ "a@.example.com", NULL },
	{ "a@-example.com", NULL },
	{ "a@example-.com", NULL },
	{ "a@example.-com", NULL },
	{ "a@example.com-", NULL },
	{ "a@exam_ple.com", NULL },
	{ "a@[1.2.3.4]", NULL },
	{ "a..b@example.com", NULL },
	{ ".a@example.com", NULL },
	{ "a.@example.com", NULL },
	{ "a,b@example.com", NULL },
	{ "a;b@example.com", NULL },
	{ "a(b)@example.com", NULL },
	{ "\"a\"@example.com", NULL },
	{ "mailto:a@example.com", NULL },
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
	char text[EMAIL_MAX + 3];
	const char *fault;

	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		fault = NULL;
		is_str(email_clean(cases[i].text, strlen(cases[i].text), mem, &fault),
		    cases[i].want, cases[i].want != NULL ? cases[i].want : fault);
	}
	memset(text, 'a', sizeof text);
	text[64] = '@';
	text[128] = text[192] = text[256] = '.';
	ok(email_clean(text, EMAIL_MAX, mem, &fault) != NULL, "320 characters are accepted");
	text[EMAIL_MAX] = '.';
	ok(email_clean(text, EMAIL_MAX + 2, mem, &fault) == NULL, "322 are not");
	text[256] = 'a';
	ok(email_clean(text, 258, mem, &fault) == NULL, "a label of more than 63 is not");
	text[64] = 'a';
	text[65] = '@';
	ok(email_clean(text, 129, mem, &fault) == NULL, "a mailbox of more than 64 is not");
	arena_free(mem);
	return tap_done();
}
