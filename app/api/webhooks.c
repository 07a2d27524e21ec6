/* Webhook endpoints of a project. Secrets are stored sealed and never shown. */
#include <json-c/json.h>
#include <string.h>

#include "app/api/handlers.h"
#include "app/api/activity.h"
#include "app/api/lists.h"
#include "app/http/auth.h"
#include "app/http/call.h"
#include "app/http/etag.h"
#include "app/http/if_match.h"
#include "app/http/limits.h"
#include "lib/arena.h"
#include "lib/clock.h"
#include "lib/crypto.h"
#include "lib/clock.h"
#include "lib/event.h"
#include "lib/json.h"
#include "lib/json_reader.h"
#include "lib/keyring.h"
#include "lib/rfc3339.h"
#include "lib/text.h"
#include "lib/webhook_secret.h"
#include "lib/webhook_target.h"
#include "sql/stmt.h"

#define HEX_LEN 32 /* of an id in an allow-list */
/* How long an earlier secret goes on signing: seven days at most. */
#define GRACE_DEFAULT_S (24 * 60 * 60)
#define GRACE_MAX_S (7 * 24 * 60 * 60)
#define MADE_SECRET_BYTES 32

/* In the order of enum event_type: bit n is EVENT_BIT(n + 1). */
#define EVENT_NAME(type, number, name) name,
static const char *const event_names[] = { EVENT_TYPES(EVENT_NAME) NULL };

/* A stored endpoint, or what a request asks for (absent: NULL, 0, -1). */
struct webhook {
	struct uuid id;
	const char *url, *secret, *disabled_reason, *last_error;
	const char *account_ids; /* only events of these accounts; NULL: all */
	int64_t events, is_enabled, key_revoked, last_status;
	int64_t old_secret_until_us, disabled_at_us, paused_until_us, failing_since_us,
	    last_attempt_at_us, last_success_at_us, created_at_us, updated_at_us, key_revoked_at_us;
};

/* May the caller change webhooks of the project? Else paths and queries, often secret, are hidden.
 */
static bool
manages_webhooks(const struct call *c)
{
	if (c->who.kind == WHO_SESSION)
		return (role_permissions(c->who.role) & PERM_CONNECT) != 0;
	return (c->who.scopes & SCOPE_WRITE) != 0;
}

static const char *
webhook_url_shown(const struct call *c, const char *url)
{
	const char *host = strstr(url, "://");

	if (manages_webhooks(c) || host == NULL)
		return url;
	host += strlen("://");
	return arena_printf(c->mem, "%.*s/", (int)(host - url) + (int)strcspn(host, "/?#"), url);
}

/* Is every account in `ids` one that the caller may use? NULL: all accounts. */
static bool
webhook_within(const struct call *c, const char *ids)
{
	if (c->who.account_ids == NULL)
		return true;
	for (; ids != NULL && strlen(ids) >= HEX_LEN; ids += HEX_LEN + (ids[HEX_LEN] == ',')) {
		if (strstr(c->who.account_ids, arena_strndup(c->mem, ids, HEX_LEN)) == NULL)
			return false;
	}
	return ids != NULL;
}

/* What bounds a webhook that this caller makes or changes: its key, if that has an allow-list. */
static struct db_param
webhook_key(const struct call *c)
{
	return c->who.account_ids != NULL ? db_uuid(&c->who.key_id) : db_null();
}

static struct json_object *
webhook_json(const struct call *c, const void *row)
{
	const struct webhook *h = row;
	bool revoked = h->key_revoked != 0;
	struct json_object *o = json_object_new_object();

	json_put_uuid(o, "id", &h->id);
	json_put_project(o, "workspace_id", &c->who.project_id);
	json_put_text(o, "url", webhook_url_shown(c, h->url));
	json_put(o, "events", list_names_json(h->events, event_names));
	json_put(o, "pinterest_account_ids", list_accounts_json(h->account_ids));
	json_put_time(o, "previous_secret_until",
	    h->old_secret_until_us > c->now_us ? h->old_secret_until_us : TIME_NONE);
	json_put_bool(o, "is_enabled", h->is_enabled != 0 && !revoked);
	json_put_time(o, "disabled_at", revoked ? h->key_revoked_at_us : h->disabled_at_us);
	json_put_text(o, "disabled_reason", revoked ? "key_revoked" : h->disabled_reason);
	json_put_time(o, "last_attempt_at", h->last_attempt_at_us);
	json_put_time(o, "last_success_at", h->last_success_at_us);
	json_put(
	    o, "last_status", h->last_status != 0 ? json_object_new_int64(h->last_status) : NULL);
	json_put_text(o, "last_error", h->last_error);
	json_put_time(o, "failing_since", h->failing_since_us);
	json_put_time(o, "paused_until", h->paused_until_us);
	json_put_time(o, "created_at", h->created_at_us);
	json_put_time(o, "updated_at", h->updated_at_us);
	return o;
}

/* Blanks at the edges are refused, not cut off: the receiver must use the very same text. */
static const char *
read_webhook_secret(struct json_reader *r, enum json_need need)
{
	const char *given = json_password(
		       r, "secret", need, WEBHOOK_SECRET_CHARS_MIN, WEBHOOK_SECRET_CHARS_MAX),
		   *fault = NULL;
	const char *clean = NULL;

	if (given == NULL)
		return NULL;
	clean = text_clean(TEXT_KEY, given, strlen(given), r->mem, &fault);
	if (clean != NULL && strcmp(clean, given) != 0)
		fault = "must not begin or end with blanks";
	else if (clean != NULL && !event_secret_usable(given))
		fault = "begins with whsec_, so the rest must be base64";
	if (fault != NULL)
		json_wrong(r, "secret", fault);
	return fault == NULL ? given : NULL;
}

/* False: the reply is a 422. */
static bool
read_webhook(struct call *c, enum json_need need, struct webhook *h)
{
	static const char *const known[] = { "url", "secret", "events", "is_enabled", NULL };
	struct problem why = { 0 };
	struct json_reader r;
	const char *fault;
	bool enabled;

	h->is_enabled = -1;
	json_reader_init(&r, c->json, c->mem, &why);
	json_known(&r, known);
	h->url = json_url(&r, "url", need);
	h->secret = read_webhook_secret(&r, need);
	h->events = list_read_names(&r, "events", event_names);
	if (json_flag(&r, "is_enabled", JSON_OPTIONAL, &enabled) == 0)
		h->is_enabled = enabled;
	if (!problem_any(&why) && need == JSON_OPTIONAL && h->url == NULL && h->secret == NULL &&
	    h->events == 0 && h->is_enabled == -1)
		problem_field(
		    &why, c->mem, "", "must hold at least one of url, secret, events, is_enabled");
	if (!problem_any(&why) && h->url != NULL &&
	    (fault = webhook_target_fault(c->app->conf, h->url)) != NULL) {
		problem_field(&why, c->mem, "url", fault);
		why.code = "blocked_address";
		why.remediation = "Use a public https address. The operator can permit others: "
				  "private addresses, those of this host and ports in [outbound] "
				  "allow, http:// with "
				  "[webhooks] allow_http.";
	}
	return !call_refused(c, &why);
}

/* The sealed secrets as a parameter; NULL: the request keeps the stored ones. */
static struct db_param
seal_webhook_secret(const struct call *c, const struct uuid *id, const char *text)
{
	size_t len = text != NULL ? strlen(text) : 0;
	unsigned char *out = arena_alloc(c->mem, len + KEYRING_OVERHEAD);

	if (text == NULL)
		return db_null();
	len = keyring_seal(c->app->keys, WEBHOOK_SECRET_LABEL, id, text, len, out);
	return db_bytes(out, len);
}

static enum db_rc
load_webhook(struct call *c, struct webhook *h)
{
	return db_row(c->db,
	    SQL_IN(webhook_get, .id = db_uuid(&h->id), .project = db_uuid(&c->who.project_id)),
	    SQL_OUT(webhook_get, WEBHOOK_VIEW_OUT(h),
		.key_revoked_at = db_get_time(&h->key_revoked_at_us),
		.key_revoked = db_get_int(&h->key_revoked)));
}

static const char *
webhook_tag(const struct call *c, const struct webhook *h)
{
	return etag_json(c->mem, webhook_json(c, h), h->updated_at_us);
}

static void
reply_webhook(struct call *c, const struct webhook *h)
{
	reply_json(&c->reply, 200, webhook_json(c, h));
	c->reply.tag = webhook_tag(c, h);
}

static enum db_rc
insert_webhook(struct call *c, void *arg)
{
	struct webhook *want = arg, made;
	enum db_rc rc = limits_claim_one(c, LIMIT_WEBHOOKS);

	if (rc != DB_OK)
		return rc;
	want->id = made.id = uuid_v7(c->now_us);

	rc = db_exec(c->db,
	    SQL_IN(webhook_insert, .id = db_uuid(&want->id), .project = db_uuid(&c->who.project_id),
		.shard = db_int(uuid_shard(&want->id)), .url = db_text(want->url),
		.secret = seal_webhook_secret(c, &want->id, want->secret),
		.events = db_int(want->events), .accounts = db_text(c->who.account_ids),
		.key = webhook_key(c), .enabled = db_int(want->is_enabled != 0)),
	    NULL);
	if (rc == DB_OK)
		rc = activity_write(c, ACTIVITY_WEBHOOK_CREATED, NULL, &want->id);
	if (rc == DB_OK)
		rc = load_webhook(c, &made);
	if (rc == DB_OK)
		reply_json(&c->reply, 201, webhook_json(c, &made));
	return rc;
}

/* POST /v1/webhooks */
void
webhooks_create(struct call *c)
{
	struct webhook h = { .events = 0 };

	if (!read_webhook(c, JSON_REQUIRED, &h))
		return;
	if (h.events == 0)
		h.events = EVENT_BIT(EVENT_PIN_PUBLISHED) | EVENT_BIT(EVENT_PIN_FAILED);
	(void)call_transact(c, insert_webhook, &h);
}

struct webhook_rows {
	const struct call *c;
	const struct webhook *row;
	struct json_object *array;
};

static void
add_webhook_row(void *arg)
{
	struct webhook_rows *r = arg;

	if (webhook_within(r->c, r->row->account_ids))
		json_object_array_add(r->array, webhook_json(r->c, r->row));
}

/* GET /v1/webhooks: of a key with an allow-list, only those that tell no more than it allows. */
void
webhooks_list(struct call *c)
{
	struct webhook h = { 0 };
	struct json_object *webhooks = json_object_new_array();
	struct webhook_rows rows = { c, &h, webhooks };
	enum db_rc rc = db_each(c->db, SQL_IN(webhook_list, .project = db_uuid(&c->who.project_id)),
	    SQL_OUT(webhook_list, .id = db_get_uuid(&h.id), WEBHOOK_VIEW_OUT(&h),
		.key_revoked_at = db_get_time(&h.key_revoked_at_us),
		.key_revoked = db_get_int(&h.key_revoked)),
	    add_webhook_row, &rows);

	call_reply(c, rc, NULL, webhooks);
	c->reply.etag = 1;
}

/* GET /v1/webhooks/{id} */
void
webhooks_get(struct call *c)
{
	struct webhook h;

	if (!call_uuid(c, 0, &h.id))
		return;
	if (!call_found(c, load_webhook(c, &h), "Webhook"))
		return;
	if (!webhook_within(c, h.account_ids)) {
		call_not_found(c, "Webhook");
		return;
	}
	reply_webhook(c, &h);
}

/* Locks a webhook that the caller may change. DB_NONE: the reply is a 404 or a 412. */
static enum db_rc
lock_webhook(struct call *c, const struct uuid *id)
{
	struct webhook now = { .id = *id };
	const char *accounts = NULL;
	enum db_rc rc = db_row(c->db,
	    SQL_IN(webhook_lock, .id = db_uuid(id), .project = db_uuid(&c->who.project_id)),
	    SQL_OUT(webhook_lock, .account_ids = db_get_text(&accounts)));

	if (rc == DB_OK && !webhook_within(c, accounts))
		rc = DB_NONE;
	if (rc == DB_NONE)
		call_not_found(c, "Webhook");
	if (rc == DB_OK && if_match_wanted(c)) {
		rc = load_webhook(c, &now);
		if (rc == DB_OK && !if_match_holds(c, webhook_tag(c, &now)))
			rc = DB_NONE;
	}
	return rc;
}

/* There is none, or its secret is lost and no new one came. */
static enum db_rc
refuse_update(struct call *c, struct webhook *now)
{
	enum db_rc rc = load_webhook(c, now);
	struct problem why = { 0 };

	if (rc == DB_NONE)
		call_not_found(c, "Webhook");
	if (rc != DB_OK)
		return rc;
	problem_field(&why, c->mem, "secret",
	    "must be set again: the operator replaced the key that sealed the earlier one");
	reply_problem(&c->reply, &why);
	return DB_NONE;
}

static enum db_rc
update_webhook(struct call *c, void *arg)
{
	const struct webhook *want = arg;
	struct webhook now = { .id = want->id };
	bool anew = want->is_enabled == 1 || want->url != NULL || want->secret != NULL;
	enum db_rc rc = lock_webhook(c, &want->id);

	if (rc != DB_OK)
		return rc;
	rc = db_exec(c->db,
	    SQL_IN(webhook_patch, .id = db_uuid(&want->id), .project = db_uuid(&c->who.project_id),
		.url = db_text(want->url),
		.secret = seal_webhook_secret(c, &want->id, want->secret),
		.events = want->events != 0 ? db_int(want->events) : db_null(),
		.key = webhook_key(c),
		.enabled = want->is_enabled != -1 ? db_int(want->is_enabled) : db_null(),
		.anew = db_int(anew)),
	    NULL);

	if (rc == DB_NONE)
		return refuse_update(c, &now);
	if (rc == DB_OK)
		rc = load_webhook(c, &now);
	if (rc == DB_OK)
		rc = activity_write(c, ACTIVITY_WEBHOOK_UPDATED, NULL, &want->id);
	if (rc == DB_OK)
		reply_webhook(c, &now);
	return rc;
}

/* PATCH /v1/webhooks/{id} */
void
webhooks_patch(struct call *c)
{
	struct webhook h = { .events = 0 };

	if (call_uuid(c, 0, &h.id) && read_webhook(c, JSON_OPTIONAL, &h))
		c->wake_worker = call_transact(c, update_webhook, &h);
}

/* What POST .../rotate-secret asks for. */
struct secret_change {
	struct uuid id;
	const char *secret; /* NULL: one is made, and shown */
	int64_t grace_s;
};

/* As Standard Webhooks has them: "whsec_" and the base64 of random bytes. */
static const char *
make_webhook_secret(struct arena *mem)
{
	char base64[CRYPTO_BASE64_SIZE(MADE_SECRET_BYTES)];
	unsigned char bytes[MADE_SECRET_BYTES];
	const char *text;

	crypto_random(bytes, sizeof(bytes));
	text = arena_printf(mem, "whsec_%s", crypto_base64(bytes, sizeof(bytes), base64));
	crypto_wipe(bytes, sizeof(bytes));
	crypto_wipe(base64, sizeof(base64));
	return text;
}

/* The secrets that are stored: none if they are lost, or if no key opens them. */
static enum db_rc
load_webhook_secrets(struct call *c, const struct uuid *id, struct webhook_secrets *out)
{
	const void *sealed = NULL;
	size_t len = 0;
	enum db_rc rc = db_row(c->db,
	    SQL_IN(webhook_secret, .id = db_uuid(id), .project = db_uuid(&c->who.project_id)),
	    SQL_OUT(webhook_secret, .secret_sealed = db_get_bytes(&sealed, &len)));
	const char *text;

	*out = (struct webhook_secrets){ .len = 0 };
	if (rc != DB_OK || len == 0)
		return rc;
	text = keyring_open_text(c->app->keys, WEBHOOK_SECRET_LABEL, id, sealed, len, c->mem);
	if (text != NULL)
		webhook_secrets_read(arena_strdup(c->mem, text), c->now_us, out);
	return rc;
}

static void
refuse_fourth_secret(struct call *c, const struct webhook_secrets *now)
{
	char until[RFC3339_SIZE];
	int64_t first_us = now->until_us[1];
	size_t i;

	for (i = 2; i < now->len; i++)
		first_us = now->until_us[i] < first_us ? now->until_us[i] : first_us;
	reply_error(&c->reply, 409, "conflict",
	    arena_printf(c->mem,
		"%d secrets sign already. One ends at %s; to end all earlier ones now, send "
		"grace_seconds 0.",
		WEBHOOK_SECRETS_MAX, rfc3339_format(first_us, until)));
}

static enum db_rc
rotate_webhook_secret(struct call *c, void *arg)
{
	const struct secret_change *want = arg;
	int64_t until_us = c->now_us + want->grace_s * US_PER_S;
	struct webhook now = { .id = want->id };
	const char *fresh = want->secret != NULL ? want->secret : make_webhook_secret(c->mem),
		   *text;
	struct webhook_secrets secrets;
	struct json_object *body;
	enum db_rc rc = lock_webhook(c, &want->id);

	if (rc == DB_OK)
		rc = load_webhook_secrets(c, &want->id, &secrets);
	if (rc != DB_OK)
		return rc;
	text = webhook_secrets_rotate(&secrets, fresh, until_us, c->now_us, c->mem);
	if (text == NULL) {
		refuse_fourth_secret(c, &secrets);
		return DB_NONE;
	}
	rc = db_exec(c->db,
	    SQL_IN(webhook_rotate, .id = db_uuid(&want->id), .project = db_uuid(&c->who.project_id),
		.key = webhook_key(c), .secret = seal_webhook_secret(c, &want->id, text),
		.until = text == fresh || secrets.len == 0 ? db_null() : db_time(until_us)),
	    NULL);
	if (rc == DB_OK)
		rc = activity_write(c, ACTIVITY_WEBHOOK_SECRET_ROTATED, NULL, &want->id);
	if (rc == DB_OK)
		rc = load_webhook(c, &now);
	if (rc != DB_OK)
		return rc;
	body = webhook_json(c, &now);
	if (want->secret == NULL)
		json_put_text(body, "secret", fresh);
	reply_json(&c->reply, 200, body);
	return DB_OK;
}

/* POST /v1/webhooks/{id}/rotate-secret */
void
webhooks_rotate(struct call *c)
{
	static const char *const known[] = { "secret", "grace_seconds", NULL };
	struct secret_change want = { .grace_s = GRACE_DEFAULT_S };
	struct problem why = { 0 };
	struct json_reader r;

	if (!call_uuid(c, 0, &want.id))
		return;
	if (c->json != NULL) {
		json_reader_init(&r, c->json, c->mem, &why);
		json_known(&r, known);
		want.secret = read_webhook_secret(&r, JSON_OPTIONAL);
		(void)json_whole(&r, "grace_seconds", JSON_OPTIONAL, 0, GRACE_MAX_S, &want.grace_s);
	}
	if (!call_refused(c, &why))
		(void)call_transact(c, rotate_webhook_secret, &want);
}

static enum db_rc
remove_webhook(struct call *c, void *arg)
{
	const struct uuid *id = arg;
	enum db_rc rc = lock_webhook(c, id);

	if (rc != DB_OK)
		return rc;
	rc = db_exec(c->db,
	    SQL_IN(webhook_delete, .id = db_uuid(id), .project = db_uuid(&c->who.project_id)),
	    NULL);
	if (rc == DB_NONE)
		call_not_found(c, "Webhook");
	if (rc != DB_OK)
		return rc;
	rc = db_exec_any(c->db,
	    SQL_IN(webhook_cancel_deliveries, .id = db_uuid(id),
		.project = db_uuid(&c->who.project_id)),
	    NULL);
	if (rc == DB_OK)
		rc = activity_write(c, ACTIVITY_WEBHOOK_DELETED, NULL, id);
	if (rc == DB_OK)
		reply_empty(&c->reply, 204);
	return rc;
}

/* DELETE /v1/webhooks/{id}: also cancels its pending deliveries. */
void
webhooks_delete(struct call *c)
{
	struct uuid id;

	if (call_uuid(c, 0, &id))
		(void)call_transact(c, remove_webhook, &id);
}
