/* Holds of link hosts. Invariant: a hold that has passed is dropped. */
#include "worker/turn/link_hosts.h"

#include <string.h>

#include "lib/arena.h"
#include "lib/json.h"

static struct json_object *
link_hosts_parse(const char *json)
{
	static const struct json_limits limits = { 2, 1000 };
	struct json_fault fault;

	return json != NULL ? json_parse(json, strlen(json), &limits, &fault) : NULL;
}

int64_t
link_hosts_hold_until(const char *json, const char *host)
{
	struct json_object *all = host != NULL ? link_hosts_parse(json) : NULL, *until;
	int64_t us = 0;

	if (json_object_is_type(all, json_type_object) &&
	    json_object_object_get_ex(all, host, &until))
		us = json_object_get_int64(until);
	json_object_put(all);
	return us;
}

const char *
link_hosts_updated(
    const char *json, const char *host, int64_t until_us, int64_t now_us, struct arena *mem)
{
	struct json_object *all = link_hosts_parse(json), *left = json_object_new_object();
	const char *text = NULL;

	if (json_object_is_type(all, json_type_object)) {
		json_object_object_foreach(all, name, until)
		{
			if (json_object_get_int64(until) > now_us)
				json_put_int(left, name, json_object_get_int64(until));
		}
	}
	if (host != NULL && host[0] != '\0' && link_hosts_hold_until(json, host) < until_us)
		json_put_int(left, host, until_us);
	if (json_object_object_length(left) > 0)
		text = arena_strdup(mem, json_dump(left, NULL));
	json_object_put(left);
	json_object_put(all);
	return text;
}
