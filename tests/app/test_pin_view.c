#include "app/api/pin_view.h"

#include <json-c/json.h>

#include "app/http/call.h"
#include "lib/clock.h"
#include "lib/json.h"
#include "lib/pin.h"
#include "lib/wait.h"
#include "tests/tap.h"

#define PUBLIC_URL "https://pins.example"
#define ID(n) "01900000-0000-7000-8000-00000000000" #n
#define AT(s) ((int64_t)1767225600 * US_PER_S + (s)*US_PER_S) /* 2026-01-01T00:00:00Z + s */

static struct conf conf = { .public_url = PUBLIC_URL };
static const struct app app = { .conf = &conf };

/* A waiting pin that nothing holds back, due at AT(0). */
static struct pin_view
sample(void)
{
	struct pin_view v = { .state = PIN_WAITING,
		.version = 3,
		.run_at_us = AT(0),
		.due_us = AT(0),
		.not_after_us = AT(3600),
		.wait_until_us = TIME_NONE,
		.created_us = AT(-60),
		.updated_us = AT(-30),
		.published_us = TIME_NONE,
		.failed_us = TIME_NONE,
		.removed_us = TIME_NONE,
		.content.board_id = "42",
		.content.title = "Title",
		.content.related_terms = "[\"a\",\"b\"]",
		.content.image_url = "https://img.example/1.png",
		.content.campaign = "spring" };

	ok(uuid_parse(ID(1), &v.id) == 0 && uuid_parse(ID(2), &v.project_id) == 0 &&
		uuid_parse(ID(3), &v.account_id) == 0,
	    "the sample's ids are good");
	return v;
}

/* Compares one member of the wire object; "null" for JSON null, NULL for an absent member. */
static void
is_member(struct json_object *o, const char *name, const char *want, const char *what)
{
	struct json_object *v = NULL;
	bool there = json_object_object_get_ex(o, name, &v);

	is_str(!there ? NULL : v == NULL ? "null" : json_object_get_string(v), want, what);
}

static void
test_members(void)
{
	static const char *const members[] = { "id", "workspace_id", "pinterest_account_id",
		"status", "board_id", "title", "description", "link_url", "alt_text",
		"related_terms", "dominant_color", "media_type", "media_url", "image_url",
		"asset_id", "cover_image_url", "pinterest_pin_id", "error_code", "error_message",
		"schedule_id", "run_at", "attempt_count", "next_attempt_at", "confirmed_by",
		"idempotency_key", "external_id", "campaign", "not_after", "waiting", "created_at",
		"updated_at", "published_at", "failed_at", "removed_from_pinterest_at" };
	struct pin_view v = sample();
	struct json_object *o = pin_view_pin.json(&app, &v), *terms;

	for (size_t i = 0; i < sizeof(members) / sizeof(members[0]); i++)
		ok(json_object_object_get_ex(o, members[i], NULL), "a pin has %s", members[i]);
	is_int(json_object_object_length(o), sizeof(members) / sizeof(members[0]),
	    "a pin has no other members");
	is_member(o, "id", ID(1), "the id is the pin's");
	is_member(o, "workspace_id", "01900000-0000-7000-8000-000000000000",
	    "the workspace is its project, without the number of resets");
	is_member(o, "pinterest_account_id", ID(3), "the account is its account");
	is_member(o, "status", "queued", "a waiting pin is queued");
	is_member(o, "run_at", "2026-01-01T00:00:00Z", "times are UTC");
	is_member(o, "description", "null", "an absent text is null");
	is_member(o, "schedule_id", "null", "a pin without a schedule has a null schedule");
	is_member(o, "published_at", "null", "an absent time is null");
	ok(json_object_object_get_ex(o, "related_terms", &terms) &&
		json_object_is_type(terms, json_type_array) && json_object_array_length(terms) == 2,
	    "related terms are an array");
	json_object_put(o);
	v.candidates = "[\"7\"]";
	o = pin_view_pin.json(&app, &v);
	is_member(o, "candidates", "[ \"7\" ]", "candidates are shown when there are some");
	json_object_put(o);
}

static const struct {
	enum pin_state state;
	enum wait_code wait;
	const char *pin, *schedule;
} statuses[] = {
	{ PIN_PLANNED, WAIT_NONE, "null", "scheduled" },
	{ PIN_WAITING, WAIT_NONE, "queued", "queued" },
	{ PIN_WAITING, WAIT_PACE, "deferred", "deferred" },
	{ PIN_SENDING, WAIT_NONE, "publishing", "running" },
	{ PIN_VERIFYING, WAIT_PACE, "publishing", "running" },
	{ PIN_PUBLISHED, WAIT_NONE, "published", "done" },
	{ PIN_FAILED, WAIT_NONE, "failed", "failed" },
	{ PIN_CANCELED, WAIT_NONE, "null", "canceled" },
};

static void
test_status(void)
{
	for (size_t i = 0; i < sizeof(statuses) / sizeof(statuses[0]); i++) {
		struct pin_view v = sample();
		struct json_object *o;

		v.state = statuses[i].state;
		v.wait_code = statuses[i].wait;
		o = pin_view_pin.json(&app, &v);
		is_member(
		    o, "status", statuses[i].pin, "the wire status of a pin follows its state");
		json_object_put(o);
		o = pin_view_schedule.json(&app, &v);
		is_member(o, "status", statuses[i].schedule,
		    "the wire status of a schedule follows its state");
		json_object_put(o);
	}
}

static void
test_waiting(void)
{
	struct pin_view v = sample();
	struct json_object *o = pin_view_pin.json(&app, &v), *w = NULL;

	is_member(o, "waiting", "null", "a pin that waits for its turn has no reason");
	is_member(
	    o, "next_attempt_at", "2026-01-01T00:00:00Z", "its next attempt is when it is due");
	json_object_put(o);
	v.wait_code = WAIT_PACE;
	v.wait_until_us = AT(60);
	o = pin_view_pin.json(&app, &v);
	ok(json_object_object_get_ex(o, "waiting", &w) && w != NULL, "a reason is shown");
	is_member(w, "code", "rate_limited", "the reason has its code");
	is_member(w, "message", wait_message(WAIT_PACE), "the reason has its message");
	is_member(w, "until", "2026-01-01T00:01:00Z", "the reason has its end");
	is_member(o, "error_code", "rate_limited", "a deferred pin shows the reason as its error");
	is_member(
	    o, "next_attempt_at", "2026-01-01T00:01:00Z", "the next attempt waits for the end");
	is_member(w, "misses_deadline", "false", "it ends before the deadline");
	json_object_put(o);
	v.not_after_us = AT(60);
	o = pin_view_pin.json(&app, &v);
	ok(json_object_object_get_ex(o, "waiting", &w) && w != NULL, "a late wait is shown");
	is_member(w, "message", wait_message_until(WAIT_PACE, AT(60), AT(60)),
	    "a wait until the deadline says that the pin will not be published");
	is_member(w, "misses_deadline", "true", "and has a field for it");
	is_member(o, "error_message", wait_message_until(WAIT_PACE, AT(60), AT(60)),
	    "the error message says the same");
	json_object_put(o);
	v.wait_until_us = TIME_NONE;
	o = pin_view_pin.json(&app, &v);
	is_member(o, "next_attempt_at", "null", "a reason without an end has no next attempt");
	json_object_put(o);
	v.state = PIN_PUBLISHED;
	o = pin_view_pin.json(&app, &v);
	is_member(o, "waiting", "null", "only a waiting pin has a reason");
	is_member(o, "next_attempt_at", "null", "a published pin has no next attempt");
	json_object_put(o);
}

static void
test_errors(void)
{
	struct pin_view v = sample();

	v.error_code = "pinterest_unavailable";
	v.error_message = "It did not answer.";
	is_str(pin_view_error_code(&v), "pinterest_unavailable",
	    "a pin that waits for its turn after a failed try shows its own error");
	v.wait_code = WAIT_RETRY;
	is_str(pin_view_error_code(&v), "pinterest_unavailable",
	    "a pin that waits for a retry shows its own error");
	v.wait_code = WAIT_ACCOUNT_PAUSED;
	is_str(pin_view_error_code(&v), "paused", "a pause counts more than an earlier error");
	is_str(pin_view_error_message(&v), "The account is paused.", "so does its message");
	v.state = PIN_FAILED;
	is_str(
	    pin_view_error_code(&v), "pinterest_unavailable", "a failed pin shows its own error");
	is_str(pin_view_error_message(&v), "It did not answer.", "with its own message");
	v.state = PIN_PUBLISHED;
	is_str(pin_view_error_code(&v), NULL, "a published pin has no error");
	ok(!pin_view_deferred(&v), "a published pin is not deferred");
}

static void
test_media(void)
{
	struct pin_view v = sample();
	struct json_object *o = pin_view_pin.json(&app, &v);

	is_member(
	    o, "image_url", "https://img.example/1.png", "an image URL is shown as it was given");
	is_member(o, "media_type", "image", "media is an image");
	is_member(o, "asset_id", "null", "a URL has no asset");
	json_object_put(o);
	v.content.image_url = NULL;
	v.media_type = 1;
	ok(uuid_parse(ID(4), &v.content.asset_id) == 0, "the asset's id is good");
	o = pin_view_pin.json(&app, &v);
	is_member(o, "media_url", PUBLIC_URL "/v1/assets/" ID(4) "/content",
	    "an uploaded file is shown by the address that serves it");
	is_member(o, "asset_id", ID(4), "an uploaded file has its asset id");
	is_member(o, "media_type", "video", "a video is shown as one");
	is_member(o, "cover_image_url", "null", "no cover is null");
	json_object_put(o);
}

static void
test_schedule(void)
{
	static const char *const members[] = { "id", "workspace_id", "pinterest_account_id",
		"status", "run_at", "payload", "last_error", "pin_id", "idempotency_key",
		"external_id", "campaign", "not_after", "waiting", "created_at", "updated_at" };
	struct pin_view v = sample();
	struct json_object *o, *payload = NULL;

	v.error_message = "Refused.";
	ok(uuid_parse(ID(5), &v.pin_id) == 0, "the pin's id is good");
	o = pin_view_schedule.json(&app, &v);
	for (size_t i = 0; i < sizeof(members) / sizeof(members[0]); i++)
		ok(json_object_object_get_ex(o, members[i], NULL), "a schedule has %s", members[i]);
	is_int(json_object_object_length(o), sizeof(members) / sizeof(members[0]),
	    "a schedule has no other members");
	ok(json_object_object_get_ex(o, "payload", &payload), "the content is in the payload");
	is_member(payload, "title", "Title", "the payload has the title");
	is_member(payload, "board_id", "42", "the payload has the board");
	is_member(o, "pin_id", ID(5), "the schedule names its pin");
	is_member(o, "last_error", "null", "a schedule that has not failed has no last error");
	json_object_put(o);
	v.state = PIN_FAILED;
	o = pin_view_schedule.json(&app, &v);
	is_member(o, "last_error", "Refused.", "a failed schedule shows its pin's error");
	json_object_put(o);
	v.last_error = "Too late.";
	o = pin_view_schedule.json(&app, &v);
	is_member(o, "last_error", "Too late.", "its own error comes first");
	json_object_put(o);
}

int
main(void)
{
	test_members();
	test_status();
	test_waiting();
	test_errors();
	test_media();
	test_schedule();
	return tap_done();
}
