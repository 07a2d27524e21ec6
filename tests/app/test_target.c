#include "app/http/target.h"

#include <stdlib.h>

#include "lib/arena.h"
#include "tests/tap.h"

static const struct {
	const char *uri;
	enum target_rc rc;
	const char *path;  /* segments joined by '|' */
	const char *query; /* name=value joined by '|' */
} targets[] = {
	{ "/", TARGET_OK, "", "" },
	{ "/?a=1", TARGET_OK, "", "a=1" },
	{ "/v1/pins", TARGET_OK, "v1|pins", "" },
	{ "/v1/pins/", TARGET_OK, "v1|pins|", "" },
	{ "//v1", TARGET_OK, "|v1", "" },
	{ "/v1/a%2Fb/c", TARGET_OK, "v1|a/b|c", "" },
	{ "/v1/a%252F", TARGET_OK, "v1|a%2F", "" },
	{ "/v1/a+b?c+d=e+f", TARGET_OK, "v1|a+b", "c d=e f" },
	{ "/%C3%A9", TARGET_OK, "\xc3\xa9", "" },
	{ "/a?x=%26&y=%3D&&z&w=", TARGET_OK, "a", "x=&|y==|z=|w=" },
	{ "/a?x=1&x=2", TARGET_OK, "a", "x=1|x=2" },
	{ "/a?b?c=d", TARGET_OK, "a", "b?c=d" },
	{ "/a/../b", TARGET_OK, "a|..|b", "" },
	{ "http://host/v1/pins?a=b", TARGET_OK, "v1|pins", "a=b" },
	{ "HTTPS://host:1/v1", TARGET_OK, "v1", "" },
	{ "http://host", TARGET_OK, "", "" },
	{ "/1/2/3/4/5/6/7/8", TARGET_OK, "1|2|3|4|5|6|7|8", "" },
	{ "/1/2/3/4/5/6/7/8/9", TARGET_NONE, NULL, NULL },
	{ "http://host?a", TARGET_BAD, NULL, NULL },
	{ "http:///x", TARGET_BAD, NULL, NULL },
	{ "ftp://host/x", TARGET_BAD, NULL, NULL },
	{ "*", TARGET_BAD, NULL, NULL },
	{ "", TARGET_BAD, NULL, NULL },
	{ "v1/pins", TARGET_BAD, NULL, NULL },
	{ "/a#b", TARGET_BAD, NULL, NULL },
	{ "/a b", TARGET_BAD, NULL, NULL },
	{ "/a\tb", TARGET_BAD, NULL, NULL },
	{ "/%zz", TARGET_BAD, NULL, NULL },
	{ "/%4", TARGET_BAD, NULL, NULL },
	{ "/%00", TARGET_BAD, NULL, NULL },
	{ "/%ff", TARGET_BAD, NULL, NULL },
	{ "/%0A", TARGET_BAD, NULL, NULL },
	{ "/%c0%af", TARGET_BAD, NULL, NULL },
	{ "/a?x=%zz", TARGET_BAD, NULL, NULL },
	{ "/a?%00=x", TARGET_BAD, NULL, NULL },
	{ "/a?x=%ff", TARGET_BAD, NULL, NULL },
};

static void
test_targets(struct arena *mem)
{
	const char *path, *query, *why;
	struct req r;
	size_t i, k;

	for (i = 0; i < sizeof(targets) / sizeof(targets[0]); i++) {
		memset(&r, 0, sizeof(r));
		if (!is_int(target_parse(&r, targets[i].uri, mem, &why), targets[i].rc,
			targets[i].uri) ||
		    targets[i].rc != TARGET_OK)
			continue;
		path = query = "";
		for (k = 0; k < r.segments; k++)
			path = arena_printf(mem, "%s%s%s", path, k ? "|" : "", r.segment[k]);
		for (k = 0; k < r.query_len; k++)
			query = arena_printf(mem, "%s%s%s=%s", query, k ? "|" : "", r.query[k].name,
			    r.query[k].value);
		is_str(path, targets[i].path, "the decoded path");
		is_str(query, targets[i].query, "the decoded query");
	}
}

static void
test_query_limit(struct arena *mem)
{
	const char *uri = "/a?n=0", *why;
	struct req r;
	int i;

	for (i = 1; i < REQ_MAX_QUERY; i++)
		uri = arena_printf(mem, "%s&n=%d", uri, i);
	memset(&r, 0, sizeof(r));
	is_int(target_parse(&r, uri, mem, &why), TARGET_OK, "64 query parameters are accepted");
	is_int((int64_t)r.query_len, REQ_MAX_QUERY, "all 64 are read");
	uri = arena_printf(mem, "%s&n=x", uri);
	memset(&r, 0, sizeof(r));
	is_int(target_parse(&r, uri, mem, &why), TARGET_BAD, "65 query parameters are refused");
}

static const struct {
	const char *header, *type, *boundary;
} types[] = {
	{ NULL, "", NULL },
	{ "", "", NULL },
	{ "application/json", "application/json", NULL },
	{ "Application/JSON; charset=utf-8", "application/json", NULL },
	{ "multipart/form-data; boundary=abc", "multipart/form-data", "abc" },
	{ "multipart/form-data;charset=x; Boundary=\"a b\"", "multipart/form-data", "a b" },
	{ "multipart/form-data; boundary=", "multipart/form-data", NULL },
	{ "multipart/form-data; boundary=\"open", "multipart/form-data", NULL },
	{ "multipart/form-data; boundary="
	  "0123456789012345678901234567890123456789012345678901234567890123456789",
	    "multipart/form-data",
	    "0123456789012345678901234567890123456789012345678901234567890123456789" },
	{ "multipart/form-data; boundary="
	  "01234567890123456789012345678901234567890123456789012345678901234567890",
	    "multipart/form-data", NULL },
};

static void
test_types(struct arena *mem)
{
	const char *boundary, *type;
	size_t i;

	for (i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		type = target_content_type(types[i].header, mem, &boundary);
		is_str(type, types[i].type, types[i].header ? types[i].header : "no header");
		is_str(boundary, types[i].boundary, "the boundary of that type");
	}
}

static const struct {
	const char *header, *key;
} keys[] = {
	{ "abc", "abc" },
	{ "\"abc\"", "abc" },
	{ "\"", "\"" },
	{ "", NULL },
	{ "\"\"", NULL },
	{ "a b", NULL },
	{ "a\tb", NULL },
	{ "a\x7f", NULL },
	{ "caf\xc3\xa9", NULL },
};

static void
test_keys(struct arena *mem)
{
	char text[258];
	size_t i;

	for (i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		is_str(target_idempotency_key(keys[i].header, mem), keys[i].key, keys[i].header);
	memset(text, 'k', sizeof(text));
	text[255] = '\0';
	ok(target_idempotency_key(text, mem) != NULL, "a key of 255 characters is accepted");
	text[255] = 'k';
	text[256] = '\0';
	ok(target_idempotency_key(text, mem) == NULL, "a key of 256 characters is refused");
}

int
main(void)
{
	struct arena *mem = arena_new();

	test_targets(mem);
	test_query_limit(mem);
	test_types(mem);
	test_keys(mem);
	arena_free(mem);
	return tap_done();
}
