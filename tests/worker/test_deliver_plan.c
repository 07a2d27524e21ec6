/* The outcome table and the retry delays of deliveries (docs/api.md, webhooks). */
#include "worker/deliver/deliver_plan.h"

#include <string.h>

#include "lib/clock.h"
#include "tests/tap.h"
#include "worker/http/outcome.h"

#define NOW_US (1767225600 * US_PER_S) /* 2026-01-01T00:00:00Z */
#define DEADLINE_US (NOW_US + 96 * 3600 * US_PER_S)
#define MIDDLE 0x80000000u

/* The default retry delays: ten attempts over 75:35:05. */
static const int64_t steps[] = { 0, 5000, 300000, 1800000, 7200000, 18000000, 36000000, 50400000,
	72000000, 86400000 };
#define STEPS (sizeof(steps) / sizeof(steps[0]))

static struct deliver_try
attempt(unsigned step)
{
	struct deliver_try t = { .step = step,
		.now_us = NOW_US,
		.deadline_us = DEADLINE_US,
		.steps_ms = steps,
		.steps_len = STEPS,
		.random_step = MIDDLE,
		.random_after = 0 };

	return t;
}

static struct outcome
answer(long status, const char *retry_after)
{
	struct outcome o = { .result = OUTCOME_ANSWERED,
		.status = status,
		.complete = true,
		.body = "",
		.retry_after = retry_after,
		.remote_ip = "",
		.error = "" };

	return o;
}

static void
classes(void)
{
	static const struct {
		enum outcome_result result;
		enum outcome_fault fault;
		long status;
		const char *class, *error;
		enum deliver_state state;
		bool gone, pause;
	} rows[] = {
		{ OUTCOME_ANSWERED, OUTCOME_F_NONE, 200, "ok", "", DELIVER_DELIVERED, false,
		    false },
		{ OUTCOME_ANSWERED, OUTCOME_F_NONE, 204, "ok", "", DELIVER_DELIVERED, false,
		    false },
		{ OUTCOME_ANSWERED, OUTCOME_F_NONE, 299, "ok", "", DELIVER_DELIVERED, false,
		    false },
		/* The body was truncated or too long: judged by the status already read. */
		{ OUTCOME_ANSWERED, OUTCOME_F_CUT, 200, "ok", "", DELIVER_DELIVERED, false, false },
		{ OUTCOME_ANSWERED, OUTCOME_F_NONE, 301, "redirect", "redirect 301",
		    DELIVER_PENDING, false, false },
		{ OUTCOME_ANSWERED, OUTCOME_F_NONE, 304, "redirect", "redirect 304",
		    DELIVER_PENDING, false, false },
		{ OUTCOME_ANSWERED, OUTCOME_F_NONE, 400, "http_4xx", "http_4xx 400",
		    DELIVER_PENDING, false, false },
		{ OUTCOME_ANSWERED, OUTCOME_F_NONE, 404, "http_4xx", "http_4xx 404",
		    DELIVER_PENDING, false, false },
		{ OUTCOME_ANSWERED, OUTCOME_F_NONE, 410, "http_4xx",
		    "the endpoint is gone: http_4xx 410", DELIVER_GIVEN_UP, true, false },
		{ OUTCOME_ANSWERED, OUTCOME_F_NONE, 429, "http_4xx", "http_4xx 429",
		    DELIVER_PENDING, false, true },
		{ OUTCOME_ANSWERED, OUTCOME_F_NONE, 500, "http_5xx", "http_5xx 500",
		    DELIVER_PENDING, false, false },
		{ OUTCOME_ANSWERED, OUTCOME_F_NONE, 502, "http_5xx", "http_5xx 502",
		    DELIVER_PENDING, false, false },
		{ OUTCOME_ANSWERED, OUTCOME_F_NONE, 503, "http_5xx", "http_5xx 503",
		    DELIVER_PENDING, false, true },
		{ OUTCOME_NOT_SENT, OUTCOME_F_DNS, 0, "dns", "dns", DELIVER_PENDING, false, false },
		{ OUTCOME_NOT_SENT, OUTCOME_F_CONNECT, 0, "connect", "connect", DELIVER_PENDING,
		    false, false },
		{ OUTCOME_NOT_SENT, OUTCOME_F_TLS, 0, "tls", "tls", DELIVER_PENDING, false, false },
		{ OUTCOME_NOT_SENT, OUTCOME_F_BLOCKED, 0, "blocked_address", "blocked_address",
		    DELIVER_PENDING, false, false },
		{ OUTCOME_UNKNOWN, OUTCOME_F_TIMEOUT, 0, "timeout", "timeout", DELIVER_PENDING,
		    false, false },
		{ OUTCOME_UNKNOWN, OUTCOME_F_CUT, 0, "aborted", "aborted", DELIVER_PENDING, false,
		    false },
		{ OUTCOME_NOT_SENT, OUTCOME_F_GATE, 0, "aborted", "aborted", DELIVER_PENDING, false,
		    false },
		{ OUTCOME_NOT_SENT, OUTCOME_F_OTHER, 0, "aborted", "aborted", DELIVER_PENDING,
		    false, false },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct deliver_try t = attempt(0);
		struct outcome o = answer(rows[i].status, NULL);
		struct deliver_plan p;

		o.result = rows[i].result;
		o.fault = rows[i].fault;
		deliver_plan(&t, &o, &p);
		is_str(p.class, rows[i].class, "the outcome has the expected class");
		is_str(p.error, rows[i].error, "the outcome has the expected error text");
		ok(p.state == rows[i].state && p.gone == rows[i].gone &&
			(p.pause_us != TIME_NONE) == rows[i].pause,
		    "%s %ld: state %d gone %d pause %d", p.class, rows[i].status, (int)p.state,
		    p.gone, p.pause_us != TIME_NONE);
		ok((p.due_us != TIME_NONE) == (p.state == DELIVER_PENDING),
		    "%s %ld: due when pending", p.class, rows[i].status);
	}
}

/* What the owner of the endpoint reads. */
static void
sentences(void)
{
	static const struct {
		enum outcome_fault fault;
		long status;
		const char *error, *location, *want;
	} rows[] = {
		{ OUTCOME_F_NONE, 404, "", NULL, "The endpoint answered 404." },
		{ OUTCOME_F_NONE, 410, "", NULL,
		    "The endpoint answered 410 (Gone): it wants no more events." },
		{ OUTCOME_F_NONE, 304, "", NULL, "The endpoint answered 304." },
		{ OUTCOME_F_NONE, 308, "", "https://b.example/x",
		    "The endpoint answered 308 and redirects, which is not followed; if it is to "
		    "stay so, use this address: https://b.example/x" },
		{ OUTCOME_F_NONE, 301, "", "https://b.example/\x1b[31m",
		    "The endpoint answered 301." },
		{ OUTCOME_F_NONE, 301, "", "b.example/\xc3\xa9", "The endpoint answered 301." },
		{ OUTCOME_F_NONE, 301, "", "", "The endpoint answered 301." },
		{ OUTCOME_F_TIMEOUT, 0, "", NULL, "There was no answer in time." },
		{ OUTCOME_F_TIMEOUT, 0, "after 3 s", NULL,
		    "There was no answer in time: after 3 s." },
		{ OUTCOME_F_TLS, 0, "self-signed", NULL,
		    "TLS failed (operators can trust authorities by [outbound] ca_file): "
		    "self-signed." },
	};
	static char far[400];
	struct deliver_try t = attempt(0);
	struct deliver_plan p;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct outcome o = answer(rows[i].status, NULL);

		o.result = rows[i].status != 0 ? OUTCOME_ANSWERED : OUTCOME_NOT_SENT;
		o.fault = rows[i].fault;
		o.error = rows[i].error;
		o.location = rows[i].location;
		deliver_plan(&t, &o, &p);
		is_str(p.says, rows[i].want, "the sentence is the expected one");
	}
	memset(far, 'a', sizeof(far) - 1);
	struct outcome o = answer(301, NULL);

	o.location = far;
	deliver_plan(&t, &o, &p);
	is_str(p.says, "The endpoint answered 301.", "an address too long to show is not cut");
	o = answer(200, NULL);
	deliver_plan(&t, &o, &p);
	is_str(p.says, "", "a success has nothing to say");
}

/* Every retry delay is within +-20 %, then the delivery fails. */
static void
schedule(void)
{
	static const uint32_t random[] = { 0, 1, MIDDLE, UINT32_MAX };
	struct outcome o = answer(500, NULL);
	struct deliver_plan p;

	for (size_t r = 0; r < sizeof(random) / sizeof(random[0]); r++)
		for (unsigned s = 0; s < STEPS; s++) {
			struct deliver_try t = attempt(s);
			int64_t wait, want = s + 1 < STEPS ? steps[s + 1] * US_PER_MS : 0;

			t.random_step = random[r];
			deliver_plan(&t, &o, &p);
			if (s + 1 == STEPS) {
				ok(p.state == DELIVER_GIVEN_UP,
				    "the last attempt ends the delivery");
				is_str(p.error, "no attempt left: http_5xx 500",
				    "the last attempt says why");
				continue;
			}
			wait = p.due_us - NOW_US;
			ok(p.state == DELIVER_PENDING && wait >= want * 8 / 10 &&
				wait <= want * 12 / 10,
			    "step %u random %u: waits %lld of %lld us", s + 1, random[r],
			    (long long)wait, (long long)want);
		}
	struct deliver_try late = attempt(2);

	late.deadline_us = NOW_US + 1800 * US_PER_S - 1;
	deliver_plan(&late, &o, &p);
	ok(p.state == DELIVER_GIVEN_UP, "no attempt is planned after the deadline");
	is_str(p.error, "deadline: http_5xx 500", "a delivery past its deadline says why");
}

/* Retry-After. */
static void
retry_after(void)
{
	static const struct {
		const char *value;
		int64_t want_s;
	} rows[] = {
		{ NULL, 0 },
		{ "120", 120 },
		{ "0", 0 },
		{ "86400", 86400 },
		{ "86401", 86400 },
		{ "315360000", 86400 },
		{ "Thu, 01 Jan 2026 00:02:00 GMT", 120 },
		{ "Thu, 01 Jan 2026 00:00:00 GMT", 0 },
		{ "Wed, 31 Dec 2025 23:00:00 GMT", 0 },
		{ "Tue, 01 Jan 2036 00:00:00 GMT", 86400 },
		{ "soon", 0 },
		{ "", 0 },
		{ "-5", 0 },
		{ "1.5", 0 },
		{ "12 0", 0 },
	};
	static const uint32_t random[] = { 0, MIDDLE, UINT32_MAX };
	struct deliver_plan p;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		is_int(deliver_plan_retry_after_s(rows[i].value, NOW_US), rows[i].want_s,
		    rows[i].value != NULL ? rows[i].value : "none");
	}
	for (size_t i = 0; i < sizeof(random) / sizeof(random[0]); i++) {
		struct deliver_try t = attempt(0);
		struct outcome o = answer(429, "120");
		int64_t s;

		t.random_after = random[i];
		deliver_plan(&t, &o, &p);
		s = (p.due_us - NOW_US) / US_PER_S;
		ok(s >= 120 && s <= 144, "Retry-After 120 delays attempt 2: %lld s", (long long)s);
		ok(p.pause_us == p.due_us, "Retry-After pauses the endpoint as long");
		o = answer(500, "315360000");
		deliver_plan(&t, &o, &p);
		s = (p.due_us - NOW_US) / US_PER_S;
		ok(s >= 86400 && s <= 86400 * 12 / 10,
		    "a Retry-After of ten years is limited to a day: %lld s", (long long)s);
		ok(p.pause_us != TIME_NONE, "any failure with Retry-After pauses the endpoint");
	}
	struct deliver_try t = attempt(3);
	struct outcome o = answer(503, "5");

	deliver_plan(&t, &o, &p);
	ok(p.due_us - NOW_US >= 7200 * US_PER_S * 8 / 10,
	    "a shorter Retry-After does not shorten the delay");
	ok(p.pause_us - NOW_US >= 5 * US_PER_S && p.pause_us - NOW_US <= 6 * US_PER_S,
	    "a shorter Retry-After pauses the endpoint only that long");
	o = answer(429, "nonsense");
	t = attempt(0);
	deliver_plan(&t, &o, &p);
	ok(p.due_us - NOW_US <= 6 * US_PER_S && p.pause_us == p.due_us,
	    "an invalid Retry-After is ignored");
	o = answer(200, "60");
	deliver_plan(&t, &o, &p);
	ok(p.state == DELIVER_DELIVERED && p.pause_us == TIME_NONE,
	    "a success never pauses the endpoint");
}

int
main(void)
{
	classes();
	sentences();
	schedule();
	retry_after();
	return tap_done();
}
