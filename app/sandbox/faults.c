/*
 * Faults: reading them, choosing one, doing them to a reply. Only the reply is ever damaged here;
 * what was done stays done.
 */
#include "app/sandbox/faults.h"

#include <inttypes.h>
#include <string.h>

#include "app/sandbox/call.h"
#include "app/sandbox/view.h"
#include "lib/arena.h"
#include "lib/crypto.h"
#include "lib/json.h"
#include "sql/sandbox_stmt.h"

static const char *const kind_names[FAULT__COUNT] = { "none", "delay_ms", "status", "html_500",
	"lost", "revoke", "lost_after", "html_500_after", "truncate", "empty", "no_id", "slow_body",
	"oversized", "wrong_length", "bad_utf8", "short_list", "bookmark_loop" };

struct fault
faults_make(enum fault_kind kind, const char *name)
{
	struct fault f = { .kind = kind, .status = 500, .reset_s = -1, .name = name };

	f.message = "Sorry! Something went wrong on our end.";
	return f;
}

static int64_t
number(struct json_object *o, const char *name, int64_t absent)
{
	struct json_object *v = json_object_object_get(o, name);

	return json_object_is_type(v, json_type_int) ? json_object_get_int64(v) : absent;
}

const char *
faults_parse(struct fault *f, struct json_object *o, struct arena *mem)
{
	const char *kind = json_object_get_string(json_object_object_get(o, "kind"));
	struct json_object *message = json_object_object_get(o, "message");
	int k;

	for (k = 0; k < FAULT__COUNT; k++)
		if (kind != NULL && strcmp(kind, kind_names[k]) == 0)
			break;
	if (k == FAULT__COUNT)
		return "fault.kind is not known";
	*f = faults_make((enum fault_kind)k, kind_names[k]);
	f->status = (int)number(o, "status", f->status);
	if (f->status < 200 || f->status > 599)
		return "fault.status must be 200 to 599";
	f->code = number(o, "code", 0);
	if (json_object_is_type(message, json_type_string))
		f->message = arena_strdup(mem, json_object_get_string(message));
	f->before_ms = number(o, "before_ms", number(o, "ms", 0));
	f->after_ms = number(o, "after_ms", 0);
	f->reset_s = number(o, "reset_s", -1);
	f->retry_after_s = number(o, "retry_after_s", 0);
	f->byte_ms = number(o, "byte_ms", 1000);
	f->bytes = number(o, "bytes", 64 * 1024 * 1024);
	if (f->bytes < 0 || f->bytes > 256 * 1024 * 1024)
		return "fault.bytes must be 0 to 268435456";
	return NULL;
}

/* Reproducible by seed: the n-th matching request always gets the same draw. */
static bool
draw(int64_t seed, int64_t n, int64_t permille)
{
	int64_t in[2] = { seed, n };
	unsigned char hash[SHA256_SIZE];

	crypto_sha256(in, sizeof(in), hash);
	return (hash[0] << 8 | hash[1]) % 1000 < permille;
}

static void
load(struct call *c, const char *text)
{
	const struct json_limits limits = { 3, 100 };
	struct json_fault bad;
	struct json_object *o = json_parse(text, strlen(text), &limits, &bad);

	if (o == NULL || faults_parse(&c->fault, o, c->mem) != NULL)
		c->fault = faults_make(FAULT_NONE, NULL);
	json_object_put(o);
}

void
faults_arm(struct call *c)
{
	int64_t id, permille, seed, seen;
	const char *text;
	struct db_col out[] = { db_get_int(&id), db_get_int(&permille), db_get_int(&seed),
		db_get_int(&seen), db_get_text(&text) };
	const struct db_param in[] = { db_text(c->req->method), db_text(c->req->path),
		c->board_id ? db_int(c->board_id) : db_null(),
		c->user_id ? db_int(c->user_id) : db_null() };

	while (c->armed) {
		bool hit;

		if (db_row(c->db, SBX_ARMS_FIND, in, DB_LEN(in), out, DB_LEN(out)) != DB_OK)
			return;
		hit = draw(seed, seen, permille);
		const struct db_param take[] = { db_int(hit), db_int(id), db_int(seen) };
		switch (db_exec(c->db, SBX_ARMS_TAKE, take, DB_LEN(take), NULL)) {
		case DB_OK:
			if (hit)
				load(c, text);
			return;
		case DB_NONE:
		case DB_RETRY: break; /* another request took it: look again */
		case DB_DUP:
		case DB_DOWN:
		case DB_UNKNOWN:
		case DB_FAIL: return;
		}
	}
}

bool
faults_instead(const struct fault *f)
{
	return f->kind >= FAULT_STATUS && f->kind <= FAULT_REVOKE;
}

int
faults_status(const struct fault *f, int status)
{
	if (!faults_instead(f) && status >= 300)
		return status;
	switch (f->kind) {
	case FAULT_STATUS:
	case FAULT_HTML:
	case FAULT_HTML_AFTER: return f->status;
	case FAULT_REVOKE: return 401;
	case FAULT_LOST:
	case FAULT_LOST_AFTER:
	case FAULT_WRONG_LENGTH: return 0;
	case FAULT_NONE:
	case FAULT_DELAY:
	case FAULT_TRUNCATE:
	case FAULT_EMPTY:
	case FAULT_NO_ID:
	case FAULT_SLOW_BODY:
	case FAULT_OVERSIZED:
	case FAULT_BAD_UTF8:
	case FAULT_SHORT_LIST:
	case FAULT_LOOP:
	case FAULT__COUNT: break;
	}
	return status;
}

static void
headers(struct call *c)
{
	c->reply.fault = c->fault.name;
	c->reply.retry_after_s = c->fault.retry_after_s;
	if (c->fault.reset_s >= 0) {
		c->reply.remaining = 0;
		c->reply.reset_s = c->fault.reset_s;
	}
}

void
faults_before(struct call *c)
{
	const struct db_param user[] = { db_int(c->user_id) };

	front_sleep(c->fault.before_ms, c->stop_fd);
	if (!faults_instead(&c->fault))
		return;
	if (c->fault.kind == FAULT_REVOKE) {
		(void)db_exec(c->db, SBX_TOKENS_REVOKE_USER, user, 1, NULL);
		view_error(c, 401, 2, "Authentication failed.");
	} else if (c->fault.kind == FAULT_STATUS) {
		view_error(c, c->fault.status, c->fault.code, c->fault.message);
	} else {
		view_html(c, c->fault.status);
	}
	if (c->fault.kind == FAULT_LOST) {
		c->reply.status = 200;
		c->reply.cut = FRONT_LOST;
	}
}

static void
oversize(struct call *c)
{
	size_t len = (size_t)c->fault.bytes;
	char *body = arena_alloc(c->mem, len + 1);

	memset(body, ' ', len);
	if (len > c->reply.body_len)
		memcpy(body, c->reply.body, c->reply.body_len);
	c->reply.body = body;
	c->reply.body_len = len;
}

/* Every field of that name becomes another one: {"id": -> {"xx": */
static char *
spoil(struct call *c, const char *what, const char *by)
{
	char *body = arena_strndup(c->mem, c->reply.body, c->reply.body_len);
	char *at = strstr(body, what);

	if (at != NULL)
		memcpy(at, by, strlen(by));
	c->reply.body = body;
	return body;
}

void
faults_after(struct call *c)
{
	struct front_reply *r = &c->reply;

	if (c->fault.kind == FAULT_NONE)
		return;
	headers(c);
	front_sleep(c->fault.after_ms, c->stop_fd);
	if (r->status >= 300)
		return; /* nothing was done: there is nothing to lose */
	switch (c->fault.kind) {
	case FAULT_LOST_AFTER:
		r->status = 200;
		r->cut = FRONT_LOST;
		break;
	case FAULT_HTML_AFTER: view_html(c, c->fault.status); break;
	case FAULT_TRUNCATE: r->body_len /= 2; break;
	case FAULT_EMPTY: r->body_len = 0; break;
	case FAULT_NO_ID: (void)spoil(c, "\"id\":", "\"ix\":"); break;
	case FAULT_SLOW_BODY:
		r->cut = FRONT_SLOW;
		r->slow_ms = c->fault.byte_ms;
		break;
	case FAULT_OVERSIZED: oversize(c); break;
	case FAULT_WRONG_LENGTH: r->cut = FRONT_SHORT; break;
	case FAULT_BAD_UTF8: (void)spoil(c, "\"title\":\"", "\"title\":\"\xff"); break;
	case FAULT_NONE:
	case FAULT_DELAY:
	case FAULT_STATUS:
	case FAULT_HTML:
	case FAULT_LOST:
	case FAULT_REVOKE:
	case FAULT_SHORT_LIST:
	case FAULT_LOOP:
	case FAULT__COUNT: break;
	}
}
