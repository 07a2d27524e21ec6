/* Readers report every wrong field with its path and never coerce; builders write the intended
 * text. */
#include "lib/json.h"
#include "lib/json_reader.h"

#include "lib/arena.h"
#include "lib/clock.h"
#include "lib/problem.h"
#include "tests/tap.h"

static const struct json_limits usual = { .max_depth = 16, .max_values = 10000 };

struct fixture {
	struct arena *mem;
	struct json_object *o;
	struct problem why;
	struct json_reader r;
};

static void
set_up(struct fixture *f, const char *text)
{
	struct json_fault fault;

	memset(f, 0, sizeof *f);
	f->mem = arena_new();
	f->o = json_parse(text, strlen(text), &usual, &fault);
	json_reader_init(&f->r, f->o, f->mem, &f->why);
}

static void
tear_down(struct fixture *f)
{
	json_object_put(f->o);
	arena_free(f->mem);
}

/* The one error's "path: reason", or NULL if there is none. */
static const char *
only_error(struct fixture *f)
{
	if (f->why.errors_len != 1)
		return f->why.errors_len == 0 ? NULL : "(several)";
	return arena_printf(f->mem, "%s: %s", f->why.errors[0].path, f->why.errors[0].reason);
}

static void
test_parse(void)
{
	struct json_fault fault = { 0 };

	ok(json_parse("{\"a\":1,\"a\":2}", 13, &usual, &fault) == NULL,
	    "json_parse refuses what the scanner refuses");
	is_str(fault.reason, "duplicate key", "json_parse returns the scanner's reason");
}

static void
test_text(void)
{
	static const struct {
		const char *json, *want, *error;
		enum json_need need;
	} cases[] = {
		{ "{\"a\":\"xyz\"}", "xyz", NULL, JSON_REQUIRED },
		{ "{\"a\":\"\xC3\xA9\xC3\xA9\xC3\xA9\"}", "\xC3\xA9\xC3\xA9\xC3\xA9", NULL,
		    JSON_REQUIRED },
		{ "{}", NULL, NULL, JSON_OPTIONAL },
		{ "{\"a\":null}", NULL, NULL, JSON_OPTIONAL },
		{ "{}", NULL, "a: Field required", JSON_REQUIRED },
		{ "{\"a\":null}", NULL, "a: Field required", JSON_REQUIRED },
		{ "{\"a\":12}", NULL, "a: must be a string", JSON_OPTIONAL },
		{ "{\"a\":\"\"}", NULL, NULL, JSON_OPTIONAL },
		{ "{\"a\":\"\"}", NULL, "a: must not be empty", JSON_REQUIRED },
		{ "{\"a\":\" \xE2\x80\x8B\xC2\xA0\"}", NULL, NULL, JSON_OPTIONAL },
		{ "{\"a\":\" \xE2\x80\x8B\xC2\xA0\"}", NULL, "a: must not be empty",
		    JSON_REQUIRED },
		{ "{\"a\":\"\xE2\x80\x8E\"}", NULL, "a: must not be empty", JSON_REQUIRED },
		{ "{\"a\":\" \\t xyz\\n \"}", "xyz", NULL, JSON_REQUIRED },
		{ "{\"a\":\"x\\u001by\"}", NULL,
		    "a: must not contain U+001B (a control character), at character 2",
		    JSON_OPTIONAL },
		{ "{\"a\":\"x\"}", NULL, "a: must have at least 2 characters", JSON_OPTIONAL },
		{ "{\"a\":\"wxyz\"}", NULL, "a: must have at most 3 characters, not 4",
		    JSON_OPTIONAL },
	};
	size_t i;

	for (i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct fixture f;
		const char *got;

		set_up(&f, cases[i].json);
		got = json_text(&f.r, "a", cases[i].need, 2, 3);
		is_str(got, cases[i].want, cases[i].json);
		is_str(only_error(&f), cases[i].error, cases[i].json);
		tear_down(&f);
	}
}

/* Each reader's kind of text, and an empty text that counts as absent whatever the field holds. */
static void
test_kinds(void)
{
	struct fixture f;
	struct uuid id;
	int64_t at;
	bool flag;

	set_up(&f, "{\"a\":\"x\\r\\ny\\tz\",\"url\":\" https://a.example/ \",\"pw\":\" p\\tw \"}");
	is_str(json_prose(&f.r, "a", JSON_REQUIRED, 1, 9), "x\ny\tz", "prose keeps its lines");
	is_str(json_text(&f.r, "a", JSON_REQUIRED, 1, 9), "x y z", "other text is one line");
	is_str(json_url(&f.r, "url", JSON_REQUIRED), "https://a.example/", "a URL is trimmed");
	is_str(
	    json_password(&f.r, "pw", JSON_REQUIRED, 1, 9), " p\tw ", "a password stays as it is");
	is_str(only_error(&f), NULL, "nothing is wrong with them");
	is_str(json_key(&f.r, "a", JSON_REQUIRED, 1, 9), NULL, "a key with a line end is refused");
	is_str(only_error(&f), "a: must not contain U+000D (a control character), at character 2",
	    "which is named");
	tear_down(&f);
	set_up(&f, "{\"s\":1772352000,\"ms\":1772352000123,\"f\":1772352000.5,\"t\":\" 2026-03-01 "
		   "08:00Z \","
		   "\"x\":20260301,\"b\":true}");
	ok(json_time(&f.r, "s", JSON_REQUIRED, &at) == 0 && at == 1772352000 * US_PER_S,
	    "a number is seconds since 1970");
	ok(json_time(&f.r, "ms", JSON_REQUIRED, &at) == 0 && at == 1772352000123 * US_PER_MS,
	    "or milliseconds");
	ok(json_time(&f.r, "f", JSON_REQUIRED, &at) == 0 && at == 1772352000500 * US_PER_MS,
	    "with a fraction");
	ok(json_time(&f.r, "t", JSON_REQUIRED, &at) == 0 && at == 1772352000 * US_PER_S,
	    "a text may have blanks around it");
	ok(json_time(&f.r, "x", JSON_REQUIRED, &at) == -1 &&
		json_time(&f.r, "b", JSON_REQUIRED, &at) == -1 && f.why.errors_len == 2,
	    "other numbers and values are refused");
	tear_down(&f);
	set_up(&f, "{\"e\":\"\",\"b\":\" \",\"n\":null,\"v\":\"[1]\"}");
	ok(json_uuid(&f.r, "e", JSON_OPTIONAL, &id) == -1 &&
		json_time(&f.r, "b", JSON_OPTIONAL, &at) == -1 &&
		json_flag(&f.r, "e", JSON_OPTIONAL, &flag) == -1 &&
		json_array(&f.r, "e", JSON_OPTIONAL, 1, 2) == NULL &&
		json_url(&f.r, "b", JSON_OPTIONAL) == NULL &&
		json_password(&f.r, "e", JSON_OPTIONAL, 1, 2) == NULL,
	    "an empty text is absent for every reader");
	is_str(only_error(&f), NULL, "and no fault");
	ok(json_is_empty(&f.r, "e") && json_is_empty(&f.r, "b") && json_is_empty(&f.r, "n") &&
		!json_is_empty(&f.r, "v") && !json_is_empty(&f.r, "none"),
	    "null and empty texts are empty, absent ones are not there");
	ok(!json_has(&f.r, "e") && !json_has(&f.r, "n") && json_has(&f.r, "v"),
	    "an empty text is no value");
	is_int(json_uuid(&f.r, "e", JSON_REQUIRED, &id), -1, "a required id may not be empty");
	is_str(only_error(&f), "e: must not be empty", "which is said");
	ok(json_array(&f.r, "v", JSON_OPTIONAL, 1, 2) == NULL,
	    "a text that holds an array is none");
	is_str(f.why.errors[1].reason, "must be an array, not a text that holds JSON",
	    "which is said, too");
	tear_down(&f);
}

static void
test_flag(void)
{
	struct fixture f;
	bool got = false;
	int rc;

	set_up(&f, "{\"a\":true,\"b\":\"false\"}");
	rc = json_flag(&f.r, "a", JSON_REQUIRED, &got);
	ok(rc == 0 && got, "true is read as true");
	rc = json_flag(&f.r, "b", JSON_REQUIRED, &got);
	ok(rc == -1 && got, "the text \"false\" is refused and changes nothing");
	is_str(only_error(&f), "b: must be true or false", "the text \"false\" is reported");
	tear_down(&f);
}

static void
test_uuid_time(void)
{
	struct fixture f;
	struct uuid id;
	int64_t at = 0;
	char text[UUID_TEXT_SIZE];
	int rc;

	set_up(&f, "{\"id\":\" 0190C5A8-7C3B-7000-8000-00000000ABCD\\n\",\"bad\":\"x\","
		   "\"at\":\"2026-03-01T09:00:00+01:00\",\"naive\":\"2026-03-01T09:00:00\"}");
	rc = json_uuid(&f.r, "id", JSON_REQUIRED, &id);
	is_int(rc, 0, "a UUID in either case is accepted");
	is_str(uuid_format(&id, text), "0190c5a8-7c3b-7000-8000-00000000abcd",
	    "the UUID's value is read");
	rc = json_time(&f.r, "at", JSON_REQUIRED, &at);
	ok(rc == 0 && at == 1772352000LL * US_PER_S, "a time with an offset is read");
	is_str(only_error(&f), NULL, "valid fields report no error");
	ok(json_item_uuid(json_object_object_get(f.o, "id"), &id) == 0 &&
		json_item_uuid(json_object_object_get(f.o, "bad"), &id) == -1 &&
		json_item_uuid(NULL, &id) == -1,
	    "an element of a list is read the same");
	rc = json_uuid(&f.r, "bad", JSON_OPTIONAL, &id);
	is_int(rc, -1, "an invalid UUID is refused");
	is_str(only_error(&f), "bad: must be a UUID", "an invalid UUID is reported");
	rc = json_time(&f.r, "naive", JSON_OPTIONAL, &at);
	is_int(rc, -1, "a time without an offset is refused");
	is_int((int64_t)f.why.errors_len, 2, "both faults are reported");
	tear_down(&f);
}

static void
test_array_known(void)
{
	static const char *const names[] = { "list", NULL };
	struct fixture f;
	struct json_object *list;

	set_up(&f, "{\"list\":[1,2],\"extra\":1}");
	f.r.prefix = "pins.3.";
	list = json_array(&f.r, "list", JSON_REQUIRED, 1, 2);
	is_int(list != NULL ? (int64_t)json_object_array_length(list) : -1, 2, "an array is read");
	json_known(&f.r, names);
	is_str(only_error(&f), "pins.3.extra: unknown field",
	    "unknown keys are reported with their prefix");
	ok(json_array(&f.r, "list", JSON_REQUIRED, 1, 1) == NULL,
	    "an array that is too long is refused");
	is_str(f.why.errors[1].reason, "must have 1 to 1 elements",
	    "an array that is too long is reported");
	ok(json_has(&f.r, "list") && !json_has(&f.r, "no"), "json_has finds present fields only");
	tear_down(&f);
	set_up(&f, "{\"a\":null,\"b\":1}");
	ok(json_is_null(&f.r, "a") && !json_is_null(&f.r, "b") && !json_is_null(&f.r, "c"),
	    "only an explicit null is null");
	tear_down(&f);
}

static void
test_no_object(void)
{
	struct fixture f;

	set_up(&f, "[1]");
	json_text(&f.r, "a", JSON_REQUIRED, 1, 2);
	is_str(only_error(&f), ": must be a JSON object",
	    "an array instead of an object is reported once");
	tear_down(&f);
}

static void
test_build(void)
{
	struct json_object *o = json_object_new_object();
	struct uuid id = { { 1 } };
	const char *text;
	size_t len;

	json_put_text(o, "text", "a/b \"c\"\n");
	json_put_text(o, "none", NULL);
	json_put_int(o, "int", INT64_MIN);
	json_put_bool(o, "flag", true);
	json_put_uuid(o, "id", &id);
	json_put_uuid(o, "no_id", NULL);
	json_put_time(o, "at", 1500000);
	json_put_time(o, "never", TIME_NONE);
	text = json_dump(o, &len);
	is_str(text,
	    "{\"text\":\"a/b \\\"c\\\"\\n\",\"none\":null,\"int\":-9223372036854775808,"
	    "\"flag\":true,\"id\":\"01000000-0000-0000-0000-000000000000\",\"no_id\":null,"
	    "\"at\":\"1970-01-01T00:00:01.500000Z\",\"never\":null}",
	    "the built object has the expected text");
	is_int((int64_t)len, (int64_t)strlen(text), "the built text's length is returned");
	json_object_put(o);
}

int
main(void)
{
	test_parse();
	test_text();
	test_kinds();
	test_flag();
	test_uuid_time();
	test_array_known();
	test_no_object();
	test_build();
	return tap_done();
}
