/* HTML in texts that are shown as they are. */
#include "lib/markup.h"

#include "tests/tap.h"

static const struct {
	const char *text;
	const char *found; /* NULL: none */
} texts[] = {
	{ "<p>Oak</p>", "<p>" },
	{ "Oak shelf<br/>", "<br/>" },
	{ "Oak</STRONG > now", "</STRONG >" },
	{ "See <a href=\"https://example.com/?a=1&b=2\">this</a>",
	    "<a href=\"https://example.com/?a=1&b=2\">" },
	{ "Salt &amp; pepper", "&amp;" },
	{ "It&#39;s", "&#39;" },
	{ "It&#x2019;s", "&#x2019;" },
	{ "<!-- wp:paragraph -->", "<!--" },
	{ "a&nbsp;b", "&nbsp;" },
	{ "I <3 oak", NULL },
	{ "a < b > c", NULL },
	{ "<Name> here", NULL },
	{ "<before", NULL },
	{ "<b", NULL },
	{ "<b and no end", NULL },
	{ "5 <p 7 < 9>", NULL },
	{ "AT&T; R&D", NULL },
	{ "Fish & chips; more", NULL },
	{ "a &; b &#; c &#x; d &#12345678;", NULL },
	{ "-> <- <> </>", NULL },
	{ "", NULL },
};

int
main(void)
{
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		size_t len = 0;
		const char *at = markup_find(texts[i].text, &len);

		if (texts[i].found == NULL)
			ok(at == NULL, "no HTML in: %s", texts[i].text);
		else
			ok(at != NULL && len == strlen(texts[i].found) &&
				strncmp(at, texts[i].found, len) == 0,
			    "HTML in: %s", texts[i].text);
	}
	return tap_done();
}
