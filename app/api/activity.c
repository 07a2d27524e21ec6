/* Activity rows of what people and keys change here. */
#include "app/api/activity.h"

#include <string.h>

#include "app/http/call.h"
#include "lib/arena.h"
#include "sql/store.h"

enum db_rc
note_done(struct call *c, const char *category, const char *action, const struct uuid *resource,
    const char *message)
{
	struct actor by = call_actor(c);
	struct activity a = { .action = action,
		.category = category,
		.status = "success",
		.resource_type = arena_strndup(c->mem, action, strcspn(action, ".")),
		.message = message };

	if (resource != NULL)
		a.resource_id = *resource;
	return store_activity(c->db, &c->who.project_id, &by, &a);
}
