#ifndef APP_API_LOGIN_GUARD_H
#define APP_API_LOGIN_GUARD_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/attr.h"
#include "lib/db/db.h"
#include "lib/uuid.h"

struct call;

/* Rows of login_counts. */
enum login_count {
	COUNT_NETWORK = 1,
	COUNT_ADDRESS,
	COUNT_PAIR,
	COUNT_TURN,
	COUNT_REGISTER,
	COUNT_MAIL_NETWORK, /* mails asked for: app/api/mail.c */
	COUNT_MAIL_ADDRESS
};

/*
 * The door before every password that is hashed: counts tries in the database (login_rule.h), for
 * all processes, and gives places for hashing in fair shares (places.h). Names in the table are
 * keyed hashes, and each has one of 65,536 rows of its kind, so nobody can make it grow.
 */
struct login_guard {
	struct uuid network, address, pair; /* hashes */
	bool known;                         /* a good login of this address came from there */
};

/* The caller's network and the address, as keyed hashes; and the row of one. */
void login_guard_name(struct call *c, const char *email, struct login_guard *g);
int64_t login_guard_slot(const struct uuid *name);
/*
 * Counts a try for the address as failed and takes a place, whether anybody has the address or not.
 * `session`: the caller is logged in as that user. False: the reply is a 429 or 503. Otherwise
 * login_guard_leave() gives the place back.
 */
MUST_CHECK bool login_guard_enter(
    struct call *c, const char *email, bool session, struct login_guard *g);
/* The same for a registration, of which a network has a bucket, too. */
MUST_CHECK bool login_guard_register(struct call *c, struct login_guard *g);
void login_guard_leave(struct call *c);
/* Inside a transaction: the password was right. The try is forgotten, the network is known. */
enum db_rc login_guard_good(struct call *c, const struct login_guard *g);
/* Inside a transaction: somebody registered the address from this network. */
enum db_rc login_guard_registered(struct call *c, const char *email);

#endif
