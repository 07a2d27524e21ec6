/* Roles of members. Invariant: an organization keeps an owner who can log in. */
#include "sql/store_member.h"

#include <stdio.h>
#include <string.h>

#include "lib/role.h"
#include "sql/stmt.h"

#define MESSAGE_SIZE 128

enum db_rc
store_member_hold(struct db *db, const struct uuid *organization)
{
	struct uuid held;

	return db_row(db, SQL_IN(organization_lock, .organization = db_uuid(organization)),
	    SQL_OUT(organization_lock, .id = db_get_uuid(&held)));
}

enum db_rc
store_member_other_owner(struct db *db, const struct uuid *organization, const struct uuid *user)
{
	struct uuid other;

	return db_row(db,
	    SQL_IN(membership_other_owner, .organization = db_uuid(organization),
		.user = db_uuid(user)),
	    SQL_OUT(membership_other_owner, .user_id = db_get_uuid(&other)));
}

enum db_rc
store_member_withdraw(struct db *db, const struct uuid *organization, const struct uuid *user)
{
	return db_exec_any(db,
	    SQL_IN(invitation_revoke_of_member, .organization = db_uuid(organization),
		.user = db_uuid(user)),
	    NULL);
}

static enum db_rc
log_role(struct db *db, const struct store_member *m, const char *wanted)
{
	char message[MESSAGE_SIZE];
	const struct activity a = {
		.action = ACTIVITY_MEMBER_ROLE_CHANGED, .resource_id = m->user, .message = message
	};

	(void)snprintf(
	    message, sizeof(message), "A member's role is %s; it was %s.", wanted, m->role);
	return store_activity(db, &m->project, m->by, &a);
}

enum db_rc
store_member_role(struct db *db, const struct store_member *m, const char *wanted)
{
	unsigned was = role_permissions(m->role), is = role_permissions(wanted);
	enum db_rc rc = DB_OK;

	if (strcmp(m->role, wanted) == 0)
		return DB_OK;
	if (strcmp(m->role, STORE_MEMBER_OWNER) == 0)
		rc = store_member_other_owner(db, &m->organization, &m->user);
	if (rc == DB_OK)
		rc = db_exec(db,
		    SQL_IN(membership_patch, .id = db_uuid(&m->id),
			.organization = db_uuid(&m->organization), .role = db_text(wanted)),
		    NULL);
	if (rc == DB_OK && (was & ~is) != 0)
		rc = store_member_withdraw(db, &m->organization, &m->user);
	return rc == DB_OK ? log_role(db, m, wanted) : rc;
}
