#include "app/api/filter.h"

#include "app/api/pin_view.h"
#include "app/http/call.h"
#include "lib/arena.h"
#include "lib/clock.h"
#include "lib/pin.h"
#include "sql/stmt.h"
#include "tests/tap.h"

#define ACCOUNT "01900000-0000-7000-8000-000000000001"
#define ACCOUNT_HEX "01900000000070008000000000000001"

static const struct filter_status statuses[] = {
	{ "deferred", PIN_WAITING, PIN_WAITING, 1 },
	{ "publishing", PIN_SENDING, PIN_VERIFYING, -1 },
	{ NULL, 0, 0, 0 },
};
#define CREATED offsetof(struct pin_view, created_us)
#define PUBLISHED offsetof(struct pin_view, published_us)
static const struct filter_sort sorts[] = { { "created_at_desc", FILTER_BY_TIME, CREATED, 0 },
	{ "title_asc", FILTER_BY_TITLE, CREATED, 0 },
	{ "published_at_desc", FILTER_BY_TIME, PUBLISHED, 0 },
	{ "status_asc", FILTER_BY_STATE, CREATED, 0 }, { NULL, FILTER_BY_TIME, 0, 0 } };

/* One query parameter, what filter_read() makes of it, and the field that it sets. */
struct filter_case {
	struct req req;
	struct call call;
	struct filter filter;
	struct problem why;
	bool good; /* what filter_read() returned, without a problem */
};

static void
read_query(struct filter_case *t, const char *name, const char *value, struct arena *mem)
{
	memset(t, 0, sizeof(*t));
	if (name != NULL)
		t->req.query[t->req.query_len++] = (struct req_pair){ name, value };
	t->call.req = &t->req;
	t->call.mem = mem;
	reply_start(&t->call.reply, mem, "id");
	t->good =
	    filter_read(&t->call, statuses, sorts, &t->filter, &t->why) && !problem_any(&t->why);
}

static void
test_defaults(struct arena *mem)
{
	struct filter_case t;

	read_query(&t, NULL, NULL, mem);
	ok(t.good, "a list without parameters is good");
	is_int(t.filter.limit, 50, "50 rows unless asked for another number");
	is_int(t.filter.offset, 0, "a list starts at its first row");
	is_int(t.filter.sort, 0, "the first order is the default");
	ok(!t.filter.has_account && t.filter.status == NULL && t.filter.like == NULL,
	    "nothing is filtered unless asked for");
	ok(t.filter.since_us == TIME_NONE && t.filter.until_us == TIME_NONE, "no time is a bound");
	read_query(&t, "board_id", "", mem);
	ok(t.good && t.filter.board_id == NULL, "an empty parameter is an absent one");
}

static const struct {
	const char *name, *value, *what;
} refused[] = {
	{ "limit", "0", "a page of no rows is refused" },
	{ "limit", "201", "a page of more than 200 rows is refused" },
	{ "limit", "ten", "a limit that is not a number is refused" },
	{ "offset", "-1", "a negative offset is refused" },
	{ "account_id", "x", "an account id that is not a UUID is refused" },
	{ "since", "yesterday", "a time that is not RFC 3339 is refused" },
	{ "status", "planned", "a status of another resource is refused" },
	{ "sort", "title", "an unknown order is refused" },
	{ "board_id", "Always works", "the name of a board is no id" },
	{ "board_id", "b\xc3\xbc", "a board id has digits" },
	{ "campaign", "a\x1b", "a campaign follows the rule for text" },
	{ "external_id", "a\tb", "an own id is compared exactly" },
	{ "q", "a\xe2\x80\xae", "a search text follows the rule for text" },
};

static void
test_refusals(struct arena *mem)
{
	struct filter_case t;
	char *long_text = arena_alloc(mem, 502);

	for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
		read_query(&t, refused[i].name, refused[i].value, mem);
		ok(!t.good && t.why.status == 422 && t.why.errors_len == 1 &&
			strcmp(t.why.errors[0].path, refused[i].name) == 0,
		    "%s", refused[i].what);
	}
	memset(long_text, 'x', 501);
	long_text[501] = '\0';
	read_query(&t, "q", long_text, mem);
	ok(!t.good, "a search text of 501 characters is refused");
	long_text[500] = '\0';
	read_query(&t, "q", long_text, mem);
	ok(t.good, "a search text of 500 characters is good");
}

static void
test_values(struct arena *mem)
{
	struct filter_case t;
	int64_t start;

	read_query(&t, "status", "deferred", mem);
	ok(t.good && t.filter.status == &statuses[0], "a status is found by its wire name");
	read_query(&t, "sort", "title_asc", mem);
	is_int(t.filter.sort, 1, "an order is found by its wire name");
	read_query(&t, "q", "50%_off\\", mem);
	is_str(t.filter.like, "%50\\%\\_off\\\\%", "wildcards in a search text are escaped");
	read_query(&t, "board_id", " 42\xc2\xa0", mem);
	is_str(t.filter.board_id, "42", "blanks around an id do no harm");
	read_query(&t, "campaign", "b\xc3\xbc", mem);
	is_str(t.filter.campaign, "b\xc3\xbc", "a campaign may be any text");
	read_query(&t, "since", "1970-01-02T00:00:00 01:00", mem);
	start = t.filter.since_us;
	ok(t.good && start == 82800 * US_PER_S, "a '+' that the query made a blank is a '+' again");
	read_query(&t, "limit", "200", mem);
	ok(t.good && t.filter.limit == 200, "200 rows are the largest page");
}

static void
test_account(struct arena *mem)
{
	struct filter_case t;
	struct uuid id;

	read_query(&t, "account_id", ACCOUNT, mem);
	ok(t.good && t.filter.has_account && uuid_parse(ACCOUNT, &id) == 0 &&
		uuid_equal(&id, &t.filter.account_id),
	    "an account id is read");
	memset(&t.filter, 0, sizeof(t.filter));
	t.call.who.account_ids = "01900000000070008000000000000002";
	ok(!filter_read(&t.call, statuses, sorts, &t.filter, &t.why) && t.call.reply.status == 403,
	    "an account outside the key's allow-list is a 403");
	t.call.who.account_ids = ACCOUNT_HEX;
	ok(filter_read(&t.call, statuses, sorts, &t.filter, &t.why),
	    "an account inside the key's allow-list is good");
}

/*
 * Two parameters, or one when the second name is NULL. Not inlined: ASan would keep a case for each
 * call on the caller's stack.
 */
__attribute__((noinline)) static bool
heavy(const char *name, const char *value, const char *name2, const char *value2, struct arena *mem)
{
	struct filter_case t;

	read_query(&t, name, value, mem);
	if (name2 != NULL) {
		t.req.query[t.req.query_len++] = (struct req_pair){ name2, value2 };
		t.good = filter_read(&t.call, statuses, sorts, &t.filter, &t.why);
	}
	return filter_heavy(&t.filter);
}

/* Of one state, the order by state is that by the time, which the index gives. */
static void
test_order(struct arena *mem)
{
	struct filter_case t;

	read_query(&t, "sort", "status_asc", mem);
	is_int(filter_order(&t.filter), 3, "all states are in the order asked for");
	t.filter.status = &statuses[1];
	is_int(filter_order(&t.filter), 3, "and so are several");
	t.filter.status = &statuses[0];
	is_int(filter_order(&t.filter), SQL_pin_list__created_at_desc_state,
	    "those of one state are in the order of their time, from their index");
	t.filter.board_id = "1";
	is_int(filter_order(&t.filter), 0,
	    "which is left to the database when there is another filter");
	t.filter.status = NULL;
	t.filter.sort = 0;
	is_int(filter_order(&t.filter), SQL_pin_list__created_at_desc_board,
	    "one filter has its index");
	t.filter.sort = 2;
	is_int(filter_order(&t.filter), 2, "unless another order was asked for");
}

/* What an index serves is not heavy, everything else is. */
static void
test_heavy(struct arena *mem)
{
	struct filter_case t;

	for (size_t i = 0; sorts[i].name != NULL; i++)
		ok(!heavy("sort", sorts[i].name, NULL, NULL, mem), "%s alone is light",
		    sorts[i].name);
	ok(!heavy("campaign", "a", NULL, NULL, mem), "one filter in the usual order is light");
	ok(!heavy("campaign", "a", "since", "2026-01-01T00:00:00Z", mem), "with times, too");
	ok(heavy("q", "a", NULL, NULL, mem), "a search is heavy");
	ok(!heavy("status", "publishing", "sort", "status_asc", mem),
	    "a status by status is light");
	ok(heavy("campaign", "a", "sort", "title_asc", mem), "a filter in another order is heavy");
	ok(heavy("campaign", "a", "sort", "status_asc", mem), "a filter by status is heavy");
	ok(heavy("campaign", "a", "board_id", "1", mem), "two filters are heavy");
	ok(heavy("since", "2026-01-01T00:00:00Z", "sort", "title_asc", mem),
	    "times in another order are heavy");
	ok(heavy("status", "deferred", NULL, NULL, mem), "why pins wait is heavy");
	read_query(&t, "status", "deferred", mem);
	ok(filter_windowed(&t.filter), "and is found out for a window");
	read_query(&t, "status", "publishing", mem);
	ok(!filter_windowed(&t.filter), "which other states need not");
	ok(!heavy("offset", "10000", NULL, NULL, mem), "offset 10,000 is light");
	ok(heavy("offset", "10001", NULL, NULL, mem), "offset 10,001 is heavy");
	ok(!filter_deep(10000) && filter_deep(10001), "as it is on lists of other things");
	read_query(&t, NULL, NULL, mem);
	t.call.who.account_ids = ACCOUNT_HEX;
	ok(filter_read(&t.call, statuses, sorts, &t.filter, &t.why) && t.filter.has_account &&
		!filter_heavy(&t.filter),
	    "a key for one account asks for that account");
	t.call.who.account_ids = ACCOUNT_HEX "," ACCOUNT_HEX;
	ok(filter_read(&t.call, statuses, sorts, &t.filter, &t.why) && !t.filter.has_account &&
		filter_heavy(&t.filter),
	    "a key for several accounts is heavy");
}

int
main(void)
{
	struct arena *mem = arena_new();

	test_defaults(mem);
	test_refusals(mem);
	test_values(mem);
	test_account(mem);
	test_order(mem);
	test_heavy(mem);
	arena_free(mem);
	return tap_done();
}
