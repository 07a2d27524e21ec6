#include "lib/nearest.h"

#include "tests/tap.h"

static const char *const names[] = { "limit", "offset", "status", "account_id", "board_id",
	"delete_from_pinterest", "q", "title", NULL };

static const struct {
	const char *text, *want, *why;
} cases[] = {
	{ "status", "status", "the name itself" },
	{ "Status", "status", "another case" },
	{ "status[]", "status", "PHP's list" },
	{ "boardId", "board_id", "camel case" },
	{ "Board ID", "board_id", "a heading" },
	{ "account-id", "account_id", "dashes" },
	{ "deleteFromPinterest", "delete_from_pinterest", "camel case of a long name" },
	{ "delete_from_pintrest", "delete_from_pinterest", "a letter is missing" },
	{ "titel", "title", "two letters are swapped" },
	{ "titlee", "title", "a letter too many" },
	{ "tytle", "title", "a wrong letter" },
	{ "ofset", "offset", "a letter too few" },
	{ "page", NULL, "no name is near" },
	{ "x", NULL, "one letter is no other letter" },
	{ "", NULL, "nothing" },
	{ "\xff\xfe", NULL, "no UTF-8" },
};

static void
test_ranking(void)
{
	static const char *const boards[] = { "Kitchen", "Garten", "Küche",
		"K\xc3\xbc"
		"chen",
		"Bad" };
	const char *out[3] = { NULL };

	is_int((int64_t)nearest_names("kuche", boards, 5, out, 3), 3, "three of five are named");
	is_str(out[0], "Küche", "the nearest first");
	is_str(out[1],
	    "K\xc3\xbc"
	    "chen",
	    "then the next");
	is_str(out[2], "Kitchen", "then the one that is farther away");
	is_int((int64_t)nearest_names("kuche", boards, 1, out, 3), 1, "not more than there are");
	is_int((int64_t)nearest_names("kuche", boards, 0, out, 3), 0, "none of none");
}

int
main(void)
{
	char text[1001];

	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
		is_str(nearest_name(cases[i].text, names), cases[i].want, cases[i].why);
	memset(text, 'a', 1000);
	text[1000] = '\0';
	is_str(nearest_name(text, names), NULL, "a long text is compared by its beginning");
	test_ranking();
	return tap_done();
}
