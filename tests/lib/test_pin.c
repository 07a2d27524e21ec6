/* States, reasons, and the decoder of pins: every limit of the PinBridge API docs at its edge. */
#include "lib/pin.h"

#include "lib/arena.h"
#include "lib/buf.h"
#include "lib/clock.h"
#include "lib/crypto.h"
#include "lib/json.h"
#include "lib/problem.h"
#include "tests/tap.h"

#define NOW (1772352000LL * US_PER_S) /* 2026-03-01T08:00:00Z */
#define ACCOUNT "\"account_id\":\"0190c5a8-7c3b-7000-8000-00000000abcd\""
#define ASSET "0190c5a8-7c3b-7000-8000-00000000ffff"
#define BASE ACCOUNT ",\"board_id\":\"123\",\"title\":\"T\",\"idempotency_key\":\"k\""
#define IMAGE "\"image_url\":\"https://i.example/a.jpg\""

static const struct json_limits usual = { .max_depth = 16, .max_values = 10000 };

static void
test_moves(void)
{
	/* Rows: from, columns: to, in the enum's order: planned waiting sending verifying published
	 * failed canceled. */
	static const char *const want[PIN_STATE__COUNT] = { "-x-x-xx", "--xx-xx", "-x-xxx-",
		"-x--xx-", "-------", "xx-xx--", "-------" };
	int from, to;

	for (from = 0; from < PIN_STATE__COUNT; from++)
		for (to = 0; to < PIN_STATE__COUNT; to++)
			ok(pin_may_follow((enum pin_state)from, (enum pin_state)to) ==
				(want[from][to] == 'x'),
			    "%s -> %s", pin_state_name((enum pin_state)from),
			    pin_state_name((enum pin_state)to));
}

static void
test_wire(void)
{
	static const struct {
		enum pin_state s;
		const char *pin, *pin_deferred, *schedule, *schedule_deferred;
	} want[] = {
		{ PIN_PLANNED, NULL, NULL, "scheduled", "scheduled" },
		{ PIN_WAITING, "queued", "deferred", "queued", "deferred" },
		{ PIN_SENDING, "publishing", "publishing", "running", "running" },
		{ PIN_VERIFYING, "publishing", "publishing", "running", "running" },
		{ PIN_PUBLISHED, "published", "published", "done", "done" },
		{ PIN_FAILED, "failed", "failed", "failed", "failed" },
		{ PIN_CANCELED, NULL, NULL, "canceled", "canceled" },
	};
	size_t i;

	for (i = 0; i < sizeof want / sizeof want[0]; i++) {
		is_str(pin_wire(want[i].s, false), want[i].pin, "wire status of a pin");
		is_str(pin_wire(want[i].s, true), want[i].pin_deferred,
		    "wire status of a deferred pin");
		is_str(
		    schedule_wire(want[i].s, false), want[i].schedule, "wire status of a schedule");
		is_str(schedule_wire(want[i].s, true), want[i].schedule_deferred,
		    "wire status of a deferred schedule");
	}
}

struct fixture {
	struct arena *mem;
	struct json_object *o;
	struct problem why;
	struct pin_new pin;
	struct pin_patch patch;
	int rc;
};

static struct json_object *
parse(const char *text)
{
	struct json_fault fault = { 0 };
	struct json_object *o = json_parse(text, strlen(text), &usual, &fault);

	if (o == NULL)
		printf("# %s at %zu: %s\n", fault.reason, fault.offset, text);
	return o;
}

static void
decode(struct fixture *f, enum pin_form form, const char *text)
{
	memset(f, 0, sizeof *f);
	f->mem = arena_new();
	f->o = parse(text);
	f->rc = pin_new_decode(&f->pin, form, f->o, NOW, f->mem, &f->why);
}

static void
patch(struct fixture *f, enum pin_form form, const char *text)
{
	memset(f, 0, sizeof *f);
	f->mem = arena_new();
	f->o = parse(text);
	f->rc = pin_patch_decode(&f->patch, form, f->o, NOW, f->mem, &f->why);
}

static void
done(struct fixture *f)
{
	json_object_put(f->o);
	arena_free(f->mem);
}

/* All wrong fields as "a b"; NULL if there are none. */
static const char *
wrong(struct fixture *f)
{
	const char *text = NULL;
	size_t i;

	for (i = 0; i < f->why.errors_len; i++)
		text = arena_printf(f->mem, "%s%s%s", text != NULL ? text : "",
		    text != NULL ? " " : "", f->why.errors[i].path);
	return text;
}

static void
test_full(void)
{
	struct fixture f;

	decode(&f, PIN_FORM_ROW,
	    "{" BASE
	    ",\"description\":\"D\",\"link_url\":\"https://l.example/\",\"alt_text\":\"A\","
	    "\"related_terms\":[\" one \",\"\",\"two\"],\"dominant_color\":\"e88a2d\"," IMAGE ","
	    "\"external_id\":\"x-1\",\"campaign\":\"spring\",\"run_at\":\"2026-03-01T10:00:00+01:"
	    "00\","
	    "\"not_after\":\"2026-03-02T00:00:00Z\"}");
	is_str(wrong(&f), NULL, "a full row has no fault");
	is_int(f.rc, 0, "a full row is accepted");
	is_str(f.pin.content.board_id, "123", "the board is read");
	is_str(f.pin.content.title, "T", "the title is read");
	is_str(f.pin.content.description, "D", "the description is read");
	is_str(f.pin.content.link_url, "https://l.example/", "the link is read");
	is_str(f.pin.content.alt_text, "A", "the alt text is read");
	is_str(f.pin.content.related_terms, "[\"one\",\"two\"]",
	    "related terms are trimmed, empty ones dropped");
	is_str(f.pin.content.dominant_color, "#E88A2D", "the colour is stored in its normal form");
	is_str(f.pin.content.image_url, "https://i.example/a.jpg", "the image URL is read");
	ok(uuid_is_nil(&f.pin.content.asset_id) && uuid_is_nil(&f.pin.content.cover_asset_id) &&
		f.pin.content.cover_image_url == NULL,
	    "no other media are set");
	is_str(f.pin.idempotency_key, "k", "the idempotency key is read");
	is_str(f.pin.content.external_id, "x-1", "the external id is read");
	is_str(f.pin.content.campaign, "spring", "the campaign is read");
	is_int(f.pin.run_at_us, NOW + 3600 * US_PER_S, "run_at is read");
	is_int(f.pin.not_after_us, NOW + 16 * 3600 * US_PER_S, "not_after is read");
	done(&f);
	decode(&f, PIN_FORM_PIN,
	    "{" BASE "," IMAGE ",\"description\":\"\",\"link_url\":\"\",\"alt_text\":null,"
	    "\"related_terms\":\" , \",\"run_at\":null}");
	is_str(wrong(&f), NULL, "empty texts and nulls have no fault");
	ok(f.pin.content.description == NULL && f.pin.content.link_url == NULL &&
		f.pin.content.related_terms == NULL,
	    "empty texts and nulls are absent");
	ok(f.pin.run_at_us == TIME_NONE && f.pin.not_after_us == TIME_NONE,
	    "null times are absent");
	done(&f);
	decode(&f, PIN_FORM_PIN, "{" BASE "," IMAGE ",\"related_terms\":\"a, b\"}");
	is_str(f.pin.content.related_terms, "[\"a\",\"b\"]", "related terms may be one text");
	done(&f);
	decode(&f, PIN_FORM_PIN,
	    "{" BASE ",\"asset_id\":\"" ASSET "\",\"cover_image_url\":\"https://c.example/\"}");
	is_str(wrong(&f), NULL, "an asset with a cover has no fault");
	ok(!uuid_is_nil(&f.pin.content.asset_id) && f.pin.content.cover_image_url != NULL &&
		f.pin.content.image_url == NULL,
	    "an asset with a cover is read");
	done(&f);
	decode(&f, PIN_FORM_SCHEDULE,
	    "{" ACCOUNT ",\"board_id\":\"1\",\"title\":\"T\"," IMAGE
	    ",\"run_at\":\"2026-03-01T08:00:00.000001Z\"}");
	is_str(wrong(&f), NULL, "a schedule needs no key");
	done(&f);
}

static const struct {
	const char *name;
	enum pin_form form;
	const char *text, *want;
} refused[] = {
	{ "no field of a pin", PIN_FORM_PIN, "{}",
	    "account_id board_id title image_url idempotency_key" },
	{ "no field of a schedule", PIN_FORM_SCHEDULE, "{}",
	    "account_id board_id title image_url run_at" },
	{ "no object", PIN_FORM_PIN, "[]", "" },
	{ "unknown field", PIN_FORM_PIN, "{" BASE "," IMAGE ",\"colour\":1}", "colour" },
	{ "two images", PIN_FORM_PIN, "{" BASE "," IMAGE ",\"asset_id\":\"" ASSET "\"}",
	    "image_url" },
	{ "empty image", PIN_FORM_PIN, "{" BASE ",\"image_url\":\"\"}", "image_url" },
	{ "image of another scheme", PIN_FORM_PIN, "{" BASE ",\"image_url\":\"ftp://a/b\"}",
	    "image_url" },
	{ "cover of an image", PIN_FORM_PIN,
	    "{" BASE "," IMAGE ",\"cover_image_url\":\"https://c.example/\"}", "cover_image_url" },
	{ "two covers", PIN_FORM_PIN,
	    "{" BASE ",\"asset_id\":\"" ASSET "\",\"cover_image_url\":\"https://c.example/\","
	    "\"cover_image_asset_id\":\"" ASSET "\"}",
	    "cover_image_url" },
	{ "malformed asset id", PIN_FORM_PIN, "{" BASE ",\"asset_id\":\"7\"}", "asset_id" },
	{ "board of letters", PIN_FORM_PIN,
	    "{" ACCOUNT ",\"board_id\":\"12a\",\"title\":\"T\",\"idempotency_key\":\"k\"," IMAGE
	    "}",
	    "board_id" },
	{ "board as a number", PIN_FORM_PIN,
	    "{" ACCOUNT ",\"board_id\":12,\"title\":\"T\",\"idempotency_key\":\"k\"," IMAGE "}",
	    "board_id" },
	{ "bad link", PIN_FORM_PIN, "{" BASE "," IMAGE ",\"link_url\":\"javascript:1\"}",
	    "link_url" },
	{ "short colour", PIN_FORM_PIN, "{" BASE "," IMAGE ",\"dominant_color\":\"#E88A2\"}",
	    "dominant_color" },
	{ "colour of other letters", PIN_FORM_PIN,
	    "{" BASE "," IMAGE ",\"dominant_color\":\"E88A2G\"}", "dominant_color" },
	{ "terms of numbers", PIN_FORM_PIN, "{" BASE "," IMAGE ",\"related_terms\":[1]}",
	    "related_terms" },
	{ "terms as an object", PIN_FORM_PIN, "{" BASE "," IMAGE ",\"related_terms\":{}}",
	    "related_terms" },
	{ "run_at of a pin", PIN_FORM_PIN,
	    "{" BASE "," IMAGE ",\"run_at\":\"2026-04-01T08:00:00Z\"}", "run_at" },
	{ "run_at now", PIN_FORM_ROW, "{" BASE "," IMAGE ",\"run_at\":\"2026-03-01T08:00:00Z\"}",
	    "run_at" },
	{ "run_at without offset", PIN_FORM_ROW,
	    "{" BASE "," IMAGE ",\"run_at\":\"2026-04-01T08:00:00\"}", "run_at" },
	{ "run_at in more than 100 years", PIN_FORM_SCHEDULE,
	    "{" BASE "," IMAGE ",\"run_at\":\"2126-05-01T00:00:00Z\"}", "run_at" },
	{ "not_after at the end of time", PIN_FORM_PIN,
	    "{" BASE "," IMAGE ",\"not_after\":\"9999-12-31T23:59:59Z\"}", "not_after" },
	{ "not_after now", PIN_FORM_PIN,
	    "{" BASE "," IMAGE ",\"not_after\":\"2026-03-01T08:00:00Z\"}", "not_after" },
	{ "not_after before run_at", PIN_FORM_ROW,
	    "{" BASE "," IMAGE ",\"run_at\":\"2026-04-01T08:00:00Z\","
	    "\"not_after\":\"2026-04-01T08:00:00Z\"}",
	    "not_after" },
};

static void
test_refused(void)
{
	size_t i;

	for (i = 0; i < sizeof refused / sizeof refused[0]; i++) {
		struct fixture f;

		decode(&f, refused[i].form, refused[i].text);
		is_int(f.rc, -1, refused[i].name);
		is_str(wrong(&f), refused[i].want, refused[i].name);
		done(&f);
	}
}

/* `n` times a two-byte character: limits count characters. */
static int
decode_length(const char *fields, const char *name, int n)
{
	struct fixture f;
	struct buf b;
	int i, rc;

	buf_init(&b, 20000);
	buf_printf(&b, "{%s,\"%s\":\"", fields, name);
	for (i = 0; i < n; i++)
		buf_puts(&b, "\xC3\xA9");
	buf_puts(&b, "\"}");
	decode(&f, PIN_FORM_PIN, buf_str(&b));
	rc = f.rc;
	done(&f);
	buf_free(&b);
	return rc;
}

static void
test_lengths(void)
{
	static const struct {
		const char *fields, *name;
		int max;
	} cases[] = {
		{ ACCOUNT "," IMAGE ",\"board_id\":\"1\",\"idempotency_key\":\"k\"", "title", 100 },
		{ ACCOUNT "," IMAGE ",\"board_id\":\"1\",\"title\":\"T\"", "idempotency_key", 255 },
		{ BASE "," IMAGE, "description", 800 },
		{ BASE "," IMAGE, "alt_text", 500 },
		{ BASE "," IMAGE, "external_id", 255 },
		{ BASE "," IMAGE, "campaign", 255 },
		{ BASE "," IMAGE, "related_terms", 100 },
	};
	size_t i;

	for (i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		is_int(
		    decode_length(cases[i].fields, cases[i].name, cases[i].max), 0, cases[i].name);
		is_int(decode_length(cases[i].fields, cases[i].name, cases[i].max + 1), -1,
		    cases[i].name);
	}
	is_int(decode_length(cases[0].fields, "title", 0), -1, "an empty title is refused");
	is_int(decode_length(cases[1].fields, "idempotency_key", 0), -1, "an empty key is refused");
}

static int
decode_terms(int n)
{
	struct fixture f;
	struct buf b;
	int i, rc;

	buf_init(&b, 2000);
	buf_puts(&b, "{" BASE "," IMAGE ",\"related_terms\":[");
	for (i = 0; i < n; i++)
		buf_printf(&b, "%s\"t%d\"", i > 0 ? "," : "", i);
	buf_puts(&b, "]}");
	decode(&f, PIN_FORM_PIN, buf_str(&b));
	rc = f.rc;
	done(&f);
	buf_free(&b);
	return rc;
}

static void
test_patch(void)
{
	static const struct {
		const char *name;
		enum pin_form form;
		const char *text;
		unsigned set; /* 0: refused */
		const char *want;
	} cases[] = {
		{ "title", PIN_FORM_PIN, "{\"title\":\"N\"}", PIN_F_TITLE, NULL },
		{ "clear three", PIN_FORM_PIN,
		    "{\"description\":null,\"link_url\":null,\"alt_text\":null}",
		    PIN_F_DESCRIPTION | PIN_F_LINK | PIN_F_ALT, NULL },
		{ "clear by empty", PIN_FORM_PIN, "{\"description\":\"\"}", PIN_F_DESCRIPTION,
		    NULL },
		{ "all the rest", PIN_FORM_SCHEDULE,
		    "{\"run_at\":\"2026-04-01T08:00:00Z\",\"board_id\":\"7\",\"related_terms\":["
		    "\"a\"],"
		    "\"dominant_color\":\"#000000\",\"not_after\":null,\"external_id\":\"e\","
		    "\"campaign\":null}",
		    PIN_F_RUN_AT | PIN_F_BOARD | PIN_F_TERMS | PIN_F_COLOR | PIN_F_NOT_AFTER |
			PIN_F_EXTERNAL_ID | PIN_F_CAMPAIGN,
		    NULL },
		{ "image for asset", PIN_FORM_SCHEDULE, "{" IMAGE ",\"asset_id\":null}",
		    PIN_F_IMAGE, NULL },
		{ "cover off", PIN_FORM_SCHEDULE, "{\"cover_image_url\":null}", PIN_F_COVER, NULL },
		{ "no image at all", PIN_FORM_SCHEDULE, "{\"image_url\":null}", 0, "image_url" },
		{ "both images", PIN_FORM_SCHEDULE, "{" IMAGE ",\"asset_id\":\"" ASSET "\"}", 0,
		    "image_url" },
		{ "nothing", PIN_FORM_PIN, "{}", 0, "" },
		{ "cleared by blanks", PIN_FORM_SCHEDULE,
		    "{\"alt_text\":\" "
		    "\",\"not_after\":\"\",\"related_terms\":\"\",\"link_url\":\"\","
		    "\"dominant_color\":\"\",\"cover_image_url\":\"\",\"external_id\":\"\"}",
		    PIN_F_ALT | PIN_F_NOT_AFTER | PIN_F_TERMS | PIN_F_LINK | PIN_F_COLOR |
			PIN_F_COVER | PIN_F_EXTERNAL_ID,
		    NULL },
		{ "empty asset", PIN_FORM_SCHEDULE, "{" IMAGE ",\"asset_id\":\"\"}", PIN_F_IMAGE,
		    NULL },
		{ "empty image", PIN_FORM_SCHEDULE, "{\"image_url\":\"\"}", 0, "image_url" },
		{ "empty time", PIN_FORM_SCHEDULE, "{\"run_at\":\"\"}", 0, "run_at" },
		{ "title off", PIN_FORM_PIN, "{\"title\":null}", 0, "title" },
		{ "board off", PIN_FORM_PIN, "{\"board_id\":null}", 0, "board_id" },
		{ "time off", PIN_FORM_SCHEDULE, "{\"run_at\":null}", 0, "run_at" },
		{ "time of a pin", PIN_FORM_PIN, "{\"run_at\":\"2026-04-01T08:00:00Z\"}", 0,
		    "run_at" },
		{ "past time", PIN_FORM_SCHEDULE, "{\"run_at\":\"2026-02-01T08:00:00Z\"}", 0,
		    "run_at" },
		{ "account", PIN_FORM_PIN, "{" ACCOUNT "}", 0, "account_id" },
		{ "key", PIN_FORM_PIN, "{\"idempotency_key\":\"k\",\"title\":\"\"}", 0,
		    "title idempotency_key" },
	};
	size_t i;

	for (i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct fixture f;

		patch(&f, cases[i].form, cases[i].text);
		is_str(wrong(&f), cases[i].want, cases[i].name);
		is_int(f.rc, cases[i].want == NULL ? 0 : -1, cases[i].name);
		if (cases[i].want == NULL)
			is_int(f.patch.set, cases[i].set, cases[i].name);
		done(&f);
	}
}

static void
hash(const char *text, unsigned char out[32])
{
	struct fixture f;

	decode(&f, PIN_FORM_ROW, text);
	pin_new_hash(&f.pin, out);
	done(&f);
}

static void
test_hash(void)
{
	static const char *const others[] = {
		"{" BASE "," IMAGE ",\"description\":\"E\"}",
		"{" BASE "," IMAGE ",\"alt_text\":\"D\"}",
		"{" BASE "," IMAGE "}",
		"{" BASE "," IMAGE ",\"description\":\"D\",\"run_at\":\"2026-04-01T08:00:00Z\"}",
		"{" BASE "," IMAGE ",\"description\":\"D\",\"external_id\":\"1\"}",
		"{" BASE "," IMAGE ",\"description\":\"D\",\"campaign\":\"1\"}",
		"{" BASE "," IMAGE ",\"description\":\"D\",\"dominant_color\":\"000000\"}",
		"{" BASE ",\"asset_id\":\"" ASSET "\",\"description\":\"D\"}",
	};
	unsigned char a[32], b[32];
	size_t i;

	hash("{" BASE "," IMAGE ",\"description\":\"D\"}", a);
	hash("{" IMAGE ",\"description\":\"D\",\"alt_text\":null," BASE "}", b);
	ok(memcmp(a, b, 32) == 0, "the hash ignores field order and nulls");
	for (i = 0; i < sizeof others / sizeof others[0]; i++) {
		hash(others[i], b);
		ok(memcmp(a, b, 32) != 0, "pin %zu with a difference has another hash", i);
	}
	pin_text_hash("1", "T", NULL, "https://a/", a);
	pin_text_hash("1", "T", "", "https://a/", b);
	ok(memcmp(a, b, 32) == 0, "an absent and an empty text have the same hash");
	pin_text_hash("1", "T", "https://a/", NULL, b);
	ok(memcmp(a, b, 32) != 0, "a text in another field gives another hash");
	pin_text_hash("1", "Two words", "a\n\nb", NULL, a);
	pin_text_hash("1", " Two\xc2\xa0 words ", "a b", NULL, b);
	ok(memcmp(a, b, 32) == 0, "runs of blanks make no difference: Pinterest shows them as one");
	pin_text_hash("1", "Twowords", "a b", NULL, b);
	ok(memcmp(a, b, 32) != 0, "but a blank is a difference");
}

/* What spreadsheets make of ids is told apart from other nonsense. */
static void
test_board_ids(void)
{
	static const struct {
		const char *id, *fault;
	} cases[] = {
		{ "1", NULL },
		{ "217582604819264514", NULL },
		{ "", "must consist of digits" },
		{ "12a", "must consist of digits" },
		{ "-1", "must consist of digits" },
		{ "1 2", "must consist of digits" },
		{ ".", "must consist of digits" },
		{ "E1", "must consist of digits" },
		{ "0217582604819264514",
		    "must not begin with 0: no id of Pinterest does; was it padded?" },
		{ "0", "must not begin with 0: no id of Pinterest does; was it padded?" },
		{ "2.17583E+17", PIN_ID_ROUNDED },
		{ "2,17583E+17", PIN_ID_ROUNDED },
		{ "2e17", PIN_ID_ROUNDED },
		{ "217582604819265000.0", PIN_ID_ROUNDED },
	};

	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
		is_str(pin_board_fault(cases[i].id), cases[i].fault, cases[i].id);
	ok(pin_board_fault("1234567890123456789012345678901234567890123456789012345678901234") ==
		NULL,
	    "64 digits");
	ok(pin_board_fault("12345678901234567890123456789012345678901234567890123456789012345") !=
		NULL,
	    "65 digits are too many");
}

int
main(void)
{
	crypto_start();
	test_moves();
	test_wire();
	test_full();
	test_refused();
	test_lengths();
	is_int(decode_terms(30), 0, "30 related terms are accepted");
	is_int(decode_terms(31), -1, "31 related terms are refused");
	test_patch();
	test_hash();
	test_board_ids();
	return tap_done();
}
