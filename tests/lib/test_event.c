/* The body that both kinds of receivers read, and both signatures against published vectors. */
#include "lib/event.h"

#include "lib/arena.h"
#include "lib/clock.h"
#include "lib/json.h"
#include "tests/tap.h"

static void
test_body(void)
{
	struct arena *mem = arena_new();
	const struct event_pin pin = {
		.pin_id = { { 3 } },
		.account_id = { { 4 } },
		.status = "failed",
		.content.board_id = "99",
		.error_code = "invalid_image",
		.error_message = "Broken / \"image\".",
		.content.external_id = "order-7",
		.run_at_us = 1772352000LL * US_PER_S,
		.published_at_us = TIME_NONE,
	};
	const struct event e = { .type = EVENT_PIN_FAILED,
		.id = { { 1 } },
		.at_us = 1772352000LL * US_PER_S,
		.project_id = { { 2 } },
		.environment = "sandbox",
		.subject = EVENT_OF_PIN,
		.subject_id = { { 3 } },
		.version = 5,
		.put = event_put_pin,
		.facts = &pin };
	const char *facts =
	    "\"environment\":\"sandbox\",\"workspace_id\":\"02000000-0000-0000-0000-000000000000\","
	    "\"pin_id\":\"03000000-0000-0000-0000-000000000000\",\"schedule_id\":null,"
	    "\"account_id\":\"04000000-0000-0000-0000-000000000000\",\"board_id\":\"99\","
	    "\"status\":\"failed\",\"pinterest_pin_id\":null,\"error_code\":\"invalid_image\","
	    "\"error_message\":\"Broken / \\\"image\\\".\",\"external_id\":\"order-7\","
	    "\"campaign\":null,\"run_at\":\"2026-03-01T08:00:00Z\",\"published_at\":null,"
	    "\"version\":5";
	size_t len;
	const char *body = event_body(&e, mem, &len);

	is_str(body,
	    arena_printf(mem,
		"{\"event\":\"pin.failed\",\"type\":\"pin.failed\","
		"\"event_id\":\"01000000-0000-0000-0000-000000000000\","
		"\"timestamp\":\"2026-03-01T08:00:00Z\",%s,\"data\":{%s}}",
		facts, facts),
	    "the body is one flat object, with the facts repeated under data");
	is_int((int64_t)len, (int64_t)strlen(body), "the body's length is returned");
	arena_free(mem);
}

static void
put_nickname(struct json_object *o, const void *facts)
{
	json_put_text(o, "nickname", facts);
}

/* An event that is not about a pin has the common fields and its own. */
static void
test_other_subject(void)
{
	struct arena *mem = arena_new();
	const struct event e = { .type = EVENT_PIN_FAILED,
		.environment = "sandbox",
		.project_id = { { 1 } },
		.subject = EVENT_OF_ACCOUNT,
		.version = 7,
		.put = put_nickname,
		.facts = "jo" };
	size_t len;

	ok(strstr(event_body(&e, mem, &len),
	       "\"environment\":\"sandbox\",\"workspace_id\":\"01000000-0000-0000-0000-"
	       "000000000000\",\"nickname\":\"jo\",\"version\":7,\"data\":{") != NULL,
	    "an event about an account has its own facts and no pin's");
	arena_free(mem);
}

static void
test_types(void)
{
	is_str(event_type_name(EVENT_PIN_PUBLISHED), "pin.published", "name of published");
	is_int(EVENT_BIT(EVENT_PIN_FAILED), 2, "bit of failed");
}

/* The longest texts the columns hold, all of control characters, still fit. */
static void
test_worst(void)
{
	struct arena *mem = arena_new();
	char name[256], message[2001];
	const struct event_pin pin = { .status = "published",
		.content.board_id = "1",
		.content.external_id = name,
		.content.campaign = name,
		.error_code = "transient_upstream",
		.error_message = message,
		.run_at_us = 1,
		.published_at_us = 1 };
	const struct event e = { .type = EVENT_PIN_PUBLISHED,
		.environment = "production",
		.put = event_put_pin,
		.facts = &pin };
	size_t len;

	memset(name, 1, sizeof name - 1);
	name[255] = '\0';
	memset(message, 1, sizeof message - 1);
	message[2000] = '\0';
	event_body(&e, mem, &len);
	ok(len <= EVENT_BODY_MAX, "the longest body has %zu bytes", len);
	arena_free(mem);
}

static void
test_pinbridge(void)
{
	char hex[SHA256_HEX_SIZE];

	/* GitHub's vector: the same construction, docs "Validating webhook deliveries". */
	event_sign_pinbridge("It's a Secret to Everybody", "Hello, World!", 13, hex);
	is_str(hex, "757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17",
	    "hex HMAC of the body");
}

static void
test_standard(void)
{
	static const struct {
		const char *secret, *id;
		int64_t at;
		const char *body, *want;
	} cases[] = {
		{ "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "msg_p5jXN8AQM9LWM0D4loKWxJek",
		    1614265330, "{\"test\": 2432232314}",
		    "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=" },
		/* 18 bytes: fewer than the format asks for, but used in the libraries' tests. */
		{ "whsec_plJ3nmyCDGBKInavdOK15jsl", "msg_loFOjxBNrRLzqYUf", 1731705121,
		    "{\"event_type\":\"ping\",\"data\":{\"success\":true}}",
		    "v1,rAvfW3dJ/X/qxhsaXPOyyCGmRKsaKWcsNccKXlIktD0=" },
	};
	char got[EVENT_SIGNATURE_SIZE], text[EVENT_SIGNATURE_SIZE];
	size_t i;

	for (i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		event_sign_standard(cases[i].secret, cases[i].id, cases[i].at, cases[i].body,
		    strlen(cases[i].body), got);
		is_str(got, cases[i].want, cases[i].id);
	}
	event_sign_standard("a plain secret of PinBridge", "e", 1, "x", 1, got);
	event_sign_standard("a plain secret of PinBridgf", "e", 1, "x", 1, text);
	ok(strcmp(got, text) != 0, "every byte of a plain secret counts");
	event_sign_standard("whsec_not base64 at all!", "e", 1, "x", 1, got);
	is_int((int64_t)strlen(got), EVENT_SIGNATURE_SIZE - 1,
	    "a whsec_ secret that is not base64 is used as plain text");
}

int
main(void)
{
	crypto_start();
	test_types();
	test_body();
	test_other_subject();
	test_worst();
	test_pinbridge();
	test_standard();
	return tap_done();
}
