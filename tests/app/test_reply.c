#include "app/http/reply.h"

#include <fcgiapp.h>
#include <json-c/json.h>

#include "app/http/req.h"
#include "lib/arena.h"
#include "lib/json.h"
#include "lib/problem.h"
#include "tests/tap.h"

#define OUT_MAX 8192

/* What reply_write() sent, as text. */
struct sent {
	struct FCGX_Request fcgi;
	struct FCGX_Stream stream;
	char text[OUT_MAX];
};

static const char *
send_reply(struct sent *s, const struct reply *r, const char *method, const char *if_none_match)
{
	const struct req req = { .method = method, .if_none_match = if_none_match };

	memset(s, 0, sizeof(*s));
	s->stream.wrNext = (unsigned char *)s->text;
	s->stream.stop = s->stream.wrNext + OUT_MAX - 1;
	s->fcgi.out = &s->stream;
	reply_write(r, &req, &s->fcgi);
	return s->text;
}

/* The value of a header in the arena; NULL: it was not sent. */
static const char *
header(const char *text, const char *name, struct arena *mem)
{
	const char *end = strstr(text, "\r\n\r\n"), *line = text;
	size_t len = strlen(name);

	while (line != NULL && line < end) {
		if (strncmp(line, name, len) == 0 && strncmp(line + len, ": ", 2) == 0)
			return arena_strndup(mem, line + len + 2, strcspn(line + len + 2, "\r"));
		line = strstr(line, "\r\n");
		line = line != NULL ? line + 2 : NULL;
	}
	return NULL;
}

static const char *
body_of(const char *text)
{
	return strstr(text, "\r\n\r\n") + 4;
}

static struct json_object *
one_field(const char *name, const char *value)
{
	struct json_object *o = json_object_new_object();

	json_put_text(o, name, value);
	return o;
}

static void
test_json(struct arena *mem)
{
	struct reply r;
	struct sent s;
	const char *text;

	reply_start(&r, mem, "0123abcd");
	is_int(r.status, 500, "a reply that nobody sets is a 500");
	reply_json(&r, 201, one_field("a", "b"));
	r.total = 7;
	text = send_reply(&s, &r, "POST", NULL);
	ok(strncmp(text, "Status: 201 Created\r\n", 21) == 0,
	    "the status comes first, with its reason");
	is_str(header(text, "X-Request-Id", mem), "0123abcd", "the request id is sent");
	is_str(header(text, "Content-Type", mem), "application/json", "JSON is sent as JSON");
	is_str(header(text, "Content-Length", mem), "9", "the length is the body's");
	is_str(header(text, "X-Total-Count", mem), "7", "a total is sent when it is set");
	is_str(header(text, "Cache-Control", mem), "no-store", "a reply is not stored by caches");
	is_str(
	    header(text, "X-Content-Type-Options", mem), "nosniff", "browsers may not guess types");
	is_str(header(text, "ETag", mem), NULL, "no ETag without being asked for one");
	is_str(body_of(text), "{\"a\":\"b\"}", "the body is the JSON");
	reply_json(&r, 200, one_field("a", "b"));
	text = send_reply(&s, &r, "GET", NULL);
	is_str(header(text, "X-Total-Count", mem), NULL, "setting a reply again forgets its total");
	text = send_reply(&s, &r, "HEAD", NULL);
	is_str(header(text, "Content-Length", mem), "9", "HEAD tells the length");
	is_str(body_of(text), "", "HEAD has no body");
	r.replayed = 1;
	is_str(header(send_reply(&s, &r, "POST", NULL), "Idempotent-Replayed", mem), "true",
	    "a replayed reply says so");
}

static void
test_etag(struct arena *mem)
{
	struct reply r;
	struct sent s;
	const char *tag, *text;

	reply_start(&r, mem, "id");
	reply_json(&r, 200, one_field("a", "b"));
	r.etag = 1;
	text = send_reply(&s, &r, "GET", NULL);
	tag = header(text, "ETag", mem);
	ok(tag != NULL && strlen(tag) == 34 && tag[0] == '"', "the ETag is 32 hex in quotes");
	is_str(header(text, "Cache-Control", mem), "private, no-cache",
	    "a reply with an ETag may be kept privately");
	text = send_reply(&s, &r, "GET", tag);
	ok(strncmp(text, "Status: 304 Not Modified\r\n", 26) == 0, "the same ETag gets a 304");
	is_str(body_of(text), "", "a 304 has no body");
	is_str(header(text, "Content-Length", mem), NULL, "a 304 has no length");
	is_str(header(text, "ETag", mem), tag, "a 304 repeats the ETag");
	text = send_reply(&s, &r, "GET", arena_printf(mem, "\"x\", W/%s", tag));
	ok(strncmp(text, "Status: 304", 11) == 0, "a weak tag in a list matches");
	text = send_reply(&s, &r, "HEAD", "*");
	ok(strncmp(text, "Status: 304", 11) == 0, "a star matches");
	text = send_reply(&s, &r, "GET", "\"x\"");
	ok(strncmp(text, "Status: 200", 11) == 0, "another tag gets the body");
	text = send_reply(&s, &r, "GET", arena_strndup(mem, tag, strlen(tag) - 1));
	ok(strncmp(text, "Status: 200", 11) == 0, "a tag cut short does not match");
	text = send_reply(&s, &r, "PATCH", tag);
	ok(strncmp(text, "Status: 200", 11) == 0, "only GET and HEAD are conditional");
	r.has_secret = 1;
	text = send_reply(&s, &r, "GET", tag);
	is_str(header(text, "ETag", mem), NULL, "a body with a secret has no ETag");
	is_str(
	    header(text, "Cache-Control", mem), "no-store", "a body with a secret is not stored");
	reply_json(&r, 200, one_field("a", "c"));
	r.etag = 1;
	text = header(send_reply(&s, &r, "GET", NULL), "ETag", mem);
	ok(text != NULL && strcmp(text, tag) != 0, "another body has another ETag");
}

static void
test_problem(struct arena *mem)
{
	struct problem p = { 0 };
	struct json_object *o, *code;
	struct reply r;
	struct sent s;
	const char *text;

	reply_start(&r, mem, "req-1");
	problem_set(&p, 503, "service_unavailable", "Busy.");
	p.retry_after_s = 5;
	reply_problem(&r, &p);
	is_str(
	    r.error_code, "service_unavailable", "the reply keeps the error code for bulk results");
	is_str(r.error_message, "Busy.", "the reply keeps the message for bulk results");
	text = send_reply(&s, &r, "GET", NULL);
	is_str(header(text, "Status", mem), "503 Service Unavailable", "the problem's status");
	is_str(header(text, "Content-Type", mem), "application/problem+json", "its media type");
	is_str(header(text, "Retry-After", mem), "5", "Retry-After is the problem's");
	is_str(header(text, "WWW-Authenticate", mem), NULL, "WWW-Authenticate is for a 401 only");
	o = json_tokener_parse(body_of(text));
	ok(json_object_object_get_ex(o, "code", &code) &&
		strcmp(json_object_get_string(code), "service_unavailable") == 0,
	    "the body names the code");
	json_object_put(o);
	reply_error(&r, 401, "unauthorized", "Sign in.");
	text = send_reply(&s, &r, "GET", NULL);
	is_str(header(text, "WWW-Authenticate", mem), "Bearer", "a 401 says how to authenticate");
	is_str(header(text, "Retry-After", mem), NULL, "Retry-After does not outlive its problem");
	reply_json(&r, 200, one_field("a", "b"));
	is_str(r.error_code, NULL, "a success has no error code");
}

static void
test_headers(struct arena *mem)
{
	struct reply r;
	struct sent s;
	const char *text;

	reply_start(&r, mem, "id");
	reply_redirect(&r, "https://a.example/x?y=1");
	text = send_reply(&s, &r, "GET", NULL);
	is_str(header(text, "Status", mem), "302 Found", "a redirect is a 302");
	is_str(header(text, "Location", mem), "https://a.example/x?y=1", "it has a Location");
	reply_redirect(&r, "https://a.example/\r\nSet-Cookie: x=1");
	text = send_reply(&s, &r, "GET", NULL);
	is_str(header(text, "Location", mem), NULL, "a value with a line break is not sent");
	ok(strstr(text, "Set-Cookie") == NULL, "a value cannot add a header");
	reply_empty(&r, 204);
	text = send_reply(&s, &r, "DELETE", NULL);
	is_str(header(text, "Status", mem), "204 No Content", "an empty reply is a 204");
	is_str(header(text, "Content-Length", mem), NULL, "a 204 has no length");
	reply_text(&r, 200, "text/html", "<p>");
	text = send_reply(&s, &r, "GET", NULL);
	is_str(header(text, "Content-Type", mem), "text/html", "text has the type it was given");
	is_str(body_of(text), "<p>", "text is sent as it is");
	reply_empty(&r, 299);
	text = send_reply(&s, &r, "GET", NULL);
	is_str(header(text, "Status", mem), "299 Status", "an unknown status still has a reason");
}

int
main(void)
{
	struct arena *mem = arena_new();

	test_json(mem);
	test_etag(mem);
	test_problem(mem);
	test_headers(mem);
	arena_free(mem);
	return tap_done();
}
