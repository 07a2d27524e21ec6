/* Who answered: Pinterest, or a proxy, a firewall's page, a wrong base_url; and how that is told.
 */
#include "lib/origin.h"

#include <string.h>

#include "lib/arena.h"
#include "tests/tap.h"

#define OWN(c) "{\"code\":" c ",\"message\":\"words\"}"
#define PAGE "<html><head><title>404 Not Found</title></head></html>"

static const struct {
	const char *name;
	long status;
	const char *rid, *body;
	bool cut, understood;
	enum origin origin;
} rows[] = {
	{ "error of Pinterest", 404, "rid", OWN("40"), false, false, ORIGIN_PINTEREST },
	{ "error with an unknown code", 403, "rid", OWN("4711"), false, false, ORIGIN_PINTEREST },
	{ "board gone, header missing", 404, NULL, OWN("40"), false, false, ORIGIN_PINTEREST },
	{ "401, header missing", 401, NULL, OWN("2"), false, false, ORIGIN_PINTEREST },
	{ "grant refused, header missing", 401, NULL, OWN("283"), false, false, ORIGIN_PINTEREST },
	{ "429, header missing", 429, NULL, OWN("8"), false, false, ORIGIN_PINTEREST },
	{ "2787, any status", 400, NULL, OWN("2787"), false, false, ORIGIN_PINTEREST },
	{ "gateway that repeats the status", 403, NULL, OWN("403"), false, false, ORIGIN_FOREIGN },
	{ "gRPC gateway", 404, NULL, OWN("5"), false, false, ORIGIN_FOREIGN },
	{ "code of another status", 403, NULL, OWN("40"), false, false, ORIGIN_FOREIGN },
	{ "JSON of a proxy", 404, NULL, "{\"error\":\"not found\"}", false, false, ORIGIN_FOREIGN },
	{ "JSON of a proxy, with the header", 404, "rid", "{\"error\":\"not found\"}", false, false,
	    ORIGIN_FOREIGN },
	{ "code as text", 404, "rid", "{\"code\":\"40\",\"message\":\"x\"}", false, false,
	    ORIGIN_FOREIGN },
	{ "no message", 404, "rid", "{\"code\":40}", false, false, ORIGIN_FOREIGN },
	{ "a list", 404, "rid", "[" OWN("40") "]", false, false, ORIGIN_FOREIGN },
	{ "HTML 400", 400, NULL, PAGE, false, false, ORIGIN_FOREIGN },
	{ "HTML 403", 403, NULL, PAGE, false, false, ORIGIN_FOREIGN },
	{ "HTML 404 with the header", 404, "rid", PAGE, false, false, ORIGIN_FOREIGN },
	{ "HTML 404 with an empty header", 404, "", PAGE, false, false, ORIGIN_FOREIGN },
	{ "empty 401", 401, NULL, "", false, false, ORIGIN_FOREIGN },
	{ "407", 407, NULL, PAGE, false, false, ORIGIN_FOREIGN },
	{ "502 of a proxy", 502, NULL, PAGE, false, false, ORIGIN_FOREIGN },
	{ "empty 503", 503, NULL, "", false, false, ORIGIN_FOREIGN },
	{ "HTML 503 of Pinterest", 503, "rid", PAGE, false, false, ORIGIN_PINTEREST },
	{ "redirect", 302, NULL, "", false, false, ORIGIN_FOREIGN },
	{ "redirect by Pinterest", 301, "rid", OWN("1"), false, false, ORIGIN_FOREIGN },
	{ "portal", 200, NULL, PAGE, false, false, ORIGIN_FOREIGN },
	{ "empty 200", 200, NULL, "", false, false, ORIGIN_FOREIGN },
	{ "other JSON", 200, NULL, "{\"id\":1}", false, false, ORIGIN_FOREIGN },
	{ "what was asked for, header missing", 200, NULL, "{}", false, true, ORIGIN_PINTEREST },
	{ "answer not understood, with the header", 201, "rid", "{}", false, false,
	    ORIGIN_PINTEREST },
	{ "cut JSON", 404, NULL, "{\"code\":40,\"mess", true, false, ORIGIN_CUT },
	{ "cut before the body", 403, NULL, "", true, false, ORIGIN_CUT },
	{ "cut success", 201, NULL, " {\"id\"", true, false, ORIGIN_CUT },
	{ "cut, with the header", 403, "rid", "{\"co", true, false, ORIGIN_PINTEREST },
	{ "cut or endless page", 403, NULL, "\n <html>", true, false, ORIGIN_FOREIGN },
};

static void
test_origins(struct arena *mem)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct origin_answer a = { .status = rows[i].status,
			.request_id = rows[i].rid,
			.body = rows[i].body,
			.body_len = strlen(rows[i].body),
			.complete = !rows[i].cut };
		struct pinterest_error e;

		pinterest_error_parse(&e, a.body, a.body_len, mem);
		is_int(origin_of(&a, &e, rows[i].understood), rows[i].origin, rows[i].name);
	}
}

static void
test_texts(struct arena *mem)
{
	static const struct {
		long status;
		const char *type, *location, *body, *want;
	} texts[] = {
		{ 404, "text/html; charset=utf-8", NULL,
		    "<!DOCTYPE html>\n<html><head><style>h1 { x }</style><title>404 Not "
		    "Found</title>\n<script>a < b</script></head><body><!-- > no --> nginx</body>",
		    "404, text/html: '404 Not Found nginx'" },
		{ 403, "application/json", NULL, "{\"error\":\t\"no\\n\"}",
		    "403, application/json: '{'error': 'no/n'}'" },
		{ 302, NULL, "https://portal.example/login?token=secret", "",
		    "302 to https://portal.example/login, no text" },
		{ 200, "text/html", "https://elsewhere.example/", "<p>",
		    "200, text/html, no text" },
		{ 502, "", NULL, "  \r\n ", "502, no text" },
		{ 400, "text/plain", NULL,
		    "a\x1b[31mb\x7f\xc2\x85\xe2\x80\xaa"
		    "c \xff",
		    "400, text/plain: 'a [31mb ?\?c ?'" },
		{ 400, "te\x1bxt\"", NULL, "<unclosed", "400, te xt', no text" },
		{ 502, "text/html", NULL, "<p>Bad</p><script>a > b", "502, text/html: 'Bad'" },
	};
	const struct origin_answer secret = {
		.status = 200, .body = "{\"access_token\":\"x\"}", .body_len = 20, .secret = true
	};
	struct origin_answer longest = { .status = 403, .location = NULL };
	static char open[4 << 20];
	char many[5000];

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		const struct origin_answer a = { .status = texts[i].status,
			.type = texts[i].type,
			.location = texts[i].location,
			.body = texts[i].body,
			.body_len = strlen(texts[i].body) };

		is_str(origin_text(&a, mem), texts[i].want, "what answered is told");
	}
	is_str(origin_text(&secret, mem), "200, 20 bytes", "what may hold tokens is not told");
	for (size_t i = 0; i + 8 < sizeof(open); i += 8)
		memcpy(open + i, "<script>", 8);
	is_str(origin_text(&(struct origin_answer){ .status = 502,
			       .type = "text/html",
			       .body = open,
			       .body_len = sizeof(open) - 8 },
		   mem),
	    "502, text/html, no text", "a page of tags that are left open takes no longer");
	memset(many, 'x', sizeof(many) - 1);
	many[sizeof(many) - 1] = '\0';
	longest.status = 302;
	longest.location = longest.type = longest.body = many;
	longest.body_len = sizeof(many) - 1;
	ok(strlen(origin_text(&longest, mem)) <= ORIGIN_TEXT_MAX &&
		strstr(origin_text(&longest, mem), "xxx...'") != NULL,
	    "each part has its limit");
}

int
main(void)
{
	struct arena *mem = arena_new();

	test_origins(mem);
	test_texts(mem);
	arena_free(mem);
	return tap_done();
}
