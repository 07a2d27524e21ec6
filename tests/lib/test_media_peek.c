/* What a peek fetches, where it stops, and how it judges. */
#include "lib/media_peek.h"

#include "lib/addr.h"
#include "lib/arena.h"
#include "lib/clock.h"
#include "lib/utf8.h"
#include "tests/tap.h"

#define NOW 1800000000000000LL /* 2027-01-15 */
#define PNG_HEAD "\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\3\xe8\0\0\5\xdc\10\2\0\0\0"
#define PNG PNG_HEAD "....IEND"
#define HEIC                                                                                       \
	"\0\0\0\x18"                                                                               \
	"ftypheic\0\0\0\0mif1heic"
#define URL "https://images.example.com/a.png"

struct row {
	const char *what;
	struct media_answer a;
	enum media_grade grade;
	const char *code; /* NULL: fine */
	const char *says; /* in the message */
};

#define BODY(text) .body = text, .body_len = sizeof(text) - 1
#define IMAGE(text) .status = 200, .type = "image/png", BODY(text), .complete = true
#define CUT .complete = false
static const struct row rows[] = {
	{ "an image", { IMAGE(PNG) }, MEDIA_FINE, NULL, "a PNG image, 1000 x 1500 pixels" },
	{ "its head",
	    { .status = 206,
		.type = "image/png",
		BODY(PNG_HEAD),
		.range = "bytes 0-25/234567",
		.complete = true },
	    MEDIA_FINE, NULL, "234567 bytes" },
	{ "a server that ignores Range",
	    { .status = 200, .type = "image/png; x=y", BODY(PNG_HEAD), .length = "234567" },
	    MEDIA_FINE, NULL, "234567 bytes" },
	{ "a chunked answer", { .status = 200, .type = "image/png", BODY(PNG_HEAD), CUT },
	    MEDIA_FINE, NULL, "a PNG image" },
	{ "a whole answer without the end", { IMAGE(PNG_HEAD) }, MEDIA_WRONG, "invalid_image",
	    "ends in the middle" },
	{ "HEIC", { IMAGE(HEIC) }, MEDIA_WRONG, "invalid_image", "a HEIC image" },
	{ "a login page", { .status = 200, .type = "text/html", BODY("<html>"), .complete = true },
	    MEDIA_WRONG, "invalid_image", "an HTML page" },
	{ "a page that calls itself an image", { IMAGE("<!DOCTYPE html>") }, MEDIA_WRONG,
	    "invalid_image", "an HTML page" },
	{ "nothing", { IMAGE("") }, MEDIA_WRONG, "invalid_image", "without any content" },
	{ "an empty file asked for a range", { .status = 416, .range = "bytes */0", BODY("x") },
	    MEDIA_WRONG, "invalid_image", "without any content" },
	{ "204", { .status = 204 }, MEDIA_WRONG, "media_url_unreachable", "answers 204" },
	{ "a GIF", { IMAGE("GIF89a\xe8\3\xdc\5\0\0") }, MEDIA_DOUBT, "media_type_unconfirmed",
	    "documents name" },
	{ "octets", { .status = 200, .type = "application/octet-stream", BODY(PNG), .complete = 1 },
	    MEDIA_DOUBT, "media_type_mismatch", "calls it application/octet-stream" },
	{ "no type", { .status = 200, BODY(PNG), .complete = 1 }, MEDIA_DOUBT,
	    "media_type_mismatch", "no Content-Type" },
	{ "a type with a line of its own",
	    { .status = 200, .type = "text/\x1b[31m", BODY(PNG), .complete = 1 }, MEDIA_DOUBT,
	    "media_type_mismatch", "nothing (no Content-Type)" },
	{ "compressed",
	    { .status = 200,
		.type = "image/png",
		.encoding = "gzip",
		BODY("\x1f\x8b\10"),
		.complete = true },
	    MEDIA_DOUBT, "media_not_checked", "compresses" },
	{ "25 MB",
	    { .status = 206,
		.type = "image/png",
		BODY(PNG_HEAD),
		.range = "bytes 0-1/26214400",
		.complete = true },
	    MEDIA_WRONG, "image_too_large", "26214400 bytes" },
	{ "20 MB",
	    { .status = 206,
		.type = "image/png",
		BODY(PNG_HEAD),
		.range = "bytes 0-1/20971520",
		.complete = true },
	    MEDIA_FINE, NULL, "20971520 bytes" },
	{ "a size that is none",
	    { .status = 206,
		.type = "image/png",
		BODY(PNG_HEAD),
		.range = "bytes 0-1/99999999999"
			 "999999999999" },
	    MEDIA_FINE, NULL, "PNG" },
	{ "99 pixels", { IMAGE("GIF89a\x63\0\xe8\3\0\0") }, MEDIA_DOUBT, "media_type_unconfirmed",
	    "It has 99 x 1000 pixels" },
	{ "a pixel", { IMAGE("GIF89a\1\0\1\0\0\0") }, MEDIA_WRONG, "image_too_small",
	    "1 x 1 pixels" },
	{ "401", { .status = 401 }, MEDIA_WRONG, "media_url_unreachable", "401: it wants a login" },
	{ "403", { .status = 403 }, MEDIA_WRONG, "media_url_unreachable", "403" },
	{ "404", { .status = 404 }, MEDIA_WRONG, "media_url_unreachable", "404" },
	{ "410", { .status = 410 }, MEDIA_WRONG, "media_url_unreachable", "410" },
	{ "408", { .status = 408 }, MEDIA_DOUBT, "media_url_temporarily_unavailable", "408" },
	{ "429", { .status = 429 }, MEDIA_DOUBT, "media_url_temporarily_unavailable", "429" },
	{ "500", { .status = 500 }, MEDIA_DOUBT, "media_url_temporarily_unavailable", "500" },
	{ "304", { .status = 304 }, MEDIA_DOUBT, "media_url_temporarily_unavailable", "304" },
	{ "202", { .status = 202 }, MEDIA_DOUBT, "media_url_temporarily_unavailable", "202" },
	{ "an image that a proxy changed",
	    { .status = 203, .type = "image/png", BODY(PNG), .complete = true }, MEDIA_FINE, NULL,
	    "answered 203 with a PNG image" },
	{ "a part that is the beginning",
	    { .status = 206, .type = "image/png", BODY(PNG), .range = "bytes 0-32/*" }, MEDIA_FINE,
	    NULL, "a PNG image" },
	{ "302 to nowhere", { .status = 302 }, MEDIA_WRONG, "media_url_unreachable",
	    "without a usable target" },
	{ "302 to a file", { .status = 302, .location = "file:///etc/passwd" }, MEDIA_WRONG,
	    "media_url_unreachable", "without a usable target" },
	{ "a circle", { .status = 301, .location = "/a.png" }, MEDIA_WRONG, "media_url_unreachable",
	    "in a circle" },
	{ "a redirect to a private address", { .status = 302, .location = "http://10.0.0.1/x" },
	    MEDIA_DOUBT, "media_url_redirects", "10.0.0.1 is private" },
	{ "a redirect to the metadata service",
	    { .status = 302, .location = "http://169.254.169.254/latest/" }, MEDIA_DOUBT,
	    "media_url_redirects", "169.254.169.254 is private" },
	{ "no such name", { .fault = HTTP_F_DNS }, MEDIA_DOUBT, "media_url_unreachable",
	    "images.example.com could not be resolved" },
	{ "a bad certificate", { .fault = HTTP_F_TLS, .error = "certificate has expired" },
	    MEDIA_DOUBT, "media_url_unreachable", "certificate has expired" },
	{ "silence", { .fault = HTTP_F_TIMEOUT }, MEDIA_DOUBT, "media_url_temporarily_unavailable",
	    "did not answer" },
	{ "half an image in time",
	    { .fault = HTTP_F_TIMEOUT, .status = 200, .type = "image/png", BODY(PNG_HEAD) },
	    MEDIA_DOUBT, "media_url_temporarily_unavailable", "did not arrive whole" },
	{ "seven bytes in time",
	    { .fault = HTTP_F_TIMEOUT, .status = 200, BODY("\x89PNG\r\n\x1a") }, MEDIA_DOUBT,
	    "media_url_temporarily_unavailable", "did not arrive whole" },
	{ "one byte, then nothing", { .fault = HTTP_F_CUT, .status = 200, BODY("\xff") },
	    MEDIA_DOUBT, "media_url_temporarily_unavailable", "connection failed" },
	{ "a page that breaks off", { .fault = HTTP_F_CUT, .status = 200, BODY("<!doctype html>") },
	    MEDIA_WRONG, "invalid_image", "an HTML page" },
	{ "100 without end", { .fault = HTTP_F_TIMEOUT, .status = 100 }, MEDIA_DOUBT,
	    "media_url_temporarily_unavailable", "did not" },
	{ "refused", { .fault = HTTP_F_CONNECT, .error = "refused" }, MEDIA_DOUBT,
	    "media_url_temporarily_unavailable", "refused" },
	{ "a name for a private address", { .fault = HTTP_F_BLOCKED }, MEDIA_DOUBT,
	    "media_url_private", "images.example.com is private" },
	{ "a peer that only we may reach", { IMAGE(PNG), .ip = "10.0.0.1" }, MEDIA_DOUBT,
	    "media_url_private", "is private" },
};

static void
test_answers(struct arena *mem)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct row *r = &rows[i];
		struct media_peek p = { .mem = mem, .public_only = true };
		struct media_finding f;

		ok(media_peek_begin(&p, URL, NOW, NOW), "%s: is fetched", r->what);
		ok(!media_peek_take(&p, &r->a) || (!p.ranged && !media_peek_take(&p, &r->a)),
		    "%s: one answer is enough, or the same one without a range", r->what);
		f = media_peek_report(&p);
		ok(f.grade == r->grade && (r->code == NULL) == (f.code == NULL) &&
			(r->code == NULL || strcmp(f.code, r->code) == 0),
		    "%s: is judged (%d %s)", r->what, (int)f.grade, f.code != NULL ? f.code : "-");
		ok(strstr(f.message, r->says) != NULL, "%s: says so: %s", r->what, f.message);
	}
}

static const struct {
	const char *url;
	bool fetched;
	const char *code;
} addresses[] = {
	{ "http://192.168.1.20/a.png", false, "media_url_private" },
	{ "http://localhost/a.png", false, "media_url_private" },
	{ "http://0x7f.1/a.png", false, "media_url_private" },
	{ "http://[::1]/a.png", false, "media_url_private" },
	{ "http://[fd00::1]/a.png", false, "media_url_private" },
	{ "http://169.254.169.254/a.png", false, "media_url_private" },
	{ "http://nas/a.png", true, "media_url_private" },
	{ "http://printer.local/a.png", true, "media_url_private" },
	{ "https://example.com:22/a.png", false, "media_not_checked" },
	{ "https://example.com:8443/a.png", true, NULL },
	{ "https://b\xc3\xa4um.example.com/a.png", false, "media_not_checked" },
	{ "https://example.com/b\xc3\xa4um.png", true, NULL },
	{ "https://drive.google.com/file/d/1/view", true, "media_url_viewer" },
	{ "https://example.com/a.png?Expires=1799999999", true, "media_url_expires" },
	{ "https://example.com/a.png?Expires=1800000060", true, "media_url_expires" },
	{ "https://example.com/a.png?Expires=1800000061", true, NULL },
};

static void
test_addresses(struct arena *mem)
{
	for (size_t i = 0; i < sizeof(addresses) / sizeof(addresses[0]); i++) {
		struct media_peek p = { .mem = mem, .public_only = true };
		bool fetched = media_peek_begin(&p, addresses[i].url, NOW, NOW + 60 * US_PER_S);

		ok(fetched == addresses[i].fetched, "%s is %sfetched", addresses[i].url,
		    addresses[i].fetched ? "" : "not ");
		ok(addresses[i].code == NULL
			? p.findings_len == 0
			: p.findings_len == 1 && strcmp(p.findings[0].code, addresses[i].code) == 0,
		    "%s: %s", addresses[i].url, p.findings_len > 0 ? p.findings[0].message : "-");
		for (const char *c = p.url; *c != '\0'; c++)
			if (fetched && (unsigned char)*c >= 0x80)
				ok(false, "%s is asked for in ASCII", p.url);
	}
}

static void
test_allowed(struct arena *mem)
{
	struct addr_rule ours;
	const struct addr_policy policy = { .allow = &ours, .allow_len = 1 };
	struct media_peek p = { .mem = mem, .policy = &policy };

	ok(addr_rule_parse("10.0.0.0/8:80", &ours) == 0, "a rule of the operator");
	ok(media_peek_begin(&p, "http://10.0.0.1/a.png", NOW, TIME_NONE) && p.findings_len == 0,
	    "a private address that the operator allows is fetched for the sandbox");
	p = (struct media_peek){ .mem = mem, .policy = &policy, .public_only = true };
	ok(media_peek_begin(&p, "http://10.0.0.1/a.png", NOW, TIME_NONE) && p.findings_len == 1 &&
		strcmp(p.findings[0].code, "media_url_private") == 0,
	    "for production, too, with a doubt");
}

static void
test_redirects(struct arena *mem)
{
	struct media_peek p = { .mem = mem, .public_only = true };
	struct media_answer to = { .status = 302 };
	struct media_finding f;

	ok(media_peek_begin(&p, "https://a.example.com/1", NOW, TIME_NONE), "a chain begins");
	for (int i = 0; i < MEDIA_PEEK_REDIRECTS; i++) {
		to.location = arena_printf(mem, "/%d?token=secret", i + 2);
		ok(media_peek_take(&p, &to), "redirect %d is followed", i + 1);
	}
	ok(strcmp(p.url, "https://a.example.com/4?token=secret") == 0, "to its own target");
	to.location = "/5";
	ok(!media_peek_take(&p, &to), "one more is not");
	f = media_peek_report(&p);
	ok(f.grade == MEDIA_DOUBT && strstr(f.message, "more than 3 times") != NULL, "it is told");
	ok(strstr(f.message, "secret") == NULL, "queries of targets are not shown");

	p = (struct media_peek){ .mem = mem, .public_only = true };
	ok(media_peek_begin(&p, "https://a.example.com/1", NOW, TIME_NONE), "another one");
	to.location = "http://b.example.com/x.png";
	ok(media_peek_take(&p, &to), "to http");
	ok(!media_peek_take(&p, &(struct media_answer){ .status = 404 }), "that refuses");
	f = media_peek_report(&p);
	ok(f.grade == MEDIA_WRONG && strstr(f.message, "answers 404") != NULL &&
		strstr(f.message, "(302) to http://b.example.com/x.png, without TLS") != NULL,
	    "status and target are told: %s", f.message);
}

static void
test_range_refused(struct arena *mem)
{
	static const struct media_answer refusals[] = {
		{ .status = 416, .range = "bytes */10" },
		{ .status = 400 },
		{ .status = 403 },
		{ .status = 405 },
		{ .status = 501 },
		{ .status = 206, .range = "bytes 100-101/300", BODY("xx"), .complete = true },
	};

	for (size_t i = 0; i < sizeof(refusals) / sizeof(refusals[0]); i++) {
		const struct media_answer *r = &refusals[i];
		struct media_peek p = { .mem = mem };

		ok(media_peek_begin(&p, URL, NOW, TIME_NONE) && p.ranged, "a range is asked for");
		ok(media_peek_take(&p, r) && !p.ranged, "%ld: again without one", r->status);
		ok(!media_peek_take(&p, r), "but only once");
		ok(media_peek_report(&p).grade != MEDIA_FINE, "and then it is a refusal");

		p = (struct media_peek){ .mem = mem };
		ok(media_peek_begin(&p, URL, NOW, TIME_NONE) && media_peek_take(&p, r) &&
			!media_peek_take(&p, &(struct media_answer){ IMAGE(PNG) }) &&
			media_peek_report(&p).grade == MEDIA_FINE,
		    "%ld: what comes without a range counts", r->status);
	}
}

/* What is shown of an address ends between characters: it is stored with the pin. */
static void
test_long_hosts(struct arena *mem)
{
	for (size_t pad = 0; pad < 2; pad++) {
		struct media_peek p = { .mem = mem, .public_only = true };
		struct media_answer to = { .status = 302 };
		const char *host = pad == 0 ? "" : "a";
		struct media_finding f;

		for (int i = 0; i < 100; i++)
			host = arena_printf(mem, "%s\xc3\xa4", host);
		ok(!media_peek_begin(&p, arena_printf(mem, "https://%s/a.png", host), NOW, NOW),
		    "a long host outside of ASCII is not fetched from");
		f = media_peek_report(&p);
		ok(strstr(f.message, "is private") != NULL &&
			utf8_valid(f.message, strlen(f.message)),
		    "what is said of it is whole: %s", f.message);
		p = (struct media_peek){ .mem = mem, .public_only = true };
		to.location = arena_printf(mem, "https://%s/a.png", host);
		ok(media_peek_begin(&p, URL, NOW, NOW) && !media_peek_take(&p, &to),
		    "nor after a redirect");
		f = media_peek_report(&p);
		ok(strstr(f.message, "It redirects") != NULL &&
			utf8_valid(f.message, strlen(f.message)),
		    "what is said of that is whole, too: %s", f.message);
	}
}

int
main(void)
{
	struct arena *mem = arena_new();

	test_answers(mem);
	test_addresses(mem);
	test_allowed(mem);
	test_redirects(mem);
	test_range_refused(mem);
	test_long_hosts(mem);
	arena_free(mem);
	return tap_done();
}
