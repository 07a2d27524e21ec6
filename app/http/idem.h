#ifndef APP_HTTP_IDEM_H
#define APP_HTTP_IDEM_H

#include <stdbool.h>

#include "lib/attr.h"
#include "lib/db/db.h"

struct call;

/*
 * Replies stored under an Idempotency-Key header (kind 2 of idempotency_keys): per project and
 * route, sealed, replayed byte for byte, and only to a caller who may see them: the same user, or a
 * key for the same accounts. Requests without a credential share the nil project; there the body is
 * part of the key, so that strangers cannot get each other's replies.
 */

/* True for a POST with the header that may change something and is no part of a bulk request. */
MUST_CHECK bool idem_wanted(const struct call *c);
/* Computes c->idem_hash. Call it before idem_find() and idem_store(). */
void idem_start(struct call *c);

__extension__ enum MUST_CHECK_TYPE idem_rc {
	IDEM_NONE,     /* nothing is stored */
	IDEM_REPLAYED, /* c->reply is the stored one */
	IDEM_CONFLICT, /* the key was used for another request: c->reply is a 409 */
	IDEM_ERROR     /* the database failed: *rc */
};
enum idem_rc idem_find(struct call *c, enum db_rc *rc);
/* Stores c->reply. DB_DUP: another reply is stored already. */
enum db_rc idem_store(struct call *c);

#endif
