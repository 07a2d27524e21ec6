#ifndef SQL_STORE_MEMBER_H
#define SQL_STORE_MEMBER_H

#include "lib/db/db.h"
#include "lib/uuid.h"
#include "sql/store.h"

#define STORE_MEMBER_OWNER "owner"

/*
 * Changes of an organization's members, which keep an owner who can log in. Inside a transaction
 * that holds the organization: store_member_hold().
 */
enum db_rc store_member_hold(struct db *db, const struct uuid *organization);
/* DB_NONE: nobody but this user could act as the organization's owner. */
enum db_rc store_member_other_owner(
    struct db *db, const struct uuid *organization, const struct uuid *user);
/* What somebody invited who could not do so any more is withdrawn. */
enum db_rc store_member_withdraw(
    struct db *db, const struct uuid *organization, const struct uuid *user);

struct store_member {
	struct uuid organization, id, user; /* id: of the membership */
	const char *role;                   /* the one that the member has, read under the hold */
	struct uuid project;                /* in whose activity log it goes */
	const struct actor *by;
};
/*
 * Gives the member another role, withdraws what the former one had invited if the new one may do
 * less, and writes the activity. DB_NONE: this is the only owner.
 */
enum db_rc store_member_role(struct db *db, const struct store_member *m, const char *wanted);

#endif
