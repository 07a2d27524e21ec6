/* JSON: json-c reads everything the scanner accepts, with equal values, and the decoders do not
 * crash. */
#include "tests/fuzz/fuzz.h"

#include "lib/arena.h"
#include "lib/json.h"
#include "lib/pin.h"
#include "lib/problem.h"

#define VALUES_MAX 2000u
#define DEPTH_MAX 20u

static unsigned
count_values(struct json_object *o)
{
	unsigned n = 1;
	size_t i;

	if (json_object_is_type(o, json_type_array)) {
		for (i = 0; i < json_object_array_length(o); i++)
			n += count_values(json_object_array_get_idx(o, i));
	} else if (json_object_is_type(o, json_type_object)) {
		struct json_object_iterator at = json_object_iter_begin(o);
		struct json_object_iterator end = json_object_iter_end(o);

		for (; !json_object_iter_equal(&at, &end); json_object_iter_next(&at))
			n += count_values(json_object_iter_peek_value(&at));
	}
	return n;
}

static void
check_tree(struct json_object *o, const char *text, size_t len)
{
	struct json_limits limits = { .max_depth = DEPTH_MAX, .max_values = VALUES_MAX };
	struct json_fault fault;
	const char *dump;
	size_t dump_len;

	/* A lost or additional member would change the count at which the scanner gives up. */
	limits.max_values = count_values(o);
	MUST(json_scan(text, len, &limits, &fault) == 0);
	limits.max_values--;
	MUST(json_scan(text, len, &limits, &fault) == -1);
	limits.max_values++;
	dump = json_dump(o, &dump_len);
	MUST(json_scan(dump, dump_len, &limits, &fault) == 0);
}

static void
check_decoders(struct json_object *o)
{
	struct arena *mem = arena_new();
	struct problem why = { 0 };
	struct pin_patch patch;
	struct pin_new pin;
	unsigned char hash[32];

	if (pin_new_decode(&pin, PIN_FORM_ROW, o, 0, mem, &why) == 0) {
		MUST(!problem_any(&why));
		MUST((pin.content.image_url != NULL) != !uuid_is_nil(&pin.content.asset_id));
	} else {
		MUST(why.status == 422 && why.errors_len > 0 && why.message != NULL);
		json_object_put(problem_json(&why, "req"));
	}
	pin_new_hash(&pin, hash);
	memset(&why, 0, sizeof why);
	MUST((pin_patch_decode(&patch, PIN_FORM_SCHEDULE, o, 0, mem, &why) == 0) ==
	     (why.errors_len == 0));
	arena_free(mem);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct json_limits limits = { .max_depth = DEPTH_MAX, .max_values = VALUES_MAX };
	const char *text = (const char *)data;
	struct json_fault fault = { 0 };
	struct json_object *o;

	if (json_scan(text, size, &limits, &fault) == -1) {
		MUST(fault.reason != NULL && fault.offset <= size);
		MUST(json_parse(text, size, &limits, &fault) == NULL);
	} else {
		MUST(json_scan_answer(text, size, &limits, &fault) == 0);
		o = json_parse(text, size, &limits, &fault);
		MUST(o != NULL);
		check_tree(o, text, size);
		check_decoders(o);
		json_object_put(o);
	}
	o = json_parse_answer(text, size, &limits, &fault);
	json_object_put(o);
	return 0;
}
