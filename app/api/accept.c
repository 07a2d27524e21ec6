/* Accepts pins and schedules: checks account, uploaded files and board, then stores. */
#include "app/api/accept.h"

#include "app/api/pin_view.h"
#include "app/pinterest/board.h"
#include "app/http/call.h"
#include "app/http/limits.h"
#include "lib/clock.h"
#include "sql/stmt.h"

#define HINT_WITHIN_US (10 * US_PER_S)

void
accept_revoked(struct problem *why)
{
	problem_set(why, 422, "account_revoked", "The Pinterest account is no longer connected.");
	why->remediation = "Connect the Pinterest account again, or use another one.";
}

bool
accept_account(struct call *c, const struct uuid *account_id, struct store_account *out)
{
	struct problem why = { 0 };

	if (!call_account_permitted(c, account_id) ||
	    !call_found(
		c, store_account_get(c->db, &c->who.project_id, account_id, out), "Account"))
		return false;
	if (out->revoked)
		accept_revoked(&why);
	return !call_refused(c, &why);
}

static enum db_rc
find_asset_type(struct call *c, const struct uuid *id, int64_t *media_type)
{
	return db_row(c->db,
	    SQL_IN(asset_media_type, .project = db_uuid(&c->who.project_id), .id = db_uuid(id)),
	    SQL_OUT(asset_media_type, .media_type = db_get_int(media_type)));
}

enum db_rc
accept_media(struct call *c, const struct pin_new *p, struct problem *why)
{
	int64_t type = 0;
	enum db_rc rc = DB_OK;

	if (!uuid_is_nil(&p->content.asset_id))
		rc = find_asset_type(c, &p->content.asset_id, &type);
	if (rc == DB_OK && !uuid_is_nil(&p->content.cover_asset_id))
		rc = find_asset_type(c, &p->content.cover_asset_id, &type);
	if (rc == DB_NONE) {
		problem_set(
		    why, 422, "asset_not_found", "There is no such uploaded file in this project.");
		why->remediation = "Upload the file first, or give an image_url.";
	}
	return rc;
}

bool
accept_media_found(struct call *c, const struct pin_new *p)
{
	struct problem why = { 0 };
	enum db_rc rc = accept_media(c, p, &why);

	return !call_refused(c, &why) && call_found(c, rc, NULL);
}

/* A pin or schedule being accepted. */
struct accept {
	const struct pin_view_kind *kind;
	struct pin_new in;
	struct store_account account;
	const struct accept_entry *entry; /* of a batch; NULL: a request of its own */
	bool made;
	struct uuid id;
};

/* 409: the idempotency key was used for something else, or what it made is gone. */
static enum db_rc
accept_refuse_key(struct call *c, enum store_made made)
{
	reply_error(&c->reply, 409, "conflict",
	    made == STORE_GONE
		? "This idempotency_key was used before, and what it created has been deleted."
		: "This idempotency_key was used before for something else.");
	return DB_NONE;
}

static enum db_rc
reply_accepted(struct call *c, const struct accept *k, const struct pin_view *r)
{
	if (k->entry == NULL)
		return pin_view_reply(c, k->kind, r, 201);
	reply_json(&c->reply, 201, k->kind->json(c->app, r));
	return DB_OK;
}

static enum db_rc
accept_insert(struct call *c, void *arg)
{
	struct accept *k = arg;
	const struct actor by = call_actor(c);
	int64_t window_s = c->app->conf->publish_window_s;
	struct store_made_ids ids;
	const struct uuid *id;
	struct pin_view r;
	enum db_rc rc;

	if (k->kind == &pin_view_pin)
		rc = store_pin_insert(c->db, &k->account, &k->in, window_s, &by, &ids);
	else
		rc = store_schedule_insert(c->db, &k->account, &k->in, window_s, &by, &ids);
	if (rc != DB_OK)
		return rc;
	k->made = ids.made == STORE_CREATED;
	id = k->kind == &pin_view_pin ? &ids.pin_id : &ids.schedule_id;
	if (ids.made == STORE_CONFLICT || ids.made == STORE_GONE || uuid_is_nil(id))
		return accept_refuse_key(c, ids.made);
	k->id = *id;
	rc = pin_view_get(c, k->kind, id, &r);
	if (rc == DB_NONE)
		return accept_refuse_key(c, STORE_GONE);
	return rc == DB_OK ? reply_accepted(c, k, &r) : rc;
}

static bool
accept_board(struct call *c, const struct accept *k)
{
	if (k->entry == NULL)
		return board_accept(c, &k->account, k->in.content.board_id);
	return !call_refused(c, k->entry->board);
}

static bool
accept_read(struct call *c, enum pin_form form, struct accept *k)
{
	struct problem why = { 0 };

	if (pin_new_decode(&k->in, form, c->json, c->now_us, c->mem, &why) == 0)
		return accept_account(c, &k->in.account_id, &k->account) &&
		       accept_media_found(c, &k->in) && accept_board(c, k);
	reply_problem(&c->reply, &why);
	return false;
}

/* False: the reply is a 409, the project has too many that wait. */
static bool
accept_claim(struct call *c, enum pin_form form)
{
	struct problem why = { 0 };
	enum db_rc rc = limits_claim(c,
	    form == PIN_FORM_SCHEDULE ? LIMIT_PENDING_SCHEDULES : LIMIT_PENDING_PINS,
	    &c->who.project_id, 1, &why);

	return !call_refused(c, &why) && call_found(c, rc, NULL);
}

/* Replaces a refusal by what the same request created earlier, if it did. */
static void
accept_replay(struct call *c, enum pin_form form, struct accept *k)
{
	struct store_key used;
	const struct uuid *id = k->kind == &pin_view_pin ? &used.ids.pin_id : &used.ids.schedule_id;
	struct problem ignored = { 0 };
	struct pin_view r;

	if (c->reply.status >= 500 || k->in.idempotency_key == NULL ||
	    store_key_get(c->db, &c->who.project_id, k->in.idempotency_key, &used) != DB_OK)
		return;
	/* Times that have passed since were in the future when the first request was checked. */
	if (pin_new_decode(&k->in, form, c->json, used.checked_us, c->mem, &ignored) == -1 ||
	    store_key_compare(&used, &k->in) != STORE_EXISTING ||
	    !call_account_permitted(c, &k->in.account_id))
		return;
	if (!uuid_is_nil(id) && pin_view_get(c, k->kind, id, &r) == DB_OK)
		(void)reply_accepted(c, k, &r);
}

/* The worker's own poll finds what is due later. */
static void
accept_run(struct call *c, enum pin_form form, struct accept *k)
{
	int64_t hint_before;

	if (!accept_read(c, form, k) || !accept_claim(c, form)) {
		accept_replay(c, form, k);
		return;
	}
	hint_before = c->now_us + HINT_WITHIN_US + c->app->conf->poll_ms * US_PER_MS;
	if (!call_transact(c, accept_insert, k))
		k->made = false;
	else if (k->made && k->in.run_at_us < hint_before)
		c->wake_worker = true;
}

void
accept_create(struct call *c, enum pin_form form)
{
	struct accept k = { .kind =
				form == PIN_FORM_SCHEDULE ? &pin_view_schedule : &pin_view_pin };

	accept_run(c, form, &k);
}

void
accept_one(struct call *c, struct accept_entry *e)
{
	struct accept k = { .kind = &pin_view_pin, .entry = e };

	accept_run(c, PIN_FORM_PIN, &k);
	e->created = k.made;
	e->account_id = k.account.id;
	e->pin_id = k.id;
}
