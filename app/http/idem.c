/*
 * Stored replies. Invariant: a reply is stored in the transaction whose effect it reports
 * (call_transact()) or, without a transaction, right after the effect.
 */
#include "config.h"

#include "app/http/idem.h"

#include <string.h>

#include "app/http/call.h"
#include "app/http/multipart.h"
#include "lib/arena.h"
#include "lib/buf.h"
#include "lib/crypto.h"
#include "lib/keyring.h"
#include "lib/log.h"
#include "sql/stmt.h"

#define LABEL "idempotency_keys.reply"
#define REPLY_MAX (16 * 1024 * 1024 - 4096)

bool
idem_wanted(const struct call *c)
{
	return !c->part && !c->reads && c->req->idempotency_key != NULL &&
	       strcmp(c->req->method, "POST") == 0;
}

/* Chained, so that what is where cannot be mixed up, and nothing large is copied. */
static void
digest_add(unsigned char digest[SHA256_SIZE], const void *bytes, size_t len)
{
	unsigned char both[2 * SHA256_SIZE];

	memcpy(both, digest, SHA256_SIZE);
	crypto_sha256(bytes, len, both + SHA256_SIZE);
	crypto_sha256(both, sizeof(both), digest);
}

/*
 * The body, without the boundary of its multipart delimiters, which clients change in each attempt.
 * Elsewhere the same letters are content.
 */
static void
digest_add_body(unsigned char digest[SHA256_SIZE], const struct req *r)
{
	const char *from = r->body, *end = r->body + r->body_len, *hit, *behind = r->body;

	while (r->boundary != NULL &&
	       (hit = multipart_delimiter(r->body, r->body_len, r->boundary, &behind)) != NULL) {
		digest_add(digest, from, (size_t)(hit - from));
		from = behind;
	}
	digest_add(digest, from, (size_t)(end - from));
}

void
idem_start(struct call *c)
{
	const char *accounts = c->who.account_ids != NULL ? c->who.account_ids : "";

	memset(c->idem_hash, 0, sizeof(c->idem_hash));
	digest_add(c->idem_hash, c->req->target, strlen(c->req->target));
	if (c->who.kind == WHO_SESSION)
		digest_add(c->idem_hash, &c->who.user_id, sizeof(c->who.user_id));
	digest_add(c->idem_hash, accounts, strlen(accounts));
	digest_add_body(c->idem_hash, c->req);
}

/* The key under which the reply is stored. */
static const char *
key_name(const struct call *c)
{
	char hex[SHA256_HEX_SIZE];

	if (c->who.kind != WHO_NOBODY)
		return c->req->idempotency_key;
	return arena_printf(c->mem, "%s %s", crypto_hex(c->idem_hash, sizeof(c->idem_hash), hex),
	    c->req->idempotency_key);
}

/* "location NUL type NUL body" -> the reply. False: malformed. */
static bool
reply_unpack(struct call *c, int status, const char *plain, size_t len)
{
	const char *type, *body, *end = plain + len;

	type = memchr(plain, '\0', len);
	if (type == NULL)
		return false;
	type++;
	body = memchr(type, '\0', (size_t)(end - type));
	if (body == NULL)
		return false;
	body++;
	reply_text(&c->reply, status, type, body);
	c->reply.body_len = (size_t)(end - body);
	c->reply.location = *plain != '\0' ? plain : NULL;
	c->reply.replayed = 1;
	return true;
}

static enum idem_rc
reply_replay(struct call *c, int status, const void *sealed, size_t len)
{
	char *plain = arena_alloc(c->mem, len + 1);
	int got = keyring_open(c->app->keys, LABEL, &c->who.project_id, sealed, len, plain, len);

	if (got >= 0 && reply_unpack(c, status, plain, (size_t)got))
		return IDEM_REPLAYED;
	log_error("event=idempotency_reply_unreadable request=%s route=%s", c->req->id, c->route);
	reply_error(&c->reply, 409, "conflict",
	    "This Idempotency-Key was used, and its stored reply cannot be read any more.");
	return IDEM_CONFLICT;
}

enum idem_rc
idem_find(struct call *c, enum db_rc *rc)
{
	const void *hash, *sealed;
	size_t hash_len, sealed_len;
	int64_t status;

	*rc = db_row(c->db,
	    SQL_IN(idempotency_reply_get, .project = db_uuid(&c->who.project_id),
		.route = db_text(c->route), .key = db_text(key_name(c))),
	    SQL_OUT(idempotency_reply_get, .body_hash = db_get_bytes(&hash, &hash_len),
		.status = db_get_int(&status), .reply_sealed = db_get_bytes(&sealed, &sealed_len)));
	if (*rc == DB_NONE)
		return IDEM_NONE;
	if (*rc != DB_OK)
		return IDEM_ERROR;
	if (!crypto_equal(hash, hash_len, c->idem_hash, sizeof(c->idem_hash))) {
		reply_error(&c->reply, 409, "conflict",
		    "This Idempotency-Key was used before for another request.");
		return IDEM_CONFLICT;
	}
	return reply_replay(c, (int)status, sealed, sealed_len);
}

enum db_rc
idem_store(struct call *c)
{
	const struct reply *r = &c->reply;
	unsigned char *sealed;
	struct buf plain;
	size_t len;

	buf_init(&plain, REPLY_MAX);
	(void)buf_add(&plain, r->location != NULL ? r->location : "",
	    (r->location != NULL ? strlen(r->location) : 0) + 1);
	(void)buf_add(
	    &plain, r->type != NULL ? r->type : "", (r->type != NULL ? strlen(r->type) : 0) + 1);
	(void)buf_add(&plain, r->body, r->body_len);
	sealed = arena_alloc(c->mem, plain.len + KEYRING_OVERHEAD);
	len = keyring_seal(
	    c->app->keys, LABEL, &c->who.project_id, buf_str(&plain), plain.len, sealed);
	buf_free(&plain);

	return db_exec(c->db,
	    SQL_IN(idempotency_reply_insert, .project = db_uuid(&c->who.project_id),
		.route = db_text(c->route), .key = db_text(key_name(c)),
		.hash = db_bytes(c->idem_hash, sizeof(c->idem_hash)), .status = db_int(r->status),
		.reply = db_bytes(sealed, len)),
	    NULL);
}
