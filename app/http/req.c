/*
 * Reads one request from libfcgi. Invariant: everything in struct req is complete and was decoded
 * exactly once; an ambiguous request is refused here.
 */
#include "app/http/req.h"

#include <fcgiapp.h>
#include <string.h>

#include "app/http/conn.h"
#include "app/http/refused.h"
#include "app/http/shares.h"
#include "app/http/target.h"
#include "lib/arena.h"
#include "lib/buf.h"
#include "lib/clock.h"
#include "lib/crypto.h"
#include "lib/event.h"
#include "lib/num.h"
#include "lib/problem.h"

/* A body that is there comes within this: so short a wait needs no place. */
#define BODY_GRACE_US (10 * US_PER_MS)
#define UNPLACED_RETRY_S 5

/* One body on its way. */
struct body_intake {
	struct conn *conn;
	int64_t began_us;
	size_t got;
	bool placed;
	size_t announced; /* with a Content-Length: what `body` has room for */
	char *body;
	struct buf all; /* without one */
};

enum env_name {
	ENV_REQUEST_METHOD,
	ENV_REQUEST_URI,
	ENV_REMOTE_ADDR,
	ENV_CONTENT_TYPE,
	ENV_CONTENT_LENGTH,
	ENV_CONTENT_ENCODING,
	ENV_AUTHORIZATION,
	ENV_API_KEY,
	ENV_IDEMPOTENCY_KEY,
	ENV_IF_NONE_MATCH,
	ENV_IF_MATCH,
	ENV_ORIGIN,
	ENV_ASKS_METHOD,
	ENV_ACCEPT,
	ENV_USER_AGENT,
	ENV_COOKIE,
	ENV_WEBHOOK_ID,
	ENV_REDIRECT_URI,
	ENV_REDIRECT_STATUS,
	ENV__NAMES
};

#define NAME(text, single)                                                                         \
	{                                                                                          \
		text, sizeof(text) - 1, single                                                     \
	}
/* `single`: may occur once only; a comma means that a proxy joined two headers. */
static const struct {
	const char *name;
	size_t len;
	bool single;
} names[ENV__NAMES] = {
	[ENV_REQUEST_METHOD] = NAME("REQUEST_METHOD", false),
	[ENV_REQUEST_URI] = NAME("REQUEST_URI", false),
	[ENV_REMOTE_ADDR] = NAME("REMOTE_ADDR", false),
	[ENV_CONTENT_TYPE] = NAME("CONTENT_TYPE", false),
	[ENV_CONTENT_LENGTH] = NAME("CONTENT_LENGTH", false),
	[ENV_CONTENT_ENCODING] = NAME("HTTP_CONTENT_ENCODING", false),
	[ENV_AUTHORIZATION] = NAME("HTTP_AUTHORIZATION", true),
	[ENV_API_KEY] = NAME("HTTP_X_API_KEY", true),
	[ENV_IDEMPOTENCY_KEY] = NAME("HTTP_IDEMPOTENCY_KEY", true),
	[ENV_IF_NONE_MATCH] = NAME("HTTP_IF_NONE_MATCH", false),
	[ENV_IF_MATCH] = NAME("HTTP_IF_MATCH", false),
	[ENV_ORIGIN] = NAME("HTTP_ORIGIN", false),
	[ENV_ASKS_METHOD] = NAME("HTTP_ACCESS_CONTROL_REQUEST_METHOD", false),
	[ENV_ACCEPT] = NAME("HTTP_ACCEPT", false),
	[ENV_USER_AGENT] = NAME("HTTP_USER_AGENT", false),
	[ENV_COOKIE] = NAME("HTTP_COOKIE", false),
	[ENV_WEBHOOK_ID] = NAME("HTTP_WEBHOOK_ID", false),
	[ENV_REDIRECT_URI] = NAME("REDIRECT_URI", false),
	[ENV_REDIRECT_STATUS] = NAME("REDIRECT_STATUS", false),
};

static const char *const methods[] = { "GET", "HEAD", "POST", "PATCH", "PUT", "DELETE", "OPTIONS",
	NULL };

/* Reads the parameters in one pass. NULL, or the name of an ambiguous header. */
static const char *
env_read(char **envp, const char *value[ENV__NAMES])
{
	const char *eq;
	size_t len;
	int n;

	for (; *envp != NULL; envp++) {
		eq = strchr(*envp, '=');
		if (eq == NULL)
			continue;
		len = (size_t)(eq - *envp);
		for (n = 0; n < ENV__NAMES; n++) {
			if (names[n].len != len || memcmp(names[n].name, *envp, len) != 0)
				continue;
			if (names[n].single && (value[n] != NULL || strchr(eq + 1, ',') != NULL))
				return names[n].name;
			if (value[n] == NULL)
				value[n] = eq + 1;
		}
	}
	return NULL;
}

static const char *
doubtful_header_message(const char *name, struct arena *mem)
{
	const char *header = strcmp(name, names[ENV_AUTHORIZATION].name) == 0 ? "Authorization"
			     : strcmp(name, names[ENV_API_KEY].name) == 0     ? "X-API-Key"
									      : "Idempotency-Key";

	return arena_printf(mem, "The header %s must occur once and hold one value.", header);
}

static const char *
method_name(const char *method)
{
	int n;

	for (n = 0; method != NULL && methods[n] != NULL; n++) {
		if (strcmp(method, methods[n]) == 0)
			return methods[n];
	}
	return "?";
}

/* Fills the request; the arena holds what libfcgi would overwrite. */
static void
env_copy(struct req *r, const char *const value[ENV__NAMES], struct arena *mem)
{
	const char *uri = value[ENV_REQUEST_URI], *ignored;

	r->method = method_name(value[ENV_REQUEST_METHOD]);
	r->target = arena_strdup(mem, uri != NULL ? uri : "");
	r->client_address = value[ENV_REMOTE_ADDR] != NULL ? value[ENV_REMOTE_ADDR] : "";
	r->content_type = target_content_type(value[ENV_CONTENT_TYPE], mem, &r->boundary);
	r->content_encoding = target_content_type(value[ENV_CONTENT_ENCODING], mem, &ignored);
	r->authorization = value[ENV_AUTHORIZATION];
	r->api_key = value[ENV_API_KEY];
	r->if_none_match = value[ENV_IF_NONE_MATCH];
	r->if_match = value[ENV_IF_MATCH];
	r->origin = value[ENV_ORIGIN];
	r->asks_method = value[ENV_ASKS_METHOD] != NULL;
	r->is_delivery =
	    value[ENV_WEBHOOK_ID] != NULL && value[ENV_USER_AGENT] != NULL &&
	    strncmp(value[ENV_USER_AGENT], EVENT_USER_AGENT, strlen(EVENT_USER_AGENT)) == 0;
	r->accept = value[ENV_ACCEPT] != NULL ? value[ENV_ACCEPT] : "";
	r->user_agent = value[ENV_USER_AGENT] != NULL ? value[ENV_USER_AGENT] : "";
	r->cookie = value[ENV_COOKIE];
	r->body = "";
	if (value[ENV_CONTENT_LENGTH] == NULL || *value[ENV_CONTENT_LENGTH] == '\0')
		r->announced = REQ_CHUNKED;
	else if (num_parse(value[ENV_CONTENT_LENGTH], 0, INT64_MAX, &r->announced) == -1)
		r->announced = REQ_BAD_LENGTH;
}

bool
req_head(struct req *r, struct FCGX_Request *fcgi, struct arena *mem, struct problem *why)
{
	const char *value[ENV__NAMES] = { NULL }, *twice, *text = NULL;
	unsigned char id[16];
	int refused;

	crypto_random(id, sizeof(id));
	(void)crypto_hex(id, sizeof(id), r->id);
	twice = env_read(fcgi->envp, value);
	env_copy(r, value, mem);
	refused = refused_status(value[ENV_REDIRECT_URI], value[ENV_REDIRECT_STATUS]);
	if (refused_bare_post(refused, r->target)) {
		r->method = "POST";
	} else if (refused != 0) {
		refused_problem(why, refused);
		return false;
	}
	if (twice != NULL) {
		problem_set(why, 400, "bad_request", doubtful_header_message(twice, mem));
		return false;
	}
	if (value[ENV_IDEMPOTENCY_KEY] != NULL) {
		r->idempotency_key = target_idempotency_key(value[ENV_IDEMPOTENCY_KEY], mem);
		if (r->idempotency_key == NULL) {
			problem_set(why, 400, "bad_request",
			    "The Idempotency-Key must be 1 to 255 visible ASCII characters.");
			return false;
		}
	}
	switch (target_parse(r, r->target, mem, &text)) {
	case TARGET_OK: return true;
	case TARGET_NONE:
		problem_set(why, 404, "not_found", "There is no such path.");
		return false;
	case TARGET_BAD: problem_set(why, 400, "bad_request", text); return false;
	}
	return false;
}

static bool
body_too_large(struct problem *why, size_t cap, struct arena *mem)
{
	problem_set(why, 413, "payload_too_large",
	    arena_printf(mem, "The body is larger than %zu bytes.", cap));
	return false;
}

static bool
body_cut(struct problem *why)
{
	problem_set(why, 400, "bad_request", "The body is incomplete.");
	return false;
}

static bool
body_late(struct problem *why)
{
	problem_set(why, 408, "request_timeout", "The request took too long to arrive.");
	why->remediation = "Send it again.";
	return false;
}

static bool
body_unplaced(struct problem *why)
{
	problem_set(why, 503, "service_unavailable",
	    "Too many slow requests are arriving at once; this one was not waited for.");
	why->remediation = "Send it again.";
	why->retry_after_s = UNPLACED_RETRY_S;
	return false;
}

static enum conn_rc
body_piece_read(struct body_intake *in, const char **bytes, size_t *len)
{
	const struct client_pace *pace = conn_pace(in->conn);
	enum conn_rc rc = conn_read(in->conn, bytes, len,
	    in->placed ? client_pace_end(pace, in->began_us, (int64_t)in->got)
		       : in->began_us + BODY_GRACE_US);

	if (rc == CONN_DATA)
		in->got += *len;
	return rc;
}

/* Hands every piece to `take` until it returns false. False: `why` is set. */
static bool
body_pieces_take(struct body_intake *in, const struct req_body_rules *rules,
    bool (*take)(struct body_intake *in, const char *bytes, size_t len), struct problem *why)
{
	const char *bytes;
	size_t len;

	for (;;) {
		switch (body_piece_read(in, &bytes, &len)) {
		case CONN_DATA:
			if (!take(in, bytes, len))
				return true;
			break;
		case CONN_END: return true;
		case CONN_CUT: return body_cut(why);
		case CONN_LATE:
			if (in->placed)
				return body_late(why);
			in->placed = shares_acquire(rules->waiting, rules->who);
			if (!in->placed)
				return body_unplaced(why);
			break;
		}
	}
}

static bool
announced_take(struct body_intake *in, const char *bytes, size_t len)
{
	if (in->got > in->announced)
		return false;
	memcpy(in->body + in->got - len, bytes, len);
	return true;
}

static bool
chunked_take(struct body_intake *in, const char *bytes, size_t len)
{
	return buf_add(&in->all, bytes, len) == 0;
}

/* A body with a Content-Length: exactly that many bytes. */
static bool
body_read_announced(struct req *r, struct body_intake *in, const struct req_body_rules *rules,
    struct arena *mem, struct problem *why)
{
	in->announced = (size_t)r->announced;
	in->body = arena_alloc(mem, in->announced + 1);
	if (!body_pieces_take(in, rules, announced_take, why))
		return false;
	if (in->got != in->announced)
		return body_cut(why);
	r->body = in->body;
	r->body_len = in->got;
	return true;
}

/* A chunked body, passed on as it arrives. */
static bool
body_read_chunked(struct req *r, struct body_intake *in, const struct req_body_rules *rules,
    struct arena *mem, struct problem *why)
{
	bool whole;

	buf_init(&in->all, rules->cap);
	whole = body_pieces_take(in, rules, chunked_take, why);
	if (whole && in->all.overflow)
		whole = body_too_large(why, rules->cap, mem);
	if (whole) {
		r->body = arena_strndup(mem, buf_str(&in->all), in->all.len);
		r->body_len = in->all.len;
	}
	buf_free(&in->all);
	return whole;
}

bool
req_body_fits(const struct req *r, size_t cap, struct arena *mem, struct problem *why)
{
	if (r->announced == REQ_BAD_LENGTH) {
		problem_set(why, 400, "bad_request", "Content-Length is not a number.");
		return false;
	}
	return r->announced == REQ_CHUNKED || (uint64_t)r->announced <= cap ||
	       body_too_large(why, cap, mem);
}

bool
req_body(struct req *r, struct conn *conn, const struct req_body_rules *rules, struct arena *mem,
    struct problem *why)
{
	struct body_intake in = { .conn = conn, .began_us = clock_mono_us() };
	bool whole = r->announced == REQ_CHUNKED ? body_read_chunked(r, &in, rules, mem, why)
						 : body_read_announced(r, &in, rules, mem, why);

	if (in.placed)
		shares_release(rules->waiting, rules->who);
	return whole;
}

void
req_body_drop(struct req *r, struct arena *mem)
{
	arena_drop(mem, r->body);
	r->body = "";
	r->body_len = 0;
}
