/* Activities of users and API keys. */
#include "app/api/activity.h"

#include "app/http/call.h"

enum db_rc
activity_write(struct call *c, const char *category, const char *action, const char *status,
    const struct uuid *resource, const char *message)
{
	const struct actor by = call_actor(c);
	struct activity a = {
		.action = action, .category = category, .status = status, .message = message
	};

	if (resource != NULL)
		a.resource_id = *resource;
	return store_activity(c->db, &c->who.project_id, &by, &a);
}
