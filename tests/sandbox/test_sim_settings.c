/* Settings: the JSON document, its allowed values, and their meaning. Also ids and times as text.
 */
#include "app/sandbox/sim_settings.h"

#include <string.h>

#include "app/sandbox/sim_ids.h"
#include "lib/arena.h"
#include "lib/crypto.h"
#include "lib/json.h"
#include "tests/tap.h"

static const struct {
	const char *doc;
	const char *changes;
	const char *merged; /* NULL: refused */
} merges[] = {
	{ "{}", "{}", "{}" },
	{ "{}", "{\"org_write\":5}", "{\"org_write\":5}" },
	{ "{\"org_write\":5}", "{\"org_write\":null,\"tier\":\"trial\"}", "{\"tier\":\"trial\"}" },
	{ "{\"skew_s\":1}", "{\"skew_s\":-300}", "{\"skew_s\":-300}" },
	{ "{}", "{\"retry_after\":true}", "{\"retry_after\":true}" },
	{ "{}", "{\"blocked_hosts\":\"a,b\"}", "{\"blocked_hosts\":\"a,b\"}" },
	{ "damaged", "{\"fetch\":0}", "{\"fetch\":0}" },
	{ "{}", "{\"org_write\":-1}", NULL },
	{ "{}", "{\"org_write\":\"5\"}", NULL },
	{ "{}", "{\"org_write\":true}", NULL },
	{ "{}", "{\"org_write\":1.5}", NULL },
	{ "{}", "{\"image_cache_ms\":1001}", NULL },
	{ "{}", "{\"rewrite\":\"links\",\"page_max\":5}",
	    "{\"rewrite\":\"links\",\"page_max\":5}" },
	{ "{}", "{\"page_max\":251}", NULL },
	{ "{}", "{\"tier\":\"gold\"}", NULL },
	{ "{}", "{\"tier\":1}", NULL },
	{ "{}", "{\"drop_scopes\":[]}", NULL },
	{ "{}", "{\"nonsense\":1}", NULL },
};

static void
merging(struct arena *mem)
{
	const struct json_limits limits = { 4, 100 };
	struct json_fault fault;

	for (size_t i = 0; i < sizeof(merges) / sizeof(merges[0]); i++) {
		struct json_object *changes =
		    json_parse(merges[i].changes, strlen(merges[i].changes), &limits, &fault);
		const char *why = NULL;
		const char *got = sim_settings_merge(merges[i].doc, changes, mem, &why);

		is_str(got, merges[i].merged, merges[i].changes);
		ok((why == NULL) == (merges[i].merged != NULL),
		    "a reason is given exactly when the change is refused");
		json_object_put(changes);
	}
}

static void
reading(struct arena *mem)
{
	struct sim_settings s;
	struct json_object *o;

	sim_settings_read(&s, "{}", mem);
	is_int(s.org_write, 600, "a number has its default");
	is_int(s.rotation, SIM_ROTATION_STRICT, "an enum has its default");
	is_str(s.blocked_hosts, "", "a text has its default");
	sim_settings_read(&s, "{\"rotation\":\"keep\",\"deny\":true,\"drop_scopes\":\"x\"}", mem);
	is_int(s.rotation, SIM_ROTATION_KEEP, "an enum can be changed");
	is_int(s.deny, 1, "true is 1");
	is_str(s.drop_scopes, "x", "a text can be changed");
	o = sim_settings_show(&s);
	is_str(json_object_get_string(json_object_object_get(o, "rotation")), "keep",
	    "the document shows the changed value");
	json_object_put(o);
}

static void
names(struct arena *mem)
{
	int64_t now = 1795000000123456; /* 2026-11-18T11:06:40 */
	int64_t id = sim_id_next(now);

	is_int((int64_t)strlen(sim_id_text(id, mem)), 18, "an id has 18 digits");
	ok(sim_id_next(now + 1) > id, "ids grow with time");
	is_int(sim_id_parse(sim_id_text(id, mem)), id, "an id survives a round trip");
	is_str(sim_id_text(0, mem), NULL, "0 is not an id");
	is_int(sim_id_parse("-1"), -1, "an id with a sign is refused");
	is_int(sim_id_parse("12x"), -1, "an id with a letter is refused");
	is_int(sim_id_parse(""), -1, "an empty id is refused");
	is_int(sim_id_parse(NULL), -1, "a NULL id is refused");
	is_int(sim_id_parse("1000000000000000000"), -1, "an id of 19 digits is refused");
	is_str(
	    sim_time_text(now, mem), "2026-11-18T11:06:40", "a time is formatted like created_at");
	is_str(sim_http_date(now, mem), "Wed, 18 Nov 2026 11:06:40 GMT",
	    "a time is formatted like the Date header");
}

int
main(void)
{
	struct arena *mem = arena_new();

	crypto_start();
	merging(mem);
	reading(mem);
	names(mem);
	arena_free(mem);
	return tap_done();
}
