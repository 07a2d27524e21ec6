/*
 * Reads one request from libfcgi. Invariant: everything in struct req is complete and was decoded
 * exactly once; an ambiguous request is refused here.
 */
#include "app/http/req.h"

#include <fcgiapp.h>
#include <string.h>

#include "app/http/refused.h"
#include "app/http/target.h"
#include "lib/arena.h"
#include "lib/buf.h"
#include "lib/crypto.h"
#include "lib/num.h"
#include "lib/problem.h"

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
	ENV_ACCEPT,
	ENV_USER_AGENT,
	ENV_COOKIE,
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
	[ENV_ACCEPT] = NAME("HTTP_ACCEPT", false),
	[ENV_USER_AGENT] = NAME("HTTP_USER_AGENT", false),
	[ENV_COOKIE] = NAME("HTTP_COOKIE", false),
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

/* A body with a Content-Length: exactly that many bytes. */
static bool
body_read_announced(struct req *r, FCGX_Stream *in, size_t len, struct arena *mem)
{
	char *body = arena_alloc(mem, len + 1), more;
	int got = FCGX_GetStr(body, (int)len, in);

	if (got < 0 || (size_t)got != len || FCGX_GetStr(&more, 1, in) > 0)
		return false;
	r->body = body;
	r->body_len = len;
	return true;
}

/* A chunked body, passed on as it arrives. False: larger than `cap`. */
static bool
body_read_chunked(struct req *r, FCGX_Stream *in, size_t cap, struct arena *mem)
{
	char part[8192];
	struct buf all;
	int got;

	buf_init(&all, cap);
	do {
		got = FCGX_GetStr(part, (int)sizeof(part), in);
		if (got > 0)
			(void)buf_add(&all, part, (size_t)got);
	} while (got == (int)sizeof(part) && !all.overflow);
	r->body = arena_strndup(mem, buf_str(&all), all.len);
	r->body_len = all.len;
	got = all.overflow;
	buf_free(&all);
	return !got;
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
req_body(
    struct req *r, struct FCGX_Request *fcgi, size_t cap, struct arena *mem, struct problem *why)
{
	if (r->announced == REQ_CHUNKED) {
		if (!body_read_chunked(r, fcgi->in, cap, mem))
			return body_too_large(why, cap, mem);
	} else if (!body_read_announced(r, fcgi->in, (size_t)r->announced, mem)) {
		return body_cut(why);
	}
	if (FCGX_GetError(fcgi->in) != 0)
		return body_cut(why);
	return true;
}

void
req_body_drop(struct req *r, struct arena *mem)
{
	arena_drop(mem, r->body);
	r->body = "";
	r->body_len = 0;
}
