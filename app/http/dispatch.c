/*
 * Handles one request. Order of checks: 404, 405, then 413 and 415 as far as the headers tell, 401,
 * 403, query, and only now the body. Invariant: nobody's body is read before it is known who sends
 * it.
 */
#include "app/http/dispatch.h"

#include <json-c/json.h>
#include <string.h>

#include "app/http/admit.h"
#include "app/http/auth.h"
#include "app/http/conn.h"
#include "app/http/call.h"
#include "app/http/cors.h"
#include "app/http/if_match.h"
#include "app/http/idem.h"
#include "app/http/limits.h"
#include "app/http/query.h"
#include "app/http/route.h"
#include "app/http/server.h"
#include "app/http/shares.h"
#include "lib/arena.h"
#include "lib/clock.h"
#include "lib/json.h"
#include "lib/json_scan.h"
#include "lib/log.h"
#include "lib/utf8.h"

/* Lines in a minute about one project's refusals with one code. */
#define REFUSALS_LOGGED 10
#define IMPORT_RETRY_S 2

static const struct json_limits limits[] = {
	/* an empty object takes json-c 822 bytes */
	[SIZE_SMALL] = { .max_depth = 16, .max_values = 2000 },
	[SIZE_LIST] = { .max_depth = 16, .max_values = 2000 },
	[SIZE_LONG] = { .max_depth = 16, .max_values = 2000 },
	[SIZE_BATCH] = { .max_depth = 16, .max_values = BATCH_VALUES_MAX },
	[SIZE_IMPORT] = { .max_depth = 16, .max_values = IMPORT_VALUES_MAX },
};

/* NULL: the reply is 404, 405 or the 204 of OPTIONS. */
static const struct route *
request_route(struct call *c)
{
	const struct route *route = NULL;
	struct problem p = { 0 };

	switch (route_find(c->app->routes, c->app->routes_len, c->req, &route, c->param)) {
	case ROUTE_OK:
		c->route = route->pattern;
		c->query = route->query;
		/* a session that needs no more to switch the project opens another one */
		c->reads = route->scope == SCOPE_READ && route->access == AUTH_ANY;
		return route;
	case ROUTE_NO_PATH:
		reply_error(&c->reply, 404, "not_found", "There is no such path.");
		return NULL;
	case ROUTE_NO_METHOD:
		problem_set(&p, 405, "method_not_allowed", "This path does not take that method.");
		p.allow = route_allow(c->app->routes, c->app->routes_len, c->req, c->mem);
		reply_problem(&c->reply, &p);
		return NULL;
	case ROUTE_OPTIONS:
		reply_empty(&c->reply, 204);
		c->reply.allow = route_allow(c->app->routes, c->app->routes_len, c->req, c->mem);
		return NULL;
	}
	return NULL;
}

static bool
is_json_type(const char *type)
{
	size_t len = strlen(type);

	return strcmp(type, "application/json") == 0 ||
	       (len > 5 && strcmp(type + len - 5, "+json") == 0);
}

static bool
is_body_empty(const struct req *r)
{
	return strspn(r->body, " \t\r\n") == r->body_len;
}

/* Why a body of that type and encoding is not read; NULL: it is. */
static const char *
media_fault(const struct call *c, enum route_body body)
{
	const struct req *r = c->req;

	if (r->content_encoding[0] != '\0' && strcmp(r->content_encoding, "identity") != 0)
		return arena_printf(
		    c->mem, "The body is encoded (%s); send it plain.", r->content_encoding);
	if (body == BODY_NONE)
		return NULL;
	if (body == BODY_MULTIPART)
		return strcmp(r->content_type, "multipart/form-data") == 0 && r->boundary != NULL
			   ? NULL
			   : "The body must be multipart/form-data with a boundary.";
	return is_json_type(r->content_type) ? NULL : "The body must be application/json.";
}

static bool
media_accepted(struct call *c, const char *fault)
{
	if (fault != NULL)
		reply_error(&c->reply, 415, "unsupported_media_type", fault);
	return fault == NULL;
}

/* What the headers tell of the body. False: the reply is 400 (a bad length), 413 or 415. */
static bool
body_head_check(struct call *c, const struct route *route, size_t cap)
{
	struct problem why = { 0 };

	if (!req_body_fits(c->req, cap, c->mem, &why)) {
		reply_problem(&c->reply, &why);
		return false;
	}
	/* A body that may be missing may also be blank, of whatever type: that is seen later. */
	return c->req->announced <= 0 || route->body == BODY_MAYBE ||
	       media_accepted(c, media_fault(c, route->body));
}

/* What only the body tells. False: the reply is 400 (a body is missing) or 415. */
static bool
body_content_check(struct call *c, enum route_body body)
{
	const struct req *r = c->req;
	bool is_json = body != BODY_NONE && body != BODY_MULTIPART;

	if (is_body_empty(r) && is_json) {
		if (body != BODY_MAYBE)
			reply_error(&c->reply, 400, "bad_request", "This needs a JSON body.");
		return body == BODY_MAYBE;
	}
	if (r->body_len > 0 && (r->announced < 0 || body == BODY_MAYBE) &&
	    !media_accepted(c, media_fault(c, body)))
		return false;
	if (is_json && r->body_len >= 2 && memcmp(r->body, "\x1f\x8b", 2) == 0)
		return media_accepted(c, "The body is compressed with gzip; send it plain.");
	return true;
}

/* 400, with the place in bytes, lines and characters. */
static void
refuse_json(struct call *c, const struct json_fault *fault)
{
	const char *line = c->req->body, *at = c->req->body + fault->offset, *end;
	size_t lines = 1;

	while ((end = memchr(line, '\n', (size_t)(at - line))) != NULL) {
		line = end + 1;
		lines++;
	}
	reply_error(&c->reply, 400, "bad_request",
	    arena_printf(c->mem,
		"The body is not acceptable JSON: %s (at byte %zu: line %zu, column %zu).",
		fault->reason, fault->offset, lines, utf8_length(line, (size_t)(at - line)) + 1));
}

/* False: the reply is a 422. */
static bool
query_known(struct call *c)
{
	struct problem why = { 0 };

	query_check(c->req, c->query, c->mem, &why);
	return !call_refused(c, &why);
}

/* False: the reply is 400 (not JSON) or 422 (not the right kind). */
static bool
body_parse(struct call *c, const struct route *route)
{
	bool rows = route->body == BODY_ROWS; /* parsed one by one, so that few are in memory */
	struct problem p = { 0 };
	struct json_fault fault;

	if (route->body == BODY_NONE || route->body == BODY_MULTIPART || is_body_empty(c->req))
		return true;
	if (rows ? json_scan(c->req->body, c->req->body_len, &limits[route->size], &fault) == -1
		 : (c->json = json_parse(
			c->req->body, c->req->body_len, &limits[route->size], &fault)) == NULL) {
		refuse_json(c, &fault);
		return false;
	}
	if (rows ? json_is_array(c->req->body, c->req->body_len)
		 : json_object_is_type(c->json, json_type_object))
		return true;
	problem_field(&p, c->mem, "", rows ? "must be a JSON array" : "must be a JSON object");
	reply_problem(&c->reply, &p);
	return false;
}

/* False: the reply is a refusal, because the project has too many stored ones. */
static bool
reply_room(struct call *c)
{
	struct problem why = { 0 };
	enum db_rc rc = DB_OK;

	if (c->who.kind != WHO_NOBODY)
		rc = limits_claim(c, LIMIT_STORED_REPLIES, &c->who.project_id, 1, &why);
	return !call_refused(c, &why) && call_found(c, rc, NULL);
}

/* True: the reply is set, to an earlier one under the same Idempotency-Key or to a refusal. */
static bool
answered_before(struct call *c)
{
	enum db_rc rc;

	if (!idem_wanted(c))
		return false;
	idem_start(c);
	switch (idem_find(c, &rc)) {
	case IDEM_NONE: return !reply_room(c);
	case IDEM_REPLAYED:
	case IDEM_CONFLICT: return true;
	case IDEM_ERROR: call_db_error(c, rc); return true;
	}
	return true;
}

static void
handler_run(struct call *c, const struct route *route)
{
	enum db_rc rc;

	if (!if_match_routed(c) || answered_before(c))
		return;
	route->handler(c);
	if (!idem_wanted(c) || c->idem_done)
		return;
	if (c->reply.status >= 300) {
		/* Keep the refusal unless an equal request that finished first caused it. */
		(void)idem_find(c, &rc);
		return;
	}
	rc = idem_store(c);
	if (rc != DB_OK && rc != DB_DUP)
		log_warn("event=idempotency_not_stored request=%s route=%s result=%s", c->req->id,
		    c->route, db_rc_name(rc));
}

/* False: the reply is 400, 408, 413, 415 or 503. */
static bool
body_read(struct call *c, const struct route *route, struct req *r, struct conn *conn, size_t cap)
{
	/* Strangers share one part of the places. */
	static const struct uuid stranger = { { 0xff } };
	struct req_body_rules rules = { .cap = cap, .waiting = c->app->bodies };
	struct problem why = { 0 };

	rules.who = c->who.kind != WHO_NOBODY ? &c->who.organization_id : &stranger;
	conn_owner(conn, rules.who);
	if (route->body == BODY_NONE)
		return true;
	if (!req_body(r, conn, &rules, c->mem, &why)) {
		reply_problem(&c->reply, &why);
		return false;
	}
	return body_content_check(c, route->body);
}

/* An import is in memory as a whole, several times. False: the reply is 503. */
static bool
import_place(struct call *c, const struct route *route)
{
	struct problem why = { 0 };

	if (!ROUTE_UPLOADS(route->size) || shares_acquire(c->app->imports, &c->who.organization_id))
		return true;
	problem_set(&why, 503, "service_unavailable", "Too many imports are arriving at once.");
	why.remediation = "Send it again.";
	why.retry_after_s = IMPORT_RETRY_S;
	reply_problem(&c->reply, &why);
	return false;
}

/* An event that is delivered to us could cause the next one. False: the reply is 403. */
static bool
no_delivery(struct call *c)
{
	if (c->req->is_delivery)
		reply_error(&c->reply, 403, "webhook_loop",
		    "This is the API that sends the webhooks: it takes none.");
	return !c->req->is_delivery;
}

static void
request_handle(struct call *c, struct req *r, struct conn *conn)
{
	const struct route *route = request_route(c);
	const struct conf *conf = c->app->conf;
	size_t cap;

	if (route == NULL || !no_delivery(c))
		return;
	cap = (size_t)(ROUTE_UPLOADS(route->size) ? conf->max_import_bytes : conf->max_body_bytes);
	if (!body_head_check(c, route, cap) || !auth_check(c, route->access) ||
	    (c->who.kind != WHO_NOBODY && !admit_call(c, route->size)) ||
	    !auth_permitted(c, route->scope, route->permission) || !query_known(c))
		return;
	/* Whoever comes as far as this is known, and nothing of the body has been read. */
	if (!import_place(c, route))
		return;
	if (body_read(c, route, r, conn, cap) && body_parse(c, route))
		handler_run(c, route);
	if (ROUTE_UPLOADS(route->size))
		shares_release(c->app->imports, &c->who.organization_id);
}

/* Who asked: " key=ID project=ID", with person or status_token for key,, or "" when that is not
 * known. */
static const char *
who_text(const struct call *c)
{
	static const char *const words[] = {
		[WHO_SESSION] = "person", [WHO_KEY] = "key", [WHO_POLLER] = "status_token"
	};
	const struct principal *who = &c->who;
	char id[UUID_TEXT_SIZE], project[UUID_TEXT_SIZE];

	if (who->kind == WHO_NOBODY)
		return "";
	uuid_format(who->kind == WHO_SESSION ? &who->user_id : &who->key_id, id);
	return arena_printf(c->mem, " %s=%s project=%s", words[who->kind], id,
	    uuid_format_project(&who->project_id, project));
}

/* The address is left out: its query may hold anything. */
static void
request_log(const struct call *c, int64_t began_us)
{
	long long ms = (clock_mono_us() - began_us) / US_PER_MS;
	const char *code = c->reply.error_code != NULL ? c->reply.error_code : "-";
	const char *who = who_text(c), *project = strstr(who, " project="), *line;
	int status = c->reply.status;

	line = arena_printf(c->mem, "event=request id=%s method=%.16s route=%s status=%d ms=%lld",
	    c->req->id, c->req->method != NULL ? c->req->method : "-",
	    c->route != NULL ? c->route : "-", status, ms);
	if (status < 400)
		log_debug("%s%s", line, who);
	else
		log_counted(status < 500 ? LOG_LVL_INFO : LOG_LVL_WARN, REFUSALS_LOGGED,
		    arena_printf(c->mem, "event=request status=%d code=%s%s", status, code,
			project != NULL ? project : ""),
		    "%s code=%s%s", line, code, who);
}

/* Also refusals that come before the credential is looked at may be read by the page. */
static void
cors_begin(struct call *c)
{
	const char *allowed = c->app->conf->cors_origins;

	c->reply.by_origin = allowed != NULL;
	c->reply.origin = cors_match(allowed, c->req->origin);
	c->reply.preflight = cors_preflight(&c->reply, c->req);
}

bool
dispatch_request(const struct app *app, const struct server_thread *t, struct FCGX_Request *fcgi)
{
	struct req r = { 0 };
	struct call c = { .app = app, .db = t->db, .mem = t->mem, .req = &r };
	struct problem why = { 0 };
	int64_t began_us = clock_mono_us();
	bool readable;

	c.now_us = clock_wall_us();
	reply_start(&c.reply, t->mem, r.id);
	readable = req_head(&r, fcgi, t->mem, &why);
	cors_begin(&c);
	if (c.reply.preflight)
		reply_empty(&c.reply, 204);
	else if (readable)
		request_handle(&c, &r, t->conn);
	else
		reply_problem(&c.reply, &why);
	reply_write(&c.reply, &r, fcgi);
	reply_end(&c.reply);
	admit_end(&c);
	request_log(&c, began_us);
	json_object_put(c.json);
	return c.wake_worker;
}
