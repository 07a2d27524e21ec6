/*
 * Pins, schedules, rows and patches: what is accepted keeps every limit and is text, the same input
 * has the same hash, and a patch of it can be applied. The input is JSON.
 */
#include "tests/fuzz/fuzz.h"

#include <stdbool.h>
#include <stdlib.h>

#include "lib/arena.h"
#include "lib/clock.h"
#include "lib/json.h"
#include "lib/pin.h"
#include "lib/problem.h"
#include "lib/url.h"
#include "lib/utf8.h"

#define NOW_US (INT64_C(1700000000) * US_PER_S)

static void
check_text(const char *text, size_t most)
{
	if (text != NULL)
		MUST(utf8_valid(text, strlen(text)) && utf8_length(text, strlen(text)) <= most);
}

static void
check_content(const struct pin_content *c)
{
	struct json_object *terms =
	    c->related_terms != NULL ? json_tokener_parse(c->related_terms) : NULL;

	check_text(c->title, 100);
	check_text(c->description, 800);
	check_text(c->alt_text, 500);
	check_text(c->external_id, 255);
	check_text(c->campaign, 255);
	check_text(c->link_url, URL_MAX);
	check_text(c->image_url, URL_MAX);
	check_text(c->cover_image_url, URL_MAX);
	MUST(c->board_id == NULL || pin_board_fault(c->board_id) == NULL);
	if (c->related_terms != NULL)
		MUST(json_object_is_type(terms, json_type_array) &&
		     json_object_array_length(terms) <= PIN_TERMS_MAX);
	json_object_put(terms);
}

static void
check_new(enum pin_form form, struct json_object *in, struct arena *mem)
{
	struct problem why = { 0 }, again = { 0 };
	unsigned char one[32], two[32];
	struct pin_new p, q;

	if (pin_new_decode(&p, form, in, NOW_US, mem, &why) == -1) {
		MUST(why.status == 422 && why.errors_len > 0 && why.message != NULL);
		json_object_put(problem_json(&why, "id"));
		return;
	}
	MUST(!problem_any(&why) && p.content.title != NULL);
	MUST(form != PIN_FORM_SCHEDULE || p.run_at_us > NOW_US);
	MUST(form != PIN_FORM_PIN || p.run_at_us == TIME_NONE);
	MUST(p.not_after_us == TIME_NONE || p.not_after_us > NOW_US);
	check_content(&p.content);
	MUST(pin_new_decode(&q, form, in, NOW_US, mem, &again) == 0);
	pin_new_hash(&p, one);
	pin_new_hash(&q, two);
	MUST(memcmp(one, two, sizeof(one)) == 0);
}

static void
check_patch(enum pin_form form, struct json_object *in, struct arena *mem)
{
	struct pin_content c = { .title = "T", .board_id = "1" };
	struct json_object *o = json_object_new_object();
	struct problem why = { 0 };
	struct pin_patch p;

	if (pin_patch_decode(&p, form, in, NOW_US, mem, &why) == 0) {
		MUST(p.set != 0);
		pin_patch_apply(&p, &c);
		check_content(&c);
		pin_put_texts(o, &c);
		pin_put_labels(o, &c);
		MUST(json_dump(o, NULL) != NULL);
	} else {
		MUST(why.status == 422);
	}
	json_object_put(o);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct json_limits limits = { .max_depth = 8, .max_values = 2000 };
	struct arena *mem = arena_new();
	char *text = fuzz_text(data, size);
	struct json_fault fault;
	struct json_object *in = json_parse(text, strlen(text), &limits, &fault);

	if (json_object_is_type(in, json_type_object)) {
		check_new(PIN_FORM_PIN, in, mem);
		check_new(PIN_FORM_SCHEDULE, in, mem);
		check_new(PIN_FORM_ROW, in, mem);
		check_patch(PIN_FORM_PIN, in, mem);
		check_patch(PIN_FORM_SCHEDULE, in, mem);
	}
	json_object_put(in);
	free(text);
	arena_free(mem);
	return 0;
}
