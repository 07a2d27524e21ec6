/*
 * Faults: parses them, chooses one, applies it to a reply. Only replies are damaged, never what a
 * request has done.
 */
#include "app/sandbox/sim_faults.h"

#include <string.h>

#include "app/sandbox/sim_call.h"
#include "app/sandbox/sim_fields.h"
#include "app/sandbox/sim_view.h"
#include "lib/arena.h"
#include "lib/crypto.h"
#include "lib/json.h"
#include "sql/sandbox_stmt.h"

static const char *const kind_names[SIM_FAULT__COUNT] = { "none", "delay_ms", "status", "html_500",
	"lost", "foreign", "revoke", "lost_after", "html_500_after", "foreign_after", "no_rid",
	"truncate", "empty", "no_id", "slow_body", "oversized", "wrong_length", "bad_utf8",
	"short_list", "bookmark_loop" };

/* A fault of that kind with defaults otherwise. */
static struct sim_fault
sim_fault_make(enum sim_fault_kind kind, const char *name)
{
	struct sim_fault f = { .kind = kind, .status = 500, .reset_s = -1, .name = name };

	f.message = "Sorry! Something went wrong on our end.";
	if (kind != SIM_FAULT_FOREIGN && kind != SIM_FAULT_FOREIGN_AFTER)
		return f;
	f.status = 403;
	f.type = "text/html";
	f.body =
	    "<!DOCTYPE html>\n<html><head><title>Access denied</title><style>h1 { color: red "
	    "}</style></head>\n<body><h1>Access denied</h1>The policy of your network does not "
	    "allow this.</body></html>\n";
	return f;
}

/* The text `name` of the fault, or `text` when it has none. */
static const char *
fault_text(struct json_object *o, const char *name, const char *text, struct arena *mem)
{
	struct json_object *v = json_object_object_get(o, name);

	return json_object_is_type(v, json_type_string)
		   ? arena_strdup(mem, json_object_get_string(v))
		   : text;
}

const char *
sim_fault_parse(struct sim_fault *f, struct json_object *o, struct arena *mem)
{
	const char *kind = json_object_get_string(json_object_object_get(o, "kind"));
	int k;

	for (k = 0; k < SIM_FAULT__COUNT; k++)
		if (kind != NULL && strcmp(kind, kind_names[k]) == 0)
			break;
	if (k == SIM_FAULT__COUNT)
		return "fault.kind is not known";
	*f = sim_fault_make((enum sim_fault_kind)k, kind_names[k]);
	f->status = (int)sim_field_number(o, "status", f->status);
	if (f->status < 200 || f->status > 599)
		return "fault.status must be 200 to 599";
	f->code = sim_field_number(o, "code", 0);
	f->message = fault_text(o, "message", f->message, mem);
	f->type = fault_text(o, "type", f->type, mem);
	f->body = fault_text(o, "body", f->body, mem);
	f->location = fault_text(o, "location", f->location, mem);
	f->before_ms = sim_field_number(o, "before_ms", sim_field_number(o, "ms", 0));
	f->after_ms = sim_field_number(o, "after_ms", 0);
	f->reset_s = sim_field_number(o, "reset_s", -1);
	f->retry_after_s = sim_field_number(o, "retry_after_s", 0);
	f->byte_ms = sim_field_number(o, "byte_ms", 1000);
	f->bytes = sim_field_number(o, "bytes", 64 * 1024 * 1024);
	if (f->bytes < 0 || f->bytes > 256 * 1024 * 1024)
		return "fault.bytes must be 0 to 268435456";
	return NULL;
}

/* Reproducible by seed: the n-th matching request always gets the same result. */
static bool
chance_draw(int64_t seed, int64_t n, int64_t permille)
{
	int64_t in[2] = { seed, n };
	unsigned char hash[SHA256_SIZE];

	crypto_sha256(in, sizeof(in), hash);
	return (hash[0] << 8 | hash[1]) % 1000 < permille;
}

static void
armed_fault_load(struct sim_call *c, const char *text)
{
	const struct json_limits limits = { 3, 100 };
	struct json_fault bad;
	struct json_object *o = json_parse(text, strlen(text), &limits, &bad);

	if (o == NULL || sim_fault_parse(&c->fault, o, c->mem) != NULL)
		c->fault = sim_fault_make(SIM_FAULT_NONE, NULL);
	json_object_put(o);
}

void
sim_fault_take(struct sim_call *c)
{
	int64_t id, permille, seed, seen;
	const char *text;

	while (c->armed) {
		bool hit;

		if (db_row(c->db,
			SBX_IN(armed_faults_find, .method = db_text(c->req->method),
			    .path = db_text(c->req->path),
			    .board = c->board_id ? db_int(c->board_id) : db_null(),
			    .user = c->user_id ? db_int(c->user_id) : db_null()),
			SBX_OUT(armed_faults_find, .id = db_get_int(&id),
			    .permille = db_get_int(&permille), .seed = db_get_int(&seed),
			    .seen = db_get_int(&seen), .fault = db_get_text(&text))) != DB_OK)
			return;
		hit = chance_draw(seed, seen, permille);
		switch (db_exec(c->db,
		    SBX_IN(armed_faults_take, .hit = db_int(hit), .id = db_int(id),
			.seen = db_int(seen)),
		    NULL)) {
		case DB_OK:
			if (hit)
				armed_fault_load(c, text);
			return;
		case DB_NONE:
		case DB_RETRY: break; /* another request took it: try the next */
		case DB_DUP:
		case DB_DOWN:
		case DB_UNKNOWN:
		case DB_FAIL: return;
		}
	}
}

bool
sim_fault_instead(const struct sim_fault *f)
{
	return f->kind >= SIM_FAULT_STATUS && f->kind <= SIM_FAULT_REVOKE;
}

int
sim_fault_status(const struct sim_fault *f, int status)
{
	if (!sim_fault_instead(f) && status >= 300)
		return status;
	if (f->kind == SIM_FAULT_STATUS || f->kind == SIM_FAULT_HTML ||
	    f->kind == SIM_FAULT_HTML_AFTER || f->kind == SIM_FAULT_FOREIGN ||
	    f->kind == SIM_FAULT_FOREIGN_AFTER)
		return f->status;
	if (f->kind == SIM_FAULT_LOST || f->kind == SIM_FAULT_LOST_AFTER ||
	    f->kind == SIM_FAULT_WRONG_LENGTH)
		return 0;
	return f->kind == SIM_FAULT_REVOKE ? 401 : status;
}

static void
fault_headers_set(struct sim_call *c)
{
	c->reply.fault = c->fault.name;
	c->reply.retry_after_s = c->fault.retry_after_s;
	if (c->fault.reset_s >= 0) {
		c->reply.remaining = 0;
		c->reply.reset_s = c->fault.reset_s;
	}
}

/* As a proxy in front of Pinterest answers: none of Pinterest's headers. */
static void
foreign_reply_set(struct sim_call *c)
{
	sim_reply_text(&c->reply, c->fault.status, c->fault.type, c->fault.body);
	c->reply.location = c->fault.location;
	c->reply.rid = NULL;
	c->reply.limit = NULL;
}

void
sim_fault_before(struct sim_call *c)
{
	if (!sim_fault_instead(&c->fault)) {
		/* what is done late is done in this thread; only tests can ask for it */
		sim_sleep(c->fault.before_ms, c->stop_fd);
		return;
	}
	c->hold_ms += c->fault.before_ms;
	if (c->fault.kind == SIM_FAULT_REVOKE) {
		(void)db_exec(
		    c->db, SBX_IN(tokens_revoke_by_user, .user = db_int(c->user_id)), NULL);
		sim_view_error(c, 401, 2, "Authentication failed.");
	} else if (c->fault.kind == SIM_FAULT_STATUS) {
		sim_view_error(c, c->fault.status, c->fault.code, c->fault.message);
	} else if (c->fault.kind == SIM_FAULT_FOREIGN) {
		foreign_reply_set(c);
	} else {
		sim_view_html(c, c->fault.status);
	}
	if (c->fault.kind == SIM_FAULT_LOST) {
		c->reply.status = 200;
		c->reply.cut = SIM_CUT_LOST;
	}
}

static void
body_oversize(struct sim_call *c)
{
	size_t len = (size_t)c->fault.bytes;
	char *body = arena_alloc(c->mem, len + 1);

	memset(body, ' ', len);
	if (len > c->reply.body_len)
		memcpy(body, c->reply.body, c->reply.body_len);
	c->reply.body = body;
	c->reply.body_len = len;
}

/* Overwrites the first `what` in the body with `by`. */
static void
body_spoil(struct sim_call *c, const char *what, const char *by)
{
	char *body = arena_strndup(c->mem, c->reply.body, c->reply.body_len);
	char *at = strstr(body, what);

	if (at != NULL)
		memcpy(at, by, strlen(by));
	c->reply.body = body;
}

void
sim_fault_after(struct sim_call *c)
{
	struct sim_reply *r = &c->reply;

	if (c->fault.kind == SIM_FAULT_NONE)
		return;
	fault_headers_set(c);
	c->hold_ms += c->fault.after_ms;
	if (c->fault.kind == SIM_FAULT_NO_RID)
		r->rid = NULL;
	if (r->status >= 300)
		return; /* refused: there is no result to lose */
	switch (c->fault.kind) {
	case SIM_FAULT_LOST_AFTER:
		r->status = 200;
		r->cut = SIM_CUT_LOST;
		break;
	case SIM_FAULT_HTML_AFTER: sim_view_html(c, c->fault.status); break;
	case SIM_FAULT_FOREIGN_AFTER: foreign_reply_set(c); break;
	case SIM_FAULT_TRUNCATE: r->body_len /= 2; break;
	case SIM_FAULT_EMPTY: r->body_len = 0; break;
	case SIM_FAULT_NO_ID: body_spoil(c, "\"id\":", "\"ix\":"); break;
	case SIM_FAULT_SLOW_BODY:
		r->cut = SIM_CUT_SLOW;
		r->slow_ms = c->fault.byte_ms;
		break;
	case SIM_FAULT_OVERSIZED: body_oversize(c); break;
	case SIM_FAULT_WRONG_LENGTH: r->cut = SIM_CUT_SHORT; break;
	case SIM_FAULT_BAD_UTF8: body_spoil(c, "\"title\":\"", "\"title\":\"\xff"); break;
	case SIM_FAULT_NONE:
	case SIM_FAULT_DELAY:
	case SIM_FAULT_STATUS:
	case SIM_FAULT_HTML:
	case SIM_FAULT_LOST:
	case SIM_FAULT_FOREIGN:
	case SIM_FAULT_NO_RID:
	case SIM_FAULT_REVOKE:
	case SIM_FAULT_SHORT_LIST:
	case SIM_FAULT_LOOP:
	case SIM_FAULT__COUNT: break;
	}
}
