#ifndef APP_API_TEAM_H
#define APP_API_TEAM_H

#include <stdbool.h>
#include <stdint.h>

#include "app/http/limits.h"
#include "lib/attr.h"
#include "lib/db/db.h"
#include "sql/store_member.h"

struct call;
struct list_page;
struct json_object;
struct json_reader;
struct uuid;

/* What the changes of members and of invitations share; lib/role.def has the roles. */
#define TEAM_OWNER STORE_MEMBER_OWNER
#define TEAM_INVITATION_GONE "This invitation was used, was withdrawn, or has expired."
#define TEAM_INVITATION_ASK "Ask who invited you for a new one."

/* Inside a transaction: the members and invitations stay as they are until the commit. */
enum db_rc team_hold_organization(struct call *c, const struct uuid *organization);
/*
 * The same for the caller's organization, with the role that the caller has by now. DB_NONE: none
 * any more, and the reply is a 401.
 */
enum db_rc team_hold(struct call *c, const char **role);
/* The body's `role`, in lower case; NULL: noted. */
const char *team_read_role(struct call *c, struct json_reader *r);
/* May `own` give `role`, or change who has it? False: the reply is a 403. */
MUST_CHECK bool team_permits(struct call *c, const char *own, const char *role);
/* So many rows has a page for clients that know no pages. */
#define TEAM_LISTED_MOST 1000
/* Replies with a page; takes over `items`. `total`: on all pages. */
void team_reply_list(struct call *c, enum db_rc rc, struct json_object *items, int64_t total,
    const struct list_page *p);
/* Room for one more in the organization. DB_NONE: the reply is the refusal. */
enum db_rc team_claim(struct call *c, enum limit which, const struct uuid *organization);

#endif
