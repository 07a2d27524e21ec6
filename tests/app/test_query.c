#include "app/http/query.h"

#include "app/http/call.h"
#include "app/http/target.h"
#include "app/routes.h"
#include "lib/arena.h"
#include "lib/problem.h"
#include "tests/tap.h"

#define PINS "account_id limit offset status"
#define KNOWN "unknown parameter; known are account_id, limit, offset, status"

static const struct {
	const char *method, *declared, *uri;
	const char *want; /* "name: reason" of each fault, parted by " | "; NULL: none */
} cases[] = {
	{ "GET", PINS, "/x", NULL },
	{ "GET", PINS, "/x?limit=1&offset=2&account_id=", NULL },
	{ "GET", PINS, "/x?limit=1&limit=1", "limit: is given twice" },
	{ "GET", PINS, "/x?limit=1&%6cimit=2&limit=3",
	    "limit: is given twice | limit: is given twice" },
	{ "GET", PINS, "/x?status[]=failed", "status[]: unknown parameter; did you mean status?" },
	{ "GET", PINS, "/x?accountId=1", "accountId: unknown parameter; did you mean account_id?" },
	{ "GET", PINS, "/x?ofset=1", "ofset: unknown parameter; did you mean offset?" },
	{ "GET", PINS, "/x?page=2", "page: " KNOWN },
	{ "GET", PINS, "/x?=2", ": " KNOWN },
	{ "GET", PINS, "/x?Limit=2", "Limit: unknown parameter; did you mean limit?" },
	{ "GET", PINS, "/x?_=123", NULL },
	{ "HEAD", PINS, "/x?_=123", NULL },
	{ "DELETE", PINS, "/x?_=123", "_: " KNOWN },
	{ "GET", "", "/x?a=1", "a: unknown parameter: none is taken here" },
	{ "POST", "", "/x", NULL },
	{ "GET", "*", "/x?a=1&a=2&b[]=3", NULL },
	{ "GET", "state *", "/x?a=1&state=2", NULL },
	{ "GET", "state *", "/x?state=1&state=2", "state: is given twice" },
	{ "GET", "a term+", "/x?term=1&a=2&term=3", NULL },
	{ "GET", "a term+", "/x?a=1&a=2&term=3", "a: is given twice" },
	{ "GET", "a term+", "/x?trem=3", "trem: unknown parameter; did you mean term?" },
	{ "GET", "a term+", "/x?term%2B=3", "term+: unknown parameter; did you mean term?" },
	{ "GET", "state", "/x?*=1", "*: unknown parameter; known are state" },
	{ "DELETE", "delete_from_pinterest", "/x?deleteFromPinterest=true",
	    "deleteFromPinterest: unknown parameter; did you mean delete_from_pinterest?" },
	{ "DELETE", "delete_from_pinterest", "/x?delete_from_pintrest=true",
	    "delete_from_pintrest: unknown parameter; did you mean delete_from_pinterest?" },
};

static void
test_cases(struct arena *mem)
{
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct req r = { .method = cases[i].method };
		struct problem why = { 0 };
		const char *text, *said = NULL;

		if (target_parse(&r, cases[i].uri, mem, &text) != TARGET_OK) {
			ok(false, "the target %s can be parsed", cases[i].uri);
			continue;
		}
		query_check(&r, cases[i].declared, mem, &why);
		for (size_t k = 0; k < why.errors_len; k++)
			said = arena_printf(mem, "%s%s%s: %s", k > 0 ? said : "",
			    k > 0 ? " | " : "", why.errors[k].path, why.errors[k].reason);
		is_str(said, cases[i].want, cases[i].uri);
	}
}

/* Routes that change something or list things take only what they declare. */
static void
test_routes(void)
{
	int loose = 0;

	for (size_t i = 0; i < routes_len; i++) {
		const struct route *r = &routes[i];
		bool one = strcmp(r->method, "GET") == 0 &&
			   (r->access == AUTH_PUBLIC || strstr(r->pattern, "/{}") != NULL ||
			       strcmp(r->pattern, "/v1/auth/me") == 0);

		loose += query_declares(r->query, "*") && !one;
	}
	is_int(loose, 0, "only a GET of one thing ignores parameters");
	ok(query_declares("a bc d", "bc") && !query_declares("a bc d", "b") &&
		!query_declares("a bc d", "") && !query_declares("", "a") &&
		query_declares("a b+ d", "b") && !query_declares("a b+ d", "b+") &&
		query_declares("a b+ d", "d") && query_declares("a b+", "b"),
	    "names are compared whole");
}

int
main(void)
{
	struct arena *mem = arena_new();

	test_cases(mem);
	test_routes();
	arena_free(mem);
	return tap_done();
}
