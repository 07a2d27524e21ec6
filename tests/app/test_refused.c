/* What lighttpd refused and handed over: a bare POST is one without a body, the rest is answered in
 * its place. */
#include "app/http/refused.h"

#include <json-c/json.h>
#include <stdlib.h>

#include "lib/problem.h"
#include "tests/tap.h"

static void
statuses(void)
{
	is_int(
	    refused_status("/.refused", "411"), 411, "lighttpd's refusal is known by its handler");
	is_int(refused_status("/.refused", "200"), 0, "a success is no refusal");
	is_int(refused_status("/.refused", NULL), 0, "the handler's path alone is no refusal");
	is_int(refused_status("/.refused", "4x"), 0, "a status that is none is no refusal");
	is_int(refused_status(NULL, "411"), 0, "another server's REDIRECT_STATUS is no refusal");
	is_int(refused_status("/v1/pins", "411"), 0, "a rewritten path is no refusal");
}

static void
bare_posts(void)
{
	ok(refused_bare_post(411, "/v1/pins/x/retry"), "411: a POST without a body");
	ok(refused_bare_post(411, "/sandboxes"),
	    "a path that only begins like the simulator's is ours");
	ok(!refused_bare_post(411, "/sandbox/admin/reset"), "the simulator's paths are not ours");
	ok(!refused_bare_post(400, "/v1/pins"), "another refusal is no POST");
	ok(!refused_bare_post(0, "/v1/pins"), "nor is a request that was not refused");
}

/* The words are those of the error body that the other web servers send. */
static void
words(int status)
{
	const char *top = getenv("top_srcdir");
	struct json_object *want = NULL, *code = NULL, *detail = NULL;
	struct problem p = { 0 };
	char path[4096], name[64];

	snprintf(path, sizeof path, "%s/etc/errors/%d.json", top != NULL ? top : ".", status);
	snprintf(name, sizeof name, "%d says the same as etc/errors", status);
	want = json_object_from_file(path);
	refused_problem(&p, status);
	if (ok(want != NULL && json_object_object_get_ex(want, "code", &code) &&
		    json_object_object_get_ex(want, "detail", &detail),
		"%s is readable", path)) {
		is_int(p.status, status, name);
		is_str(p.code, json_object_get_string(code), name);
		is_str(p.message, json_object_get_string(detail), name);
	}
	json_object_put(want);
}

int
main(void)
{
	static const int all[] = { 400, 405, 411, 413, 414, 417, 431, 501, 505 };
	struct problem p = { 0 };
	size_t i;

	statuses();
	bare_posts();
	for (i = 0; i < sizeof all / sizeof all[0]; i++)
		words(all[i]);
	refused_problem(&p, 499);
	is_int(p.status, 400, "a status that lighttpd does not give is answered with 400");
	return tap_done();
}
