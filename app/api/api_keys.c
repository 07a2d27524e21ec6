/* API keys of the session's project. A key's text is shown once, when it is created. */
#include <json-c/json.h>
#include <string.h>

#include "app/api/handlers.h"
#include "app/api/filter.h"
#include "app/api/list_page.h"
#include "app/api/lists.h"
#include "app/api/activity.h"
#include "app/http/admit.h"
#include "app/http/call.h"
#include "app/http/etag.h"
#include "app/http/if_match.h"
#include "app/http/limits.h"
#include "lib/arena.h"
#include "lib/clock.h"
#include "lib/crypto.h"
#include "lib/json.h"
#include "lib/json_reader.h"
#include "sql/stmt.h"
#include "sql/store.h"

#define MAX_ACCOUNTS 100
#define HEX_LEN 32

static const char *const scope_names[] = { "read", "write", "destructive", NULL };

/* A stored key, or what a request asks for. */
struct api_key {
	struct uuid id;
	const char *name;        /* NULL in a request: unchanged */
	int64_t scopes;          /* 0 in a request: unchanged */
	const char *account_ids; /* NULL: all */
	bool set_accounts;
	int64_t last_used_us, created_us;
	const char *creator; /* address; NULL: the operator */
	const char *text;    /* only when it was just created */
};

static struct json_object *
api_key_json(const struct call *c, const void *row)
{
	const struct api_key *k = row;
	struct json_object *o = json_object_new_object();

	json_put_uuid(o, "id", &k->id);
	json_put_project(o, "workspace_id", &c->who.project_id);
	json_put_text(o, "name", k->name);
	if (k->text != NULL)
		json_put_text(o, "api_key", k->text);
	json_put(o, "scopes", list_names_json(k->scopes, scope_names));
	json_put(o, "pinterest_account_ids", list_accounts_json(k->account_ids));
	json_put_text(o, "source", "manual");
	json_put_text(o, "client_name", NULL);
	json_put_text(o, "authorized_by_email", NULL);
	json_put_text(o, "created_by_email", k->creator);
	json_put_time(o, "last_used_at", k->last_used_us);
	json_put_time(o, "created_at", k->created_us);
	json_put_text(o, "revoked_at", NULL);
	return o;
}

/* One entry of the allow-list as 32 hex; NULL: noted in the reader, or *rc is the failure. */
static const char *
read_key_account(struct call *c, struct json_reader *r, struct json_object *item, enum db_rc *rc)
{
	char hex[HEX_LEN + 1];
	struct store_account account;
	struct uuid id;

	if (json_item_uuid(item, &id) == -1) {
		json_wrong(r, "pinterest_account_ids", "must hold UUIDs");
		return NULL;
	}
	*rc = store_account_get(c->db, &c->who.project_id, &id, &account);
	if (*rc == DB_NONE)
		json_wrong(
		    r, "pinterest_account_ids", "names an account that is not in this project");
	if (*rc != DB_OK)
		return NULL;
	return arena_strdup(c->mem, crypto_hex(id.b, sizeof(id.b), hex));
}

static enum db_rc
read_key_accounts(struct call *c, struct json_reader *r, struct api_key *k)
{
	struct json_object *a;
	enum db_rc rc = DB_OK;
	const char *hex;
	size_t i;

	k->set_accounts =
	    json_has(r, "pinterest_account_ids") || json_is_null(r, "pinterest_account_ids");
	a = json_array(r, "pinterest_account_ids", JSON_OPTIONAL, 1, MAX_ACCOUNTS);
	for (i = 0; a != NULL && i < json_object_array_length(a); i++) {
		hex = read_key_account(c, r, json_object_array_get_idx(a, i), &rc);
		if (hex == NULL)
			return rc;
		if (k->account_ids == NULL)
			k->account_ids = hex;
		else if (strstr(k->account_ids, hex) == NULL)
			k->account_ids = arena_printf(c->mem, "%s,%s", k->account_ids, hex);
	}
	return DB_OK;
}

/* False: the reply is a 422 or a 503. */
static bool
read_api_key(struct call *c, enum json_need need, struct api_key *k)
{
	static const char *const known[] = { "name", "scopes", "pinterest_account_ids", NULL };
	struct problem why = { 0 };
	struct json_reader r;
	enum db_rc rc;

	json_reader_init(&r, c->json, c->mem, &why);
	json_known(&r, known);
	k->name = json_text(&r, "name", need, 1, 255);
	k->scopes = list_read_names(&r, "scopes", scope_names);
	rc = read_key_accounts(c, &r, k);
	if (!problem_any(&why) && rc != DB_OK) {
		call_db_error(c, rc);
		return false;
	}
	if (!problem_any(&why) && need == JSON_OPTIONAL && k->name == NULL && k->scopes == 0 &&
	    !k->set_accounts)
		problem_field(&why, c->mem, "",
		    "must hold at least one of name, scopes, pinterest_account_ids");
	return !call_refused(c, &why);
}

static enum db_rc
insert_api_key(struct call *c, void *arg)
{
	struct api_key *k = arg;
	unsigned char hash[SHA256_SIZE];
	enum db_rc rc = limits_claim_one(c, LIMIT_API_KEYS);

	if (rc == DB_OK)
		rc = db_exec_any(c->db,
		    SQL_IN(api_key_delete_revoked, .project = db_uuid(&c->who.project_id),
			.keep = db_int(limit_value(c->app->conf, &c->own, LIMIT_API_KEYS))),
		    NULL);
	if (rc != DB_OK)
		return rc;
	k->id = uuid_v7(c->now_us);
	crypto_sha256(k->text, strlen(k->text), hash);

	rc = db_exec(c->db,
	    SQL_IN(api_key_insert, .id = db_uuid(&k->id), .project = db_uuid(&c->who.project_id),
		.hash = db_bytes(hash, sizeof(hash)), .name = db_text(k->name),
		.scopes = db_int(k->scopes), .accounts = db_text(k->account_ids),
		.creator = db_uuid(&c->who.user_id), .now = db_time(k->created_us)),
	    NULL);
	if (rc == DB_OK)
		rc = activity_write(c, ACTIVITY_API_KEY_CREATED, NULL, &k->id);
	if (rc != DB_OK)
		return rc;
	reply_json(&c->reply, 201, api_key_json(c, k));
	c->reply.has_secret = 1;
	return DB_OK;
}

/* POST /v1/api-keys */
void
api_keys_create(struct call *c)
{
	struct api_key k = {
		.last_used_us = TIME_NONE, .created_us = c->now_us, .creator = c->who.label
	};
	char text[64];

	if (!read_api_key(c, JSON_REQUIRED, &k))
		return;
	if (k.scopes == 0)
		k.scopes = SCOPE_ALL;
	crypto_token(
	    c->who.environment == ENV_SANDBOX ? "pb_test_" : "pb_live_", text, sizeof(text));
	k.text = arena_strdup(c->mem, text);
	crypto_wipe(text, sizeof(text));
	(void)call_transact(c, insert_api_key, &k);
}

/* GET /v1/api-keys: keys that are not revoked. */
void
api_keys_list(struct call *c)
{
	struct api_key k = { 0 };
	struct json_object *keys;
	struct list_page p = { .id = &k.id, .time_us = &k.created_us };
	int64_t total = 0;
	enum db_rc rc;

	if (!list_page_read(c, LIST_MOST, &p))
		return;
	keys = json_object_new_array();
	rc = list_page_rows(c, &p,
	    SQL_IN(api_key_list, .project = db_uuid(&c->who.project_id), LIST_PAGE_IN(&p)),
	    SQL_OUT(api_key_list, .id = db_get_uuid(&k.id), .name = db_get_text(&k.name),
		.scopes = db_get_int(&k.scopes), .account_ids = db_get_text(&k.account_ids),
		.last_used_at = db_get_time(&k.last_used_us),
		.created_at = db_get_time(&k.created_us), .email = db_get_text(&k.creator)),
	    api_key_json, &k, keys);

	if (rc == DB_OK)
		rc = db_row(c->db,
		    SQL_IN(api_key_count, .owner = db_uuid(&c->who.project_id),
			.most = db_int(INT32_MAX)),
		    SQL_OUT(api_key_count, .used = db_get_int(&total)));
	call_reply(c, rc, NULL, keys);
	c->reply.etag = 1;
	if (rc != DB_OK)
		return;
	c->reply.total = total;
	list_page_link(c, &p);
}

static enum db_rc
load_api_key(struct call *c, struct api_key *k)
{
	return db_row(c->db,
	    SQL_IN(api_key_get, .id = db_uuid(&k->id), .project = db_uuid(&c->who.project_id)),
	    SQL_OUT(api_key_get, .name = db_get_text(&k->name), .scopes = db_get_int(&k->scopes),
		.account_ids = db_get_text(&k->account_ids),
		.last_used_at = db_get_time(&k->last_used_us),
		.created_at = db_get_time(&k->created_us), .email = db_get_text(&k->creator)));
}

static void
reply_api_key(struct call *c, const struct api_key *k)
{
	reply_json(&c->reply, 200, api_key_json(c, k));
	c->reply.tag = etag_make(c->mem, c->reply.body, c->reply.body_len, 0);
}

/* GET /v1/api-keys/{id} */
void
api_keys_get(struct call *c)
{
	struct api_key k = { 0 };

	if (call_uuid(c, 0, &k.id) && call_found(c, load_api_key(c, &k), "API key"))
		reply_api_key(c, &k);
}

/* For a change: locks it. DB_NONE: the reply is a 404 or a 412. */
static enum db_rc
lock_api_key(struct call *c, const struct uuid *id)
{
	struct api_key k = { .id = *id };
	enum db_rc rc = db_row(c->db,
	    SQL_IN(api_key_lock, .id = db_uuid(id), .project = db_uuid(&c->who.project_id)),
	    SQL_OUT(api_key_lock, .id = db_get_uuid(&k.id)));

	if (rc == DB_OK)
		rc = load_api_key(c, &k);
	if (rc == DB_NONE)
		call_not_found(c, "API key");
	if (rc == DB_OK && !if_match_holds(c, etag_json(c->mem, api_key_json(c, &k), 0)))
		return DB_NONE;
	return rc;
}

static enum db_rc
update_api_key(struct call *c, void *arg)
{
	const struct api_key *want = arg;
	struct api_key k = { .id = want->id };
	enum db_rc rc = lock_api_key(c, &want->id);

	if (rc != DB_OK)
		return rc;
	rc = db_exec(c->db,
	    SQL_IN(api_key_patch, .id = db_uuid(&want->id), .project = db_uuid(&c->who.project_id),
		.name = db_text(want->name),
		.scopes = want->scopes != 0 ? db_int(want->scopes) : db_null(),
		.set_accounts = db_int(want->set_accounts), .accounts = db_text(want->account_ids)),
	    NULL);

	if (rc == DB_OK)
		rc = load_api_key(c, &k);
	if (rc == DB_OK)
		rc = activity_write(c, ACTIVITY_API_KEY_UPDATED, NULL, &want->id);
	if (rc == DB_NONE)
		call_not_found(c, "API key");
	if (rc == DB_OK)
		reply_api_key(c, &k);
	return rc;
}

/* PATCH /v1/api-keys/{id} */
void
api_keys_patch(struct call *c)
{
	struct api_key k = { .created_us = TIME_NONE };

	if (call_uuid(c, 0, &k.id) && read_api_key(c, JSON_OPTIONAL, &k))
		(void)call_transact(c, update_api_key, &k);
}

static enum db_rc
revoke_api_key(struct call *c, void *arg)
{
	const struct uuid *id = arg;
	enum db_rc rc = lock_api_key(c, id);

	if (rc != DB_OK)
		return rc;
	reply_empty(&c->reply, 204);
	rc = db_exec(c->db,
	    SQL_IN(api_key_revoke, .id = db_uuid(id), .project = db_uuid(&c->who.project_id)),
	    NULL);
	return rc == DB_OK ? activity_write(c, ACTIVITY_API_KEY_REVOKED, NULL, id) : rc;
}

/* DELETE /v1/api-keys/{id}: revokes it at once. */
void
api_keys_delete(struct call *c)
{
	struct uuid id;

	if (call_uuid(c, 0, &id))
		(void)call_transact(c, revoke_api_key, &id);
}
