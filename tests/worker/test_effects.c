/* What is written after a create, for every kind of verdict. */
#include "lib/wait.h"
#include "worker/publish/effects.h"

#include "lib/arena.h"
#include "lib/clock.h"
#include "tests/tap.h"

#define NOW 1700000000000000LL
#define OPENED (NOW - 3 * US_PER_S)

static const struct upstream conf = { .retry_max = 5,
	.retry_base_ms = 30000,
	.retry_cap_ms = 900000,
	.cooldown_min_ms = 60000,
	.verify_after_ms = 60000,
	.spam_hold_ms = { 3600000, 7200000, 86400000 } };

struct row {
	const char *name;
	enum outcome_result result;
	long status;
	const char *body;
	bool probe;
	enum verdict_kind kind;
	enum attempt_outcome outcome;
	enum pin_state to;
	bool release, due_keep, spends_try;
	enum effects_account account;
	enum effects_app app;
	enum wait_code hold_code;
};

static const struct row rows[] = {
	{ "published", OUTCOME_ANSWERED, 201, "{\"id\":\"77\"}", false, VERDICT_PUBLISHED,
	    ATTEMPT_PUBLISHED, PIN_PUBLISHED, true, false, true, EFFECTS_ACCOUNT_NONE,
	    EFFECTS_APP_NONE, WAIT_NONE },
	{ "published probe", OUTCOME_ANSWERED, 201, "{\"id\":\"77\"}", true, VERDICT_PUBLISHED,
	    ATTEMPT_PUBLISHED, PIN_PUBLISHED, true, false, true, EFFECTS_ACCOUNT_NONE,
	    EFFECTS_APP_START, WAIT_NONE },
	{ "retry", OUTCOME_ANSWERED, 409, "{\"code\":409,\"message\":\"conflict\"}", false,
	    VERDICT_RETRY_AT, ATTEMPT_REFUSED, PIN_WAITING, true, false, true, EFFECTS_ACCOUNT_NONE,
	    EFFECTS_APP_NONE, WAIT_NONE },
	{ "refused", OUTCOME_ANSWERED, 404, "{\"code\":40,\"message\":\"Board not found.\"}", false,
	    VERDICT_REFUSE, ATTEMPT_REFUSED, PIN_FAILED, true, false, true, EFFECTS_ACCOUNT_NONE,
	    EFFECTS_APP_NONE, WAIT_NONE },
	{ "rate limit", OUTCOME_ANSWERED, 429, "{\"code\":8,\"message\":\"\"}", false,
	    VERDICT_HOLD_LANE, ATTEMPT_REFUSED, PIN_WAITING, true, true, false,
	    EFFECTS_ACCOUNT_NONE, EFFECTS_APP_NONE, WAIT_COOL_DOWN },
	{ "spam block", OUTCOME_ANSWERED, 429, "{\"code\":9,\"message\":\"\"}", false,
	    VERDICT_HOLD_LANE, ATTEMPT_REFUSED, PIN_WAITING, true, true, false,
	    EFFECTS_ACCOUNT_NONE, EFFECTS_APP_NONE, WAIT_SPAM_BLOCK },
	{ "scope", OUTCOME_ANSWERED, 403,
	    "{\"code\":3,\"message\":\"does not have sufficient permissions\"}", false,
	    VERDICT_NEEDS_RECONNECT, ATTEMPT_REFUSED, PIN_WAITING, true, true, false,
	    EFFECTS_ACCOUNT_RECONNECT, EFFECTS_APP_NONE, WAIT_NONE },
	{ "token", OUTCOME_ANSWERED, 401, "{\"code\":2,\"message\":\"\"}", false,
	    VERDICT_REFRESH_TOKEN, ATTEMPT_REFUSED, PIN_WAITING, true, true, false,
	    EFFECTS_ACCOUNT_EXPIRED, EFFECTS_APP_NONE, WAIT_NONE },
	{ "app", OUTCOME_ANSWERED, 403,
	    "{\"code\":29,\"message\":\"Apps with Trial access may not\"}", true, VERDICT_STOP_APP,
	    ATTEMPT_REFUSED, PIN_WAITING, true, true, false, EFFECTS_ACCOUNT_NONE, EFFECTS_APP_STOP,
	    WAIT_NONE },
	{ "server error", OUTCOME_ANSWERED, 500, "", false, VERDICT_UNKNOWN, ATTEMPT_UNKNOWN,
	    PIN_VERIFYING, true, false, true, EFFECTS_ACCOUNT_NONE, EFFECTS_APP_NONE, WAIT_NONE },
	{ "page of a proxy", OUTCOME_ANSWERED, 403, "<h1>Denied</h1>", true, VERDICT_FOREIGN,
	    ATTEMPT_UNKNOWN, PIN_VERIFYING, true, false, false, EFFECTS_ACCOUNT_NONE,
	    EFFECTS_APP_STOP, WAIT_NONE },
	{ "JSON of a proxy", OUTCOME_ANSWERED, 404, "{\"error\":\"not found\"}", false,
	    VERDICT_FOREIGN, ATTEMPT_UNKNOWN, PIN_VERIFYING, true, false, false,
	    EFFECTS_ACCOUNT_NONE, EFFECTS_APP_STOP, WAIT_NONE },
	{ "redirect", OUTCOME_ANSWERED, 302, "", false, VERDICT_FOREIGN, ATTEMPT_UNKNOWN,
	    PIN_VERIFYING, true, false, false, EFFECTS_ACCOUNT_NONE, EFFECTS_APP_STOP, WAIT_NONE },
	{ "401 of a proxy", OUTCOME_ANSWERED, 401, "Unauthorized", false, VERDICT_FOREIGN,
	    ATTEMPT_UNKNOWN, PIN_VERIFYING, true, false, false, EFFECTS_ACCOUNT_NONE,
	    EFFECTS_APP_STOP, WAIT_NONE },
	{ "wrong base_url", OUTCOME_ANSWERED, 404,
	    "{\"code\":0,\"message\":\"Resource not found.\"}", false, VERDICT_STOP_APP,
	    ATTEMPT_REFUSED, PIN_WAITING, true, false, false, EFFECTS_ACCOUNT_NONE,
	    EFFECTS_APP_STOP, WAIT_NONE },
	{ "no answer", OUTCOME_UNKNOWN, 0, "", true, VERDICT_UNKNOWN, ATTEMPT_UNKNOWN,
	    PIN_VERIFYING, false, false, true, EFFECTS_ACCOUNT_NONE, EFFECTS_APP_NONE, WAIT_NONE },
	{ "not sent", OUTCOME_NOT_SENT, 0, "", false, VERDICT_NOT_SENT, ATTEMPT_NOT_SENT,
	    PIN_WAITING, true, true, false, EFFECTS_ACCOUNT_NONE, EFFECTS_APP_NONE,
	    WAIT_UPSTREAM_DOWN },
};

static struct effects_in
input(const struct intent *i, const struct outcome *o)
{
	struct effects_in in = { .intent = i,
		.outcome = o,
		.conf = &conf,
		.event_deadline_s = 60,
		.now_us = NOW,
		.gate_us = NOW - US_PER_S };

	return in;
}

static void
check_row(const struct row *r, struct arena *mem)
{
	const struct intent i = { .n = 2, .opened_us = OPENED, .probe = r->probe };
	const struct outcome o = { .result = r->result,
		.status = r->status,
		.complete = true,
		.body = r->body,
		.body_len = strlen(r->body),
		.request_id = r->body[0] == '{' || r->status == 500 ? "rid" : NULL,
		.error = "" };
	struct effects_in in = input(&i, &o);
	struct effects e;

	effects_of_outcome(&e, &in, mem);
	ok(e.verdict.kind == r->kind && e.attempt.outcome == r->outcome, "%s: verdict %s, attempt",
	    r->name, verdict_name(e.verdict.kind));
	ok(e.move.from == 1u << PIN_SENDING && e.move.to == r->to && e.move.n == 2 &&
		e.move.due_keep == r->due_keep && e.move.spends_try == r->spends_try,
	    "%s: transition to %s", r->name, pin_state_name(e.move.to));
	ok(e.lane.release == r->release && e.lane.hold_code == r->hold_code &&
		(e.lane.hold_until_us > NOW - US_PER_S) == (r->hold_code != WAIT_NONE),
	    "%s: the lane", r->name);
	ok(e.account == r->account && e.app == r->app, "%s: account and app", r->name);
	ok(e.backoff.counts == (r->kind == VERDICT_UNKNOWN), "%s: the lane's backoff", r->name);
	ok(e.move.attempt == &e.attempt && e.move.lane == &e.lane, "%s: one move", r->name);
}

static void
check_details(struct arena *mem)
{
	const struct intent i = { .n = 1, .opened_us = OPENED, .link = "https://a.example/x" };
	struct outcome o = { .result = OUTCOME_ANSWERED,
		.status = 201,
		.complete = true,
		.body = "{\"id\":\"77\"}",
		.body_len = 11,
		.date = "Tue, 14 Nov 2023 22:13:25 GMT",
		.request_id = "rid",
		.error = "" };
	struct effects_in in = input(&i, &o);
	struct effects e;

	effects_of_outcome(&e, &in, mem);
	ok(!e.attempt.stopped_app, "the app goes on");
	is_str(e.move.pinterest_pin_id, "77", "a published pin has its Pinterest id");
	is_str(e.move.confirmed_by, "answer", "confirmed by the answer");
	is_str(e.attempt.request_id, "rid", "the attempt has the request id");
	ok(e.attempt.has_skew && e.attempt.skew_ms == 5000,
	    "the skew of Pinterest's clock is recorded");

	o.status = 400;
	o.body =
	    "{\"code\":9,\"message\":\"Sorry! We blocked this link because it may lead to spam.\"}";
	o.body_len = strlen(o.body);
	effects_of_outcome(&e, &in, mem);
	is_str(e.lane.host, "a.example", "a blocked link holds its host");
	is_int(e.lane.hold_until_us, 0, "but not the lane");

	o = (struct outcome){ .result = OUTCOME_UNKNOWN, .body = "", .error = "" };
	effects_of_outcome(&e, &in, mem);
	is_int(e.move.due_us, OPENED + 60 * US_PER_S, "the look-up waits for verify_after_ms");

	o = (struct outcome){
		.result = OUTCOME_NOT_SENT, .gate_late = true, .body = "", .error = ""
	};
	effects_of_outcome(&e, &in, mem);
	is_str(e.move.code, "internal_error", "a late create says why it waits");
	ok(e.move.unsent_in_a_row == UNSENT_KEEP,
	    "the attempt does not count as an internal error");
}

/* What a peek at the image adds to a refusal for it. */
static void
check_image_seen(struct arena *mem)
{
	static const struct {
		const char *name, *body;
		long status;
		struct media_finding found;
		enum verdict_kind kind;
		const char *code, *says;
	} rows_seen[] = {
		{ "could not fetch, 403",
		    "{\"code\":1,\"message\":\"Sorry we could not fetch the image.\"}", 400,
		    { MEDIA_WRONG, "media_url_unreachable", "The address answers 403.", NULL },
		    VERDICT_REFUSE, "media_url_unreachable",
		    "Sorry we could not fetch the image. Pintempo looked at the image: The address "
		    "answers 403." },
		{ "could not fetch, a page",
		    "{\"code\":1,\"message\":\"Sorry we could not fetch the image.\"}", 400,
		    { MEDIA_WRONG, "invalid_image", "It is an HTML page.", NULL }, VERDICT_REFUSE,
		    "invalid_image", "It is an HTML page." },
		{ "could not fetch, 503",
		    "{\"code\":1,\"message\":\"Sorry we could not fetch the image.\"}", 400,
		    { MEDIA_DOUBT, "media_url_temporarily_unavailable", "The address answers 503.",
			NULL },
		    VERDICT_RETRY_AT, "media_url_temporarily_unavailable",
		    "The address answers 503." },
		{ "could not fetch, fine",
		    "{\"code\":1,\"message\":\"Sorry we could not fetch the image.\"}", 400,
		    { MEDIA_FINE, NULL, "It answered 200 with a PNG image.", NULL },
		    VERDICT_RETRY_AT, "media_url_temporarily_unavailable",
		    "can be fetched from here" },
		{ "broken, HEIC", "{\"code\":235,\"message\":\"Sorry, this image is broken.\"}",
		    403, { MEDIA_WRONG, "invalid_image", "It is a HEIC image.", NULL },
		    VERDICT_REFUSE, "invalid_image",
		    "Sorry, this image is broken. Pintempo looked at the image: It is a HEIC" },
	};

	for (size_t n = 0; n < sizeof(rows_seen) / sizeof(rows_seen[0]); n++) {
		const struct intent i = { .n = 1, .opened_us = OPENED };
		const struct outcome o = { .result = OUTCOME_ANSWERED,
			.status = rows_seen[n].status,
			.complete = true,
			.body = rows_seen[n].body,
			.body_len = strlen(rows_seen[n].body),
			.request_id = "rid",
			.error = "" };
		struct effects_in in = input(&i, &o);
		struct effects e;
		bool fails = rows_seen[n].kind == VERDICT_REFUSE;

		effects_of_outcome(&e, &in, mem);
		ok(e.verdict.about_image, "%s: it is about the image", rows_seen[n].name);
		effects_image_seen(&e, &rows_seen[n].found, mem);
		is_int(e.verdict.kind, rows_seen[n].kind, rows_seen[n].name);
		is_str(e.move.code, rows_seen[n].code, rows_seen[n].name);
		ok(strstr(e.move.message, rows_seen[n].says) != NULL, "%s: %s", rows_seen[n].name,
		    e.move.message);
		ok(e.move.to == (fails ? PIN_FAILED : PIN_WAITING) &&
			(e.move.due_us == TIME_NONE) == fails && e.move.spends_try &&
			e.attempt.outcome == ATTEMPT_REFUSED,
		    "%s: %s", rows_seen[n].name, fails ? "it fails" : "it waits");
	}
}

static void
check_long_message(struct arena *mem)
{
	static const char broken[] = "{\"code\":235,\"message\":\"Sorry, this image is broken.\"}";
	static const char denied[] = "{\"code\":29,\"message\":\"You are not permitted\"}";
	const struct media_finding found = { MEDIA_WRONG, "media_url_unreachable",
		arena_printf(mem, "%0600d", 1), NULL };
	const struct intent i = { .n = 1, .opened_us = OPENED };
	struct outcome o = { .result = OUTCOME_ANSWERED,
		.status = 403,
		.complete = true,
		.body = denied,
		.body_len = sizeof(denied) - 1,
		.request_id = "rid",
		.error = "" };
	struct effects_in in = input(&i, &o);
	struct effects e;

	effects_of_outcome(&e, &in, mem);
	ok(e.verdict.kind == VERDICT_REFUSE && !e.verdict.about_image,
	    "other refusals are not about the image");
	o.body = broken;
	o.body_len = sizeof(broken) - 1;
	effects_of_outcome(&e, &in, mem);
	effects_image_seen(&e, &found, mem);
	is_int((int64_t)strlen(e.move.message), 500, "a message fits its column");
}

/* What a probe's answer says, when something else answered in Pinterest's place before. */
static void
check_probes(struct arena *mem)
{
	static const struct {
		const char *name, *body, *rid;
		long status;
		enum effects_app app;
	} answers[] = {
		{ "published", "{\"id\":\"7\"}", "rid", 201, EFFECTS_APP_START },
		{ "rate limit", "{\"code\":8,\"message\":\"\"}", "rid", 429, EFFECTS_APP_START },
		{ "token refused", "{\"code\":2,\"message\":\"\"}", "rid", 401, EFFECTS_APP_START },
		{ "Pinterest's own trouble", "<html>", "rid", 503, EFFECTS_APP_START },
		{ "app refused", "{\"code\":3,\"message\":\"consumer type is not supported\"}",
		    "rid", 401, EFFECTS_APP_STOP },
		{ "a pin of somebody else", "{\"id\":\"7\"}", NULL, 201, EFFECTS_APP_STOP },
		{ "still a proxy", "<html>", NULL, 503, EFFECTS_APP_STOP },
	};

	for (size_t n = 0; n < sizeof(answers) / sizeof(answers[0]); n++) {
		const struct intent i = {
			.n = 1, .opened_us = OPENED, .probe = true, .stop_code = WAIT_NOT_PINTEREST
		};
		const struct outcome o = { .result = OUTCOME_ANSWERED,
			.status = answers[n].status,
			.complete = true,
			.body = answers[n].body,
			.body_len = strlen(answers[n].body),
			.request_id = answers[n].rid,
			.error = "" };
		struct effects_in in = input(&i, &o);
		struct effects e;

		effects_of_outcome(&e, &in, mem);
		ok(e.app == answers[n].app, "a probe finds: %s", answers[n].name);
		ok(e.app != EFFECTS_APP_STOP || e.stop_message != NULL, "and the operator is told");
	}
}

static void
check_unsent(void)
{
	const struct intent i = { .n = 1, .opened_us = OPENED };
	struct effects_in in = input(&i, NULL);
	struct effects e;

	effects_unsent(&e, &in, UNSENT_ADD, "why");
	ok(e.verdict.kind == VERDICT_NOT_SENT && e.attempt.outcome == ATTEMPT_NOT_SENT,
	    "a create that was not started was not sent");
	ok(e.move.to == PIN_WAITING && e.move.due_keep && !e.move.spends_try,
	    "the pin of a create that was not started waits");
	ok(e.move.unsent_in_a_row == UNSENT_ADD, "an internal error is counted");
	ok(e.attempt.gate_us == TIME_NONE && e.lane.release,
	    "a create that was not started frees the lane");
}

int
main(void)
{
	struct arena *mem = arena_new();

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		check_row(&rows[i], mem);
	check_details(mem);
	check_image_seen(mem);
	check_long_message(mem);
	check_probes(mem);
	check_unsent();
	arena_free(mem);
	return tap_done();
}
