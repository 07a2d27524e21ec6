/* The actions of the activity log. */
#include "lib/activity.h"

#include <stddef.h>
#include <string.h>

#define SECURITY "security"
#define PUBLISHING "publishing"
#define CONFIGURATION "configuration"
#define INTEGRATION "integration"
#define SUCCESS "success"
#define FAILED "failed"
#define QUEUED "queued"
#define CANCELED "canceled"

static const struct activity_kind kinds[ACTIVITY__COUNT] = {
#define ACTIVITY(NAME, action, category, status, resource, says)                                   \
	{ action, category, status, resource, says },
#include "lib/activity.def"
#undef ACTIVITY
};

const struct activity_kind *
activity_kind(enum activity_action action)
{
	return &kinds[action];
}

const struct activity_kind *
activity_find(const char *action)
{
	for (size_t i = 0; i < ACTIVITY__COUNT; i++)
		if (strcmp(kinds[i].action, action) == 0)
			return &kinds[i];
	return NULL;
}
