/*
 * Links that connect one Pinterest account, to be given to its owner. Good once, for a day; only a
 * hash of their text is stored.
 */
#include "app/api/connect_links.h"

#include <json-c/json.h>
#include <string.h>

#include "app/api/accounts.h"
#include "app/api/activity.h"
#include "app/api/handlers.h"
#include "app/api/list_page.h"
#include "app/http/call.h"
#include "app/pinterest/upstream.h"
#include "lib/arena.h"
#include "lib/clock.h"
#include "lib/crypto.h"
#include "lib/json.h"
#include "lib/json_reader.h"
#include "lib/log.h"
#include "lib/url.h"
#include "sql/stmt.h"
#include "sql/store.h"

#define LINK_PREFIX "pcl_"
#define LINK_LIFE_S (24 * 3600)
#define LINKS_OPEN_MAX 100
#define LINKS_LISTED_MOST 500 /* for clients that know no pages */

/* A stored link, or what a request asks for. */
struct connect_link {
	struct uuid id, account_id, connected_id;
	const char *name, *return_to;
	const char *text; /* only when it was just made */
	int64_t created_us, expires_us, used_us;
};

const char *
connect_page_url(const struct call *c, const char *name, const char *text)
{
	return arena_printf(c->mem, "%s/v1/pinterest/oauth/connect?%s=%s", c->app->conf->public_url,
	    name, url_encode(text, c->mem));
}

static struct json_object *
connect_link_json(const struct call *c, const void *row)
{
	const struct connect_link *l = row;
	struct json_object *o = json_object_new_object();

	json_put_uuid(o, "id", &l->id);
	json_put_project(o, "workspace_id", &c->who.project_id);
	json_put_text(o, "name", l->name);
	if (l->text != NULL)
		json_put_text(o, "url", connect_page_url(c, "link", l->text));
	json_put_uuid(o, "account_id", &l->account_id);
	json_put_text(o, "return_to", l->return_to);
	json_put_time(o, "created_at", l->created_us);
	json_put_time(o, "expires_at", l->expires_us);
	json_put_time(o, "used_at", l->used_us);
	json_put_uuid(o, "connected_account_id", &l->connected_id);
	return o;
}

/* False: the reply is set. */
static bool
read_connect_link(struct call *c, struct connect_link *l)
{
	static const char *const known[] = { "account_id", "name", "return_to", NULL };
	struct problem why = { 0 };
	struct json_reader r;

	if (c->json == NULL)
		c->json = json_object_new_object();
	json_reader_init(&r, c->json, c->mem, &why);
	json_known(&r, known);
	(void)json_uuid(&r, "account_id", JSON_OPTIONAL, &l->account_id);
	l->name = json_text(&r, "name", JSON_OPTIONAL, 1, 255);
	l->return_to = json_url(&r, "return_to", JSON_OPTIONAL);
	if (l->return_to != NULL &&
	    !oauth_state_return_allowed(c->app->conf->oauth_return_prefixes, l->return_to))
		json_wrong(&r, "return_to",
		    "is not below one of the prefixes in [instance] oauth_return_prefixes");
	if (!problem_any(&why))
		(void)upstream_configured(c, c->who.environment, &why);
	return !call_refused(c, &why) && accounts_connecting_permitted(c, &l->account_id);
}

/* Counts under a lock on the project. DB_NONE: too many, and the reply is a 409. */
static enum db_rc
check_link_count(struct call *c)
{
	struct uuid project;
	const char *limits; /* of rows: not for links */
	int64_t there = 0;
	enum db_rc rc = db_row(c->db, SQL_IN(project_lock, .project = db_uuid(&c->who.project_id)),
	    SQL_OUT(project_lock, .id = db_get_uuid(&project), .limits = db_get_text(&limits)));

	if (rc == DB_OK)
		rc = db_row(c->db,
		    SQL_IN(connect_link_count, .project = db_uuid(&c->who.project_id)),
		    SQL_OUT(connect_link_count, .total = db_get_int(&there)));
	if (rc != DB_OK || there < LINKS_OPEN_MAX)
		return rc == DB_NONE ? DB_FAIL : rc;
	reply_error(&c->reply, 409, "conflict",
	    arena_printf(c->mem,
		"A project has at most %d links that can still be used; delete one first.",
		LINKS_OPEN_MAX));
	return DB_NONE;
}

static enum db_rc
insert_connect_link(struct call *c, void *arg)
{
	struct connect_link *l = arg;
	bool by_key = c->who.kind == WHO_KEY;
	unsigned char hash[SHA256_SIZE];
	enum db_rc rc = check_link_count(c);

	if (rc != DB_OK)
		return rc;
	l->id = uuid_v7(c->now_us);
	crypto_sha256(l->text, strlen(l->text), hash);
	rc = db_exec(c->db,
	    SQL_IN(connect_link_insert, .id = db_uuid(&l->id),
		.project = db_uuid(&c->who.project_id), .hash = db_bytes(hash, sizeof(hash)),
		.account = uuid_is_nil(&l->account_id) ? db_null() : db_uuid(&l->account_id),
		.name = db_text(l->name), .return_to = db_text(l->return_to),
		.user = by_key ? db_null() : db_uuid(&c->who.user_id),
		.key = by_key ? db_uuid(&c->who.key_id) : db_null(),
		.created = db_time(l->created_us), .expires = db_time(l->expires_us)),
	    NULL);
	if (rc == DB_OK)
		rc = activity_write(c, ACTIVITY_CONNECT_LINK_CREATED, NULL, &l->id);
	if (rc != DB_OK)
		return rc;
	reply_json(&c->reply, 201, connect_link_json(c, l));
	c->reply.has_secret = 1;
	return DB_OK;
}

/* POST /v1/pinterest/connect-links */
void
connect_links_create(struct call *c)
{
	struct connect_link l = { .created_us = c->now_us,
		.expires_us = c->now_us + LINK_LIFE_S * US_PER_S,
		.used_us = TIME_NONE };
	char text[64];

	if (!read_connect_link(c, &l))
		return;
	crypto_token(LINK_PREFIX, text, sizeof(text));
	l.text = arena_strdup(c->mem, text);
	crypto_wipe(text, sizeof(text));
	(void)call_transact(c, insert_connect_link, &l);
}

/* GET /v1/pinterest/connect-links: of a key with an allow-list, those of its accounts. */
void
connect_links_list(struct call *c)
{
	struct connect_link l = { 0 };
	struct list_page p = { .id = &l.id, .time_us = &l.created_us };
	struct json_object *links;
	enum db_rc rc;

	if (!list_page_read(c, LINKS_LISTED_MOST, &p))
		return;
	links = json_object_new_array();
	rc = list_page_rows(c, &p,
	    SQL_IN(connect_link_list, .project = db_uuid(&c->who.project_id),
		.allow = db_text(c->who.account_ids), LIST_PAGE_IN(&p)),
	    SQL_OUT(connect_link_list, .id = db_get_uuid(&l.id),
		.account_id = db_get_uuid(&l.account_id), .name = db_get_text(&l.name),
		.return_to = db_get_text(&l.return_to), .created_at = db_get_time(&l.created_us),
		.expires_at = db_get_time(&l.expires_us), .used_at = db_get_time(&l.used_us),
		.connected_account_id = db_get_uuid(&l.connected_id)),
	    connect_link_json, &l, links);
	call_reply(c, rc, NULL, links);
	c->reply.etag = 1;
	if (rc == DB_OK)
		list_page_link(c, &p);
}

static enum db_rc
withdraw_connect_link(struct call *c, void *arg)
{
	const struct uuid *id = arg;
	enum db_rc rc = db_exec(c->db,
	    SQL_IN(connect_link_withdraw, .id = db_uuid(id), .project = db_uuid(&c->who.project_id),
		.allow = db_text(c->who.account_ids)),
	    NULL);

	if (rc == DB_NONE)
		call_not_found(c, "Link");
	if (rc == DB_OK)
		rc = activity_write(c, ACTIVITY_CONNECT_LINK_DELETED, NULL, id);
	if (rc == DB_OK)
		reply_empty(&c->reply, 204);
	return rc;
}

/* DELETE /v1/pinterest/connect-links/{id} */
void
connect_links_delete(struct call *c)
{
	struct uuid id;

	if (call_uuid(c, 0, &id))
		(void)call_transact(c, withdraw_connect_link, &id);
}

bool
connect_link_open(struct call *c, const char *text, struct oauth_state *out, int64_t *until_us,
    struct problem *why)
{
	unsigned char hash[SHA256_SIZE];
	enum db_rc rc;

	memset(out, 0, sizeof(*out));
	crypto_sha256(text, strlen(text), hash);
	rc = db_row(c->db, SQL_IN(connect_link_get, .hash = db_bytes(hash, sizeof(hash))),
	    SQL_OUT(connect_link_get, .id = db_get_uuid(&out->link_id),
		.project_id = db_get_uuid(&out->project_id), .user_id = db_get_uuid(&out->user_id),
		.key_id = db_get_uuid(&out->key_id), .account_id = db_get_uuid(&out->account_id),
		.return_to = db_get_text(&out->return_to), .expires_at = db_get_time(until_us)));
	if (rc == DB_OK)
		return true;
	if (rc == DB_NONE) {
		problem_set(why, 404, "not_found",
		    "This link was used already, was withdrawn, or has expired. Nothing was "
		    "connected.");
		why->remediation = "Ask who gave it to you for a new one.";
	} else {
		problem_set(why, 503, "service_unavailable", "The database cannot be reached.");
		why->retry_after_s = 5;
	}
	return false;
}

bool
connect_link_take(struct call *c, const struct oauth_state *s, struct problem *why)
{
	enum db_rc rc;

	if (uuid_is_nil(&s->link_id))
		return true;
	rc = db_exec(c->db,
	    SQL_IN(
		connect_link_use, .id = db_uuid(&s->link_id), .project = db_uuid(&s->project_id)),
	    NULL);
	if (rc == DB_OK)
		return true;
	problem_set(why, rc == DB_NONE ? 409 : 503,
	    rc == DB_NONE ? "conflict" : "service_unavailable",
	    rc == DB_NONE ? "This link was used already, was withdrawn, or has expired. Nothing "
			    "was connected."
			  : "The database cannot be reached.");
	why->retry_after_s = rc == DB_NONE ? 0 : 5;
	return false;
}

void
connect_link_end(struct call *c, const struct oauth_state *s, const struct uuid *account_id)
{
	enum db_rc rc = DB_OK;

	if (!uuid_is_nil(&s->link_id))
		rc = db_exec_any(c->db,
		    SQL_IN(connect_link_end, .id = db_uuid(&s->link_id),
			.project = db_uuid(&s->project_id),
			.account = account_id != NULL ? db_uuid(account_id) : db_null()),
		    NULL);
	/* Best effort: the link then stays used. */
	if (rc != DB_OK)
		log_warn("event=connect_link_not_noted request=%s result=%s", c->req->id,
		    db_rc_name(rc));
}
