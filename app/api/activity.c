/* Activities of users and API keys. */
#include "app/api/activity.h"

#include "app/http/call.h"

enum db_rc
activity_write(struct call *c, enum activity_action action, const struct uuid *account,
    const struct uuid *resource)
{
	const struct actor by = call_actor(c);
	struct activity a = { .action = action };

	if (account != NULL)
		a.account_id = *account;
	if (resource != NULL)
		a.resource_id = *resource;
	return store_activity(c->db, &c->who.project_id, &by, &a);
}

enum db_rc
activity_write_as(struct call *c, const struct principal *who, enum activity_action action,
    const struct uuid *resource)
{
	const struct actor by = { .type = "user",
		.user_id = who->user_id,
		.label = who->label,
		.request_id = c->req->id };
	struct activity a = { .action = action };

	if (resource != NULL)
		a.resource_id = *resource;
	return store_activity(c->db, &who->project_id, &by, &a);
}
