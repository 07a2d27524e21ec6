/* Status tokens: what is in them, and who they speak for. */
#include "app/http/status_token.h"

#include <string.h>

#include "app/http/call.h"
#include "lib/arena.h"
#include "lib/crypto.h"
#include "lib/keyring.h"
#include "sql/stmt.h"

#define LABEL "status_tokens"

/* What is sealed; the ids follow. */
struct token_head {
	struct uuid project_id, giver_id;
	int64_t expires_us;
	uint8_t by_key, pins, schedules, unused[5];
};

#define PLAIN_MAX (sizeof(struct token_head) + STATUS_TOKEN_IDS_MAX * sizeof(struct uuid))

static const struct uuid no_row;

const char *
status_token_seal(const struct keyring *keys, const struct status_token *t, struct arena *mem)
{
	const struct token_head head = { .project_id = t->project_id,
		.giver_id = t->giver_id,
		.expires_us = t->expires_us,
		.by_key = t->by_key,
		.pins = (uint8_t)t->pins,
		.schedules = (uint8_t)t->schedules };
	size_t ids = (t->pins + t->schedules) * sizeof(struct uuid), len = sizeof(head) + ids;
	unsigned char plain[PLAIN_MAX], sealed[PLAIN_MAX + KEYRING_OVERHEAD];
	char text[CRYPTO_BASE64_SIZE(sizeof(sealed))];

	memcpy(plain, &head, sizeof(head));
	memcpy(plain + sizeof(head), t->ids, ids);
	len = keyring_seal(keys, LABEL, &no_row, plain, len, sealed);
	return arena_printf(mem, "%s%s", STATUS_TOKEN_PREFIX, crypto_base64url(sealed, len, text));
}

/* False: not ours, or altered. */
static bool
status_token_open(const struct keyring *keys, const char *text, struct status_token *t)
{
	unsigned char plain[PLAIN_MAX], sealed[PLAIN_MAX + KEYRING_OVERHEAD];
	size_t prefix = strlen(STATUS_TOKEN_PREFIX), ids;
	struct token_head head;
	int len = -1;

	if (strncmp(text, STATUS_TOKEN_PREFIX, prefix) == 0)
		len = crypto_base64_decode(text + prefix, true, sealed, sizeof(sealed));
	if (len > 0)
		len = keyring_open(keys, LABEL, &no_row, sealed, (size_t)len, plain, sizeof(plain));
	if (len < (int)sizeof(head))
		return false;
	memcpy(&head, plain, sizeof(head));
	ids = (size_t)head.pins + head.schedules;
	if (ids > STATUS_TOKEN_IDS_MAX || (size_t)len != sizeof(head) + ids * sizeof(struct uuid))
		return false;
	*t = (struct status_token){ .project_id = head.project_id,
		.giver_id = head.giver_id,
		.by_key = head.by_key,
		.expires_us = head.expires_us,
		.pins = head.pins,
		.schedules = head.schedules };
	memcpy(t->ids, plain + sizeof(head), ids * sizeof(struct uuid));
	return true;
}

/* The project as the key or session that gave the token may read it now. */
static enum db_rc
load_giver(struct call *c, const struct status_token *t)
{
	int64_t environment = ENV_PRODUCTION;
	const char *limits = NULL;
	enum db_rc rc;

	if (t->by_key)
		rc = db_row(c->db,
		    SQL_IN(status_token_key, .id = db_uuid(&t->giver_id),
			.project = db_uuid(&t->project_id)),
		    SQL_OUT(status_token_key,
			.organization_id = db_get_uuid(&c->who.organization_id),
			.environment = db_get_int(&environment), .limits = db_get_text(&limits),
			.account_ids = db_get_text(&c->who.account_ids),
			.now = db_get_time(&c->now_us)));
	else
		rc = db_row(c->db,
		    SQL_IN(status_token_session, .id = db_uuid(&t->giver_id),
			.project = db_uuid(&t->project_id)),
		    SQL_OUT(status_token_session,
			.organization_id = db_get_uuid(&c->who.organization_id),
			.environment = db_get_int(&environment), .limits = db_get_text(&limits),
			.now = db_get_time(&c->now_us)));
	if (rc != DB_OK)
		return rc;
	c->who.environment = environment == ENV_SANDBOX ? ENV_SANDBOX : ENV_PRODUCTION;
	limit_own_read(&c->own, limits);
	return DB_OK;
}

enum db_rc
status_token_load(struct call *c, const char *text)
{
	struct status_token *t = arena_alloc(c->mem, sizeof(*t));
	enum db_rc rc;

	if (!status_token_open(c->app->keys, text, t))
		return DB_NONE;
	rc = load_giver(c, t);
	if (rc == DB_OK && t->expires_us <= c->now_us)
		rc = DB_NONE;
	if (rc != DB_OK)
		return rc;
	c->who.kind = WHO_POLLER;
	c->who.project_id = t->project_id;
	c->who.scopes = SCOPE_READ;
	c->who.poller = t;
	/* one bucket for each token: its hash is as good as an id */
	crypto_sha256(text, strlen(text), c->who.token_hash);
	memcpy(&c->who.key_id, c->who.token_hash, sizeof(c->who.key_id));
	return DB_OK;
}

bool
status_token_shows(const struct call *c, bool is_pin, const struct uuid *id)
{
	const struct status_token *t = c->who.poller;
	size_t i, end;

	if (t == NULL)
		return true;
	end = is_pin ? t->pins : t->pins + t->schedules;
	for (i = is_pin ? 0 : t->pins; i < end; i++)
		if (uuid_equal(&t->ids[i], id))
			return true;
	return false;
}
