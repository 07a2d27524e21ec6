/* The one error format, as clients of the PinBridge API read it. */
#include "lib/problem.h"

#include "lib/arena.h"
#include "lib/json.h"
#include "tests/tap.h"

static void
test_plain(void)
{
	struct problem p = { 0 };
	struct json_object *o;

	ok(!problem_any(&p), "a new problem is empty");
	problem_set(&p, 429, "rate_limited", "Slow down.");
	p.retry_after_s = 7;
	p.remediation = "Wait.";
	ok(problem_any(&p), "a problem that was set is not empty");
	o = problem_json(&p, "req_1");
	is_str(json_dump(o, NULL),
	    "{\"type\":\"urn:pintempo:error:rate_limited\",\"title\":\"Too Many Requests\","
	    "\"status\":429,\"detail\":\"Slow down.\",\"code\":\"rate_limited\","
	    "\"message\":\"Slow down.\",\"request_id\":\"req_1\",\"error\":{"
	    "\"code\":\"rate_limited\",\"message\":\"Slow down.\",\"remediation\":\"Wait.\","
	    "\"request_id\":\"req_1\",\"retry_after_seconds\":7}}",
	    "an error with a code has the expected JSON");
	json_object_put(o);
}

static void
test_fields(void)
{
	struct arena *mem = arena_new();
	struct problem p = { 0 };
	struct json_object *o, *error = NULL, *errors = NULL;

	problem_field(&p, mem, "title", "Field required");
	is_str(p.message, "Request validation failed for: title.", "one wrong field is named");
	problem_field(&p, mem, "pins.3.board_id", "must be a string");
	problem_field(&p, mem, "title", "is also ugly");
	is_str(p.message, "Request validation failed for: title, pins.3.board_id.",
	    "each wrong field is named once");
	problem_query(&p, mem, "limit", "too large");
	problem_field(&p, mem, "", "no object");
	is_str(p.message, "Request validation failed for: title, pins.3.board_id, limit, body.",
	    "the whole body is named");
	is_int(p.status, 422, "wrong fields give status 422");
	is_str(p.code, "validation_error", "wrong fields give validation_error");
	o = problem_json(&p, "req_2");
	json_object_object_get_ex(o, "error", &error);
	json_object_object_get_ex(error, "errors", &errors);
	is_str(json_dump(errors, NULL),
	    "[{\"loc\":[\"body\",\"title\"],\"msg\":\"Field required\"},"
	    "{\"loc\":[\"body\",\"pins\",3,\"board_id\"],\"msg\":\"must be a string\"},"
	    "{\"loc\":[\"body\",\"title\"],\"msg\":\"is also ugly\"},"
	    "{\"loc\":[\"query\",\"limit\"],\"msg\":\"too large\"},"
	    "{\"loc\":[\"body\"],\"msg\":\"no object\"}]",
	    "each error has loc and msg");
	json_object_put(o);
	problem_set(&p, 404, "not_found", "Pin not found");
	is_int((int64_t)p.errors_len, 0, "setting a new problem clears the fields");
	arena_free(mem);
}

static void
test_many(void)
{
	struct arena *mem = arena_new();
	struct problem p = { 0 };
	size_t before;
	int i;

	for (i = 0; i < PROBLEM_MAX_ERRORS + 5; i++)
		problem_field(&p, mem, arena_printf(mem, "field_%d", i), "wrong");
	is_int((int64_t)p.errors_len, PROBLEM_MAX_ERRORS,
	    "a problem lists at most PROBLEM_MAX_ERRORS fields");
	ok(strstr(p.message, "field_31 and 5 more.") != NULL &&
		strstr(p.message, "field_32") == NULL,
	    "the listed fields are named in the message, and the others counted");
	before = arena_bytes(mem);
	for (i = 0; i < 10000; i++)
		problem_field(&p, mem, "field", "wrong");
	ok(strstr(p.message, "field_31 and 10005 more.") != NULL, "thousands are counted");
	is_int((int64_t)arena_bytes(mem), (int64_t)before, "and take no memory");
	arena_free(mem);
}

int
main(void)
{
	test_plain();
	test_fields();
	test_many();
	return tap_done();
}
