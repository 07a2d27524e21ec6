#ifndef LIB_ACTIVITY_H
#define LIB_ACTIVITY_H

/* The actions of the activity log: the list is activity.def. */
enum activity_action {
#define ACTIVITY(NAME, action, category, status, resource, says) ACTIVITY_##NAME,
#include "lib/activity.def"
#undef ACTIVITY
	ACTIVITY__COUNT
};

/* What the log shows of an action; all of them are the PinBridge API's words. */
struct activity_kind {
	const char *action, *category, *status, *resource, *says;
};
const struct activity_kind *activity_kind(enum activity_action action);
/* NULL: an action of another version. */
const struct activity_kind *activity_find(const char *action);

#endif
