/* What handlers share: parameters, error replies, transactions. */
#include "app/http/call.h"

#include <json-c/json.h>
#include <string.h>
#include <strings.h>

#include "app/http/if_match.h"
#include "app/http/idem.h"
#include "app/http/query.h"
#include "lib/arena.h"
#include "lib/clock.h"
#include "lib/crash.h"
#include "lib/crypto.h"
#include "lib/log.h"
#include "lib/num.h"
#include "lib/rfc3339.h"
#include "lib/url.h"
#include "lib/utf8.h"

#define RETRY_AFTER_S 2
#define DATE_LENGTH 10 /* of 2026-03-01, which a blank may follow */

bool
call_uuid(struct call *c, unsigned param, struct uuid *id)
{
	if (uuid_parse(c->param[param], id) == 0)
		return true;
	reply_error(&c->reply, 404, "not_found", "Not found.");
	return false;
}

void
call_not_found(struct call *c, const char *what)
{
	reply_error(&c->reply, 404, "not_found", arena_printf(c->mem, "%s not found.", what));
}

static void
unavailable_reply(struct call *c, const char *message, const char *remediation)
{
	struct problem p = { 0 };

	problem_set(&p, 503, "service_unavailable", message);
	p.remediation = remediation;
	p.retry_after_s = RETRY_AFTER_S;
	reply_problem(&c->reply, &p);
}

static void
internal_reply(struct call *c)
{
	reply_error(&c->reply, 500, "internal_error",
	    "Something went wrong here; it was logged under this request id.");
}

static void
refuse_slow_list(struct call *c)
{
	struct problem p = { 0 };

	problem_set(&p, 422, "validation_error", "This takes too long: narrow the filter.");
	p.remediation = "Ask for a shorter period, one account or board, or a smaller offset.";
	reply_problem(&c->reply, &p);
}

void
call_db_error(struct call *c, enum db_rc rc)
{
	if (rc == DB_DOWN && c->in_time && db_overran(c->db)) {
		refuse_slow_list(c);
		return;
	}
	switch (rc) {
	case DB_RETRY:
	case DB_DOWN:
		unavailable_reply(c,
		    c->done == NULL
			? "The database cannot be reached right now; nothing was changed."
			: arena_printf(c->mem,
			      "%s The database cannot be reached for the rest right now.", c->done),
		    "Repeat the request a little later.");
		break;
	case DB_UNKNOWN:
		unavailable_reply(c,
		    "The database connection was lost during the save: the outcome is unknown.",
		    c->req->idempotency_key != NULL
			? "Repeat the request with the same Idempotency-Key: it is done at most "
			  "once."
			: "Check the outcome before repeating the request. A request with an "
			  "Idempotency-Key header can be repeated safely.");
		break;
	case DB_FAIL:
		if (db_too_large(c->db)) {
			reply_error(&c->reply, 422, "validation_error",
			    "The request is too large to be stored; nothing was changed. Send it "
			    "in parts.");
			break;
		}
		internal_reply(c);
		break;
	case DB_OK:
	case DB_NONE:
	case DB_DUP: internal_reply(c); break;
	}
}

bool
call_found(struct call *c, enum db_rc rc, const char *what)
{
	if (rc == DB_NONE && what != NULL)
		call_not_found(c, what);
	else if (rc != DB_OK)
		call_db_error(c, rc);
	return rc == DB_OK;
}

void
call_reply(struct call *c, enum db_rc rc, const char *what, struct json_object *body)
{
	if (call_found(c, rc, what))
		reply_json(&c->reply, 200, body);
	else
		json_object_put(body);
}

bool
call_refused(struct call *c, const struct problem *why)
{
	if (problem_any(why))
		reply_problem(&c->reply, why);
	return problem_any(why);
}

const char *
call_query(const struct call *c, const char *name)
{
	if (c->query != NULL && !query_declares(c->query, name))
		panic("event=query_not_declared route=%s name=%s", c->route, name);
	for (size_t i = 0; i < c->req->query_len; i++) {
		if (strcmp(c->req->query[i].name, name) == 0)
			return c->req->query[i].value;
	}
	return NULL;
}

/* Without blanks at its edges; NULL when nothing is left or it is absent. */
static const char *
query_trimmed(const struct call *c, const char *name)
{
	const char *text = call_query(c, name);
	size_t len = text != NULL ? strlen(text) : 0;

	if (text == NULL)
		return NULL;
	text = text_trim(text, &len);
	return len > 0 ? arena_strndup(c->mem, text, len) : NULL;
}

bool
call_query_int(
    struct call *c, const char *name, int64_t min, int64_t max, int64_t *value, struct problem *why)
{
	const char *text = query_trimmed(c, name);

	if (text == NULL || num_parse(text, min, max, value) == 0)
		return true;
	problem_query(why, c->mem, name,
	    arena_printf(c->mem, "must be a whole number from %lld to %lld", (long long)min,
		(long long)max));
	return false;
}

bool
call_query_uuid(
    struct call *c, const char *name, struct uuid *value, bool *given, struct problem *why)
{
	const char *text = query_trimmed(c, name);

	*given = text != NULL;
	if (!*given || uuid_parse(text, value) == 0)
		return true;
	problem_query(why, c->mem, name, "must be a UUID");
	return false;
}

const char *
call_query_text(
    struct call *c, const char *name, enum text_kind kind, size_t max, struct problem *why)
{
	const char *text = call_query(c, name), *fault = NULL;

	if (text == NULL)
		return NULL;
	text = text_clean(kind, text, strlen(text), c->mem, &fault);
	if (text != NULL && utf8_length(text, strlen(text)) > max)
		fault = arena_printf(c->mem, "must have at most %zu characters", max);
	if (fault != NULL)
		problem_query(why, c->mem, name, fault);
	return fault == NULL && text != NULL && text[0] != '\0' ? text : NULL;
}

struct query_list {
	const char **items;
	size_t len, most, max;
};

/* Adds one value. NULL, or what is wrong with it. */
static const char *
query_list_add(struct query_list *l, const char *value, size_t len, struct arena *mem)
{
	const char *fault = NULL, *text = text_clean(TEXT_LINE, value, len, mem, &fault);

	if (fault != NULL)
		return fault;
	text = text_squeeze(arena_alloc(mem, strlen(text) + 1), text);
	if (utf8_length(text, strlen(text)) > l->max)
		return arena_printf(mem, "must have at most %zu characters", l->max);
	for (size_t i = 0; i < l->len; i++)
		if (strcasecmp(l->items[i], text) == 0)
			return NULL;
	if (*text == '\0')
		return NULL;
	if (l->len == l->most)
		return arena_printf(mem, "must be at most %zu values", l->most);
	l->items[l->len++] = text;
	return NULL;
}

const char **
call_query_list(struct call *c, const char *name, size_t most, size_t max, struct problem *why)
{
	struct query_list l = { .most = most, .max = max };
	bool given = call_query(c, name) != NULL;
	const char *fault = NULL, *at;

	l.items = arena_alloc(c->mem, (most + 1) * sizeof(*l.items));
	for (size_t i = 0; given && fault == NULL && i < c->req->query_len; i++) {
		if (strcmp(c->req->query[i].name, name) != 0)
			continue;
		at = c->req->query[i].value;
		fault = query_list_add(&l, at, strcspn(at, ","), c->mem);
		while (fault == NULL && (at = strchr(at, ',')) != NULL) {
			at++;
			fault = query_list_add(&l, at, strcspn(at, ","), c->mem);
		}
	}
	if (fault == NULL && l.len == 0)
		fault = "is required";
	if (fault != NULL)
		problem_query(why, c->mem, name, fault);
	return l.items;
}

const char *
call_query_url(struct call *c, const char *name, struct problem *why)
{
	const char *text = call_query(c, name), *url, *fault;

	url = text != NULL ? url_trim(text, strlen(text), c->mem) : "";
	fault = *url != '\0' ? url_fault(url, c->mem) : NULL;
	if (fault != NULL)
		problem_query(why, c->mem, name, fault);
	return fault == NULL && *url != '\0' ? url : NULL;
}

/* An unescaped '+' of the UTC offset was decoded to a blank: restores it. */
static const char *
offset_plus_restore(struct arena *mem, const char *text)
{
	char *copy = arena_strdup(mem, text), *blank = strrchr(copy, ' ');

	if (blank != NULL && blank - copy > DATE_LENGTH && blank[1] >= '0' && blank[1] <= '9')
		*blank = '+';
	return copy;
}

bool
call_query_time(struct call *c, const char *name, int64_t *value_us, struct problem *why)
{
	const char *text = query_trimmed(c, name), *fault;

	if (text == NULL)
		return true;
	fault = rfc3339_fault(offset_plus_restore(c->mem, text), value_us);
	if (fault != NULL)
		problem_query(why, c->mem, name, fault);
	return fault == NULL;
}

bool
call_query_bool(struct call *c, const char *name, int *value, struct problem *why)
{
	const char *text = call_query(c, name);

	/* an empty one may be a wish that got lost, and a deletion must not guess */
	if (text == NULL || num_parse_bool(text, value) == 0)
		return true;
	problem_query(why, c->mem, name, "must be true or false");
	return false;
}

int
call_query_enum(
    struct call *c, const char *name, const char *const *values, int absent, struct problem *why)
{
	const char *text = query_trimmed(c, name), *all = "";
	int i;

	if (text == NULL)
		return absent;
	for (i = 0; values[i] != NULL; i++) {
		if (strcmp(values[i], text) == 0)
			return i;
		all = arena_printf(c->mem, "%s%s%s", all, i > 0 ? ", " : "", values[i]);
	}
	problem_query(why, c->mem, name, arena_printf(c->mem, "must be one of: %s", all));
	return -1;
}

bool
call_account_listed(const struct call *c, const struct uuid *account_id)
{
	char hex[2 * sizeof(account_id->b) + 1];

	return c->who.account_ids == NULL ||
	       strstr(c->who.account_ids, crypto_hex(account_id->b, sizeof(account_id->b), hex)) !=
		   NULL;
}

bool
call_account_permitted(struct call *c, const struct uuid *account_id)
{
	if (call_account_listed(c, account_id))
		return true;
	reply_error(&c->reply, 403, "account_not_permitted",
	    "This API key may not use that Pinterest account.");
	return false;
}

struct actor
call_actor(const struct call *c)
{
	static const char *const types[] = {
		[WHO_NOBODY] = "system",
		[WHO_SESSION] = "user",
		[WHO_KEY] = "api_key",
		[WHO_POLLER] = "system", /* changes nothing */
	};

	return (struct actor){ .type = types[c->who.kind],
		.user_id = c->who.user_id,
		.label = c->who.label,
		.request_id = c->req->id };
}

struct transaction {
	struct call *c;
	enum db_rc (*work)(struct call *c, void *arg);
	void *arg;
	bool undone; /* rolled back: an equal request stored its reply first */
};

static enum db_rc
transaction_work(struct db *db, void *arg)
{
	struct transaction *t = arg;
	enum db_rc rc;

	(void)db;
	t->c->compared = false;
	rc = t->work(t->c, t->arg);
	if (rc == DB_OK && !if_match_compared(t->c))
		rc = DB_NONE;
	if (rc == DB_OK)
		CRASH_POINT("app.before_commit");
	if (rc != DB_OK || !idem_wanted(t->c))
		return rc;
	rc = idem_store(t->c);
	/* An equal request committed while this one ran: roll back and send its reply. */
	t->undone = rc == DB_DUP;
	return t->undone ? DB_NONE : rc;
}

/* Reads the reply that is now stored under the key, if any. True: the reply is set. */
static bool
stored_reply_find(struct call *c)
{
	enum db_rc rc;

	switch (idem_find(c, &rc)) {
	case IDEM_REPLAYED:
	case IDEM_CONFLICT: c->idem_done = true; return true;
	case IDEM_NONE:
	case IDEM_ERROR: return false;
	}
	return false;
}

bool
call_transact(struct call *c, enum db_rc (*work)(struct call *c, void *arg), void *arg)
{
	struct transaction t = { .c = c, .work = work, .arg = arg };
	enum db_rc rc = db_transact(c->db, transaction_work, &t);

	if (rc == DB_OK)
		CRASH_POINT("app.after_commit");
	switch (rc) {
	case DB_OK: c->idem_done = true; return true;
	case DB_NONE:
		if (t.undone && !stored_reply_find(c))
			call_db_error(c, DB_RETRY);
		return false;
	case DB_UNKNOWN:
		if (idem_wanted(c) && stored_reply_find(c))
			return c->reply.replayed;
		call_db_error(c, rc);
		return false;
	case DB_DUP:
	case DB_RETRY:
	case DB_DOWN:
	case DB_FAIL: call_db_error(c, rc); return false;
	}
	return false;
}
