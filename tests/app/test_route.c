#include "app/routes.h"

#include "app/http/call.h"
#include "app/http/target.h"
#include "lib/arena.h"
#include "tests/tap.h"

static const struct {
	const char *method, *uri;
	enum route_rc rc;
	const char *pattern; /* of the route found */
	const char *param;   /* the first */
	const char *allow;
} cases[] = {
	{ "GET", "/", ROUTE_OK, "/", NULL, NULL },
	{ "HEAD", "/healthz", ROUTE_OK, "/healthz", NULL, NULL },
	{ "GET", "/v1/pins", ROUTE_OK, "/v1/pins", NULL, NULL },
	{ "POST", "/v1/pins?x=1", ROUTE_OK, "/v1/pins", NULL, NULL },
	{ "GET", "/v1/pins/abc", ROUTE_OK, "/v1/pins/{}", "abc", NULL },
	{ "GET", "/v1/pins/imports", ROUTE_OK, "/v1/pins/imports", NULL, NULL },
	{ "GET", "/v1/pins/imports/x", ROUTE_OK, "/v1/pins/imports/{}", "x", NULL },
	{ "POST", "/v1/pins/imports/csv", ROUTE_OK, "/v1/pins/imports/csv", NULL, NULL },
	{ "POST", "/v1/pins/abc/retry", ROUTE_OK, "/v1/pins/{}/retry", "abc", NULL },
	{ "GET", "/v1/pinterest/boards/7/access", ROUTE_OK, "/v1/pinterest/boards/{}/access", "7",
	    NULL },
	{ "GET", "/v1/pins/a%2Fb", ROUTE_OK, "/v1/pins/{}", "a/b", NULL },
	{ "GET", "/v1/pins/imports/csv", ROUTE_NO_METHOD, NULL, NULL, "POST, OPTIONS" },
	{ "DELETE", "/v1/pins/imports", ROUTE_NO_METHOD, NULL, NULL, "GET, HEAD, OPTIONS" },
	{ "PUT", "/v1/webhooks/x", ROUTE_NO_METHOD, NULL, NULL,
	    "DELETE, GET, HEAD, PATCH, OPTIONS" },
	{ "?", "/", ROUTE_NO_METHOD, NULL, NULL, "GET, HEAD, OPTIONS" },
	{ "HEAD", "/v1/auth/login", ROUTE_NO_METHOD, NULL, NULL, "POST, OPTIONS" },
	{ "OPTIONS", "/v1/pins", ROUTE_OPTIONS, NULL, NULL, "GET, HEAD, POST, OPTIONS" },
	{ "GET", "/v1", ROUTE_NO_PATH, NULL, NULL, NULL },
	{ "GET", "/v1/", ROUTE_NO_PATH, NULL, NULL, NULL },
	{ "GET", "/v1/pins/", ROUTE_NO_PATH, NULL, NULL, NULL },
	{ "GET", "/v1/pins/abc/", ROUTE_NO_PATH, NULL, NULL, NULL },
	{ "GET", "//v1/pins", ROUTE_NO_PATH, NULL, NULL, NULL },
	{ "GET", "/V1/pins", ROUTE_NO_PATH, NULL, NULL, NULL },
	{ "GET", "/v1/pin", ROUTE_NO_PATH, NULL, NULL, NULL },
	{ "GET", "/v1/pinsx", ROUTE_NO_PATH, NULL, NULL, NULL },
	{ "POST", "/v1/pins/abc/retry/x", ROUTE_NO_PATH, NULL, NULL, NULL },
	{ "OPTIONS", "/x", ROUTE_NO_PATH, NULL, NULL, NULL },
};

static void
test_find(struct arena *mem)
{
	const struct route *found;
	const char *param[ROUTE_MAX_PARAMS], *why;
	struct req r;
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		memset(&r, 0, sizeof(r));
		r.method = cases[i].method;
		if (target_parse(&r, cases[i].uri, mem, &why) != TARGET_OK) {
			ok(false, "the target %s can be parsed", cases[i].uri);
			continue;
		}
		found = NULL;
		is_int(route_find(routes, routes_len, &r, &found, param), cases[i].rc,
		    arena_printf(mem, "%s %s", cases[i].method, cases[i].uri));
		if (cases[i].pattern != NULL) {
			is_str(found ? found->pattern : NULL, cases[i].pattern,
			    "the pattern of the route found");
			is_str(param[0], cases[i].param, "the first parameter of the path");
		}
		if (cases[i].allow != NULL)
			is_str(route_allow(routes, routes_len, &r, mem), cases[i].allow,
			    "the Allow header");
	}
}

/* What route_find() and the refusals rely on. */
static void
test_table(void)
{
	const struct route *a, *b;
	bool sorted = true, writes = true, bodies = true, scopes = true, own = true, personal;
	size_t i;
	int by;

	for (i = 0; i < routes_len; i++) {
		b = &routes[i];
		scopes = scopes &&
			 (b->scope != 0) == (b->access == AUTH_SESSION || b->access == AUTH_ANY);
		if (strcmp(b->method, "GET") == 0 || strcmp(b->method, "DELETE") == 0)
			bodies = bodies && b->body == BODY_NONE;
		personal = b->access == AUTH_SESSION && b->permission == PERM_NONE;
		own = own && (!personal || b->scope == SCOPE_READ);
		if (strcmp(b->method, "DELETE") == 0 && !personal)
			writes = writes && b->scope == SCOPE_DESTRUCTIVE;
		if (strcmp(b->method, "PATCH") == 0 && !personal)
			writes = writes && b->scope == SCOPE_WRITE;
		if (i == 0)
			continue;
		a = &routes[i - 1];
		by = strcmp(a->pattern, b->pattern);
		sorted = sorted && (by < 0 || (by == 0 && strcmp(a->method, b->method) < 0));
	}
	ok(sorted, "routes are sorted by pattern and method, without duplicates");
	ok(scopes, "a route has a scope if and only if it needs a credential");
	ok(bodies, "GET and DELETE take no body");
	ok(writes, "PATCH needs the scope write and DELETE destructive");
	ok(own, "a person's own affairs (no permission) need the scope read, which a viewer has");
}

int
main(void)
{
	struct arena *mem = arena_new();

	test_table();
	test_find(mem);
	arena_free(mem);
	return tap_done();
}
