#ifndef APP_HTTP_IDEM_H
#define APP_HTTP_IDEM_H

#include <stdbool.h>

#include "lib/attr.h"
#include "lib/db/db.h"

struct call;

/*
 * Replies kept under an Idempotency-Key header (kind 2 of idempotency_keys): per project and route,
 * sealed, replayed byte for byte, and only to who may see what is in them: the same person, or a
 * key for the same accounts. Requests without a credential share the nil project, where the body is
 * part of the key: strangers do not meet each other's.
 */

/* A POST with the header (and not a part of one). */
bool idem_wanted(const struct call *c);
/* Computes c->idem_hash: before idem_find() and idem_store(). */
void idem_start(struct call *c);

__extension__ enum MUST_CHECK_TYPE idem_rc {
	IDEM_NONE,     /* nothing is stored */
	IDEM_REPLAYED, /* c->reply is the stored one */
	IDEM_CONFLICT, /* the key stands for another request: c->reply is a 409 */
	IDEM_ERROR     /* the database did not say: *rc */
};
enum idem_rc idem_find(struct call *c, enum db_rc *rc);
/* Stores c->reply. DB_DUP: somebody else's is there already. */
enum db_rc idem_store(struct call *c);

#endif
