/*
 * JSON -> checked pin or patch. Pure. Checks all fields even after a fault. Lengths count code
 * points.
 */
#include "lib/pin.h"

#include <ctype.h>
#include <string.h>

#include "lib/arena.h"
#include "lib/clock.h"
#include "lib/json.h"
#include "lib/json_reader.h"
#include "lib/problem.h"
#include "lib/rfc3339.h"
#include "lib/text.h"
#include "lib/utf8.h"

#define BOARD_ID_MAX 64
#define TITLE_MAX 100
#define DESCRIPTION_MAX 800
#define ALT_MAX 500
#define NAME_MAX_POINTS 255
#define TERM_MAX 100
#define TERMS_TEXT_MAX 4000
#define TERMS_WRONG "must be a list of texts of at most 100 characters"
/* Keeps every time computed from it within DATETIME, which ends with the year 9999. */
#define AHEAD_MAX_US (36525LL * 86400 * US_PER_S)
#define TOO_FAR "must be within the next 100 years"

bool
pin_id_rounded(const char *text)
{
	size_t n = strspn(text, "0123456789");

	if (n > 0 && (text[n] == '.' || text[n] == ','))
		n += 1 + strspn(text + n + 1, "0123456789");
	if (text[n] == 'E' || text[n] == 'e') {
		n++;
		n += text[n] == '+';
		n += strspn(text + n, "0123456789");
	}
	return text[n] == '\0' && strcspn(text, ".,Ee") < n && text[0] >= '0' && text[0] <= '9';
}

const char *
pin_board_fault(const char *text)
{
	if (pin_id_rounded(text))
		return PIN_ID_ROUNDED;
	if (text[0] == '\0' || text[strspn(text, "0123456789")] != '\0')
		return "must consist of digits";
	if (text[0] == '0')
		return "must not begin with 0: no id of Pinterest does; was it padded?";
	return strlen(text) > BOARD_ID_MAX ? "must have at most 64 digits" : NULL;
}

static const char *
decode_board(struct json_reader *r)
{
	struct json_object *v = NULL;
	const char *text, *fault;

	if (r->object != NULL && json_object_object_get_ex(r->object, "board_id", &v) &&
	    (json_object_is_type(v, json_type_int) || json_object_is_type(v, json_type_double))) {
		json_wrong(r, "board_id", "must be a string: a number loses digits on its way");
		return NULL;
	}
	text = json_key(r, "board_id", JSON_REQUIRED, 1, BOARD_ID_MAX);
	fault = text != NULL ? pin_board_fault(text) : NULL;
	if (fault != NULL)
		json_wrong(r, "board_id", fault);
	return fault == NULL ? text : NULL;
}

static const char *
decode_color(struct json_reader *r)
{
	const char *text = json_key(r, "dominant_color", JSON_OPTIONAL, 1, 7), *hex;
	char *out;
	size_t i;

	if (text == NULL)
		return NULL;
	hex = text + (text[0] == '#');
	if (strlen(hex) != 6 || hex[strspn(hex, "0123456789abcdefABCDEF")] != '\0') {
		json_wrong(r, "dominant_color", "must be six hexadecimal digits, such as #E88A2D");
		return NULL;
	}
	out = arena_printf(r->mem, "#%s", hex);
	for (i = 1; i < 7; i++)
		out[i] = (char)toupper((unsigned char)out[i]);
	return out;
}

/* Adds one term unless it is empty. NULL, or the fault. */
static const char *
add_term(struct json_reader *r, struct json_object *terms, const char *text, size_t len)
{
	const char *fault = NULL;

	text = text_clean(TEXT_LINE, text, len, r->mem, &fault);
	if (text == NULL || text[0] == '\0')
		return fault;
	if (utf8_length(text, strlen(text)) > TERM_MAX)
		return TERMS_WRONG;
	json_object_array_add(terms, json_object_new_string(text));
	return NULL;
}

static const char *
add_split_terms(struct json_reader *r, struct json_object *terms, const char *text, size_t len)
{
	const char *end = text + len, *comma, *fault;

	if (utf8_length(text, len) > TERMS_TEXT_MAX)
		return "must have at most 4000 characters";
	if (text[0] == '[')
		return TERMS_WRONG ", not a text that holds JSON";
	for (;;) {
		comma = memchr(text, ',', (size_t)(end - text));
		fault = add_term(r, terms, text, (size_t)((comma != NULL ? comma : end) - text));
		if (fault != NULL || comma == NULL)
			return fault;
		text = comma + 1;
	}
}

static const char *
add_listed_terms(struct json_reader *r, struct json_object *terms, struct json_object *list)
{
	size_t n = json_object_array_length(list);
	const char *fault = NULL;

	for (size_t i = 0; fault == NULL && i < n; i++) {
		struct json_object *v = json_object_array_get_idx(list, i);

		fault = json_object_is_type(v, json_type_string)
			    ? add_term(r, terms, json_object_get_string(v),
				  (size_t)json_object_get_string_len(v))
			    : TERMS_WRONG;
	}
	return fault;
}

/* A list, or the text "a, b" that PinBridge's SDK also accepts -> canonical array, or NULL. */
static const char *
decode_terms(struct json_reader *r)
{
	struct json_object *v = NULL, *terms;
	const char *fault = TERMS_WRONG, *out = NULL;

	if (!json_has(r, "related_terms"))
		return NULL;
	json_object_object_get_ex(r->object, "related_terms", &v);
	terms = json_object_new_array();
	if (json_object_is_type(v, json_type_array))
		fault = add_listed_terms(r, terms, v);
	else if (json_object_is_type(v, json_type_string))
		fault = add_split_terms(
		    r, terms, json_object_get_string(v), (size_t)json_object_get_string_len(v));
	if (fault == NULL && json_object_array_length(terms) > PIN_TERMS_MAX)
		fault = "must have at most 30 terms";
	if (fault != NULL)
		json_wrong(r, "related_terms", fault);
	else if (json_object_array_length(terms) > 0)
		out = arena_strdup(r->mem, json_dump(terms, NULL));
	json_object_put(terms);
	return out;
}

/* True if a file is named. The nil UUID names none, so it is refused. */
static bool
decode_asset(struct json_reader *r, const char *name, struct uuid *out)
{
	if (json_uuid(r, name, JSON_OPTIONAL, out) != 0)
		return false;
	if (uuid_is_nil(out))
		json_wrong(r, name, "must be the id of an uploaded file");
	return true;
}

static void
decode_media(struct json_reader *r, struct pin_new *out)
{
	bool cover_asset;

	out->content.image_url = json_url(r, "image_url", JSON_OPTIONAL);
	(void)decode_asset(r, "asset_id", &out->content.asset_id);
	out->content.cover_image_url = json_url(r, "cover_image_url", JSON_OPTIONAL);
	cover_asset = decode_asset(r, "cover_image_asset_id", &out->content.cover_asset_id);
	if (json_has(r, "image_url") && json_has(r, "asset_id"))
		json_wrong(r, "image_url", "exactly one of image_url and asset_id is allowed");
	if (out->content.cover_image_url != NULL && cover_asset)
		json_wrong(r, "cover_image_url",
		    "at most one of cover_image_url and cover_image_asset_id is allowed");
	if ((out->content.cover_image_url != NULL || cover_asset) && json_has(r, "image_url"))
		json_wrong(r,
		    out->content.cover_image_url != NULL ? "cover_image_url"
							 : "cover_image_asset_id",
		    "a cover goes with a video asset only");
}

static void
decode_optional(struct json_reader *r, struct pin_new *out)
{
	out->content.description = json_prose(r, "description", JSON_OPTIONAL, 1, DESCRIPTION_MAX);
	out->content.link_url = json_url(r, "link_url", JSON_OPTIONAL);
	out->content.alt_text = json_prose(r, "alt_text", JSON_OPTIONAL, 1, ALT_MAX);
	out->content.related_terms = decode_terms(r);
	out->content.dominant_color = decode_color(r);
	out->content.external_id = json_key(r, "external_id", JSON_OPTIONAL, 1, NAME_MAX_POINTS);
	out->content.campaign = json_text(r, "campaign", JSON_OPTIONAL, 1, NAME_MAX_POINTS);
	decode_media(r, out);
}

/* Says what time it is here, so that one sees whose clock is wrong. */
static void
wrong_past(struct json_reader *r, const char *name, int64_t now_us)
{
	char now[RFC3339_SIZE];

	json_wrong(r, name,
	    arena_printf(r->mem, "must be in the future: it is %s here",
		rfc3339_format(now_us / US_PER_S * US_PER_S, now)));
}

static void
decode_times(struct json_reader *r, struct pin_new *out, enum json_need run_at, int64_t now_us)
{
	out->run_at_us = out->not_after_us = TIME_NONE;
	if (json_time(r, "run_at", run_at, &out->run_at_us) == 0) {
		if (out->run_at_us <= now_us)
			wrong_past(r, "run_at", now_us);
		else if (out->run_at_us - now_us > AHEAD_MAX_US)
			json_wrong(r, "run_at", TOO_FAR);
	}
	if (json_time(r, "not_after", JSON_OPTIONAL, &out->not_after_us) == -1)
		return;
	if (out->run_at_us != TIME_NONE && out->not_after_us <= out->run_at_us)
		json_wrong(r, "not_after", "must be after run_at");
	else if (out->not_after_us <= now_us)
		wrong_past(r, "not_after", now_us);
	else if (out->not_after_us - now_us > AHEAD_MAX_US)
		json_wrong(r, "not_after", TOO_FAR);
}

static void
refuse_run_at(struct json_reader *r, enum pin_form form)
{
	if (form == PIN_FORM_PIN && json_has(r, "run_at"))
		json_wrong(r, "run_at", "belongs to a schedule: use /v1/schedules");
}

/* Every field by its name, in the order of docs/api.md. Without a bit a PATCH cannot name it. */
static const struct pin_field_row {
	const char *name;
	unsigned bit;
	bool clearable;
} fields[] = {
	{ "account_id", 0, false },
	{ "board_id", PIN_F_BOARD, false },
	{ "title", PIN_F_TITLE, false },
	{ "description", PIN_F_DESCRIPTION, true },
	{ "link_url", PIN_F_LINK, true },
	{ "alt_text", PIN_F_ALT, true },
	{ "related_terms", PIN_F_TERMS, true },
	{ "dominant_color", PIN_F_COLOR, true },
	{ "image_url", PIN_F_IMAGE, false },
	{ "asset_id", PIN_F_IMAGE, false },
	{ "cover_image_url", PIN_F_COVER, true },
	{ "cover_image_asset_id", PIN_F_COVER, true },
	{ "idempotency_key", 0, false },
	{ "run_at", PIN_F_RUN_AT, false },
	{ "not_after", PIN_F_NOT_AFTER, true },
	{ "external_id", PIN_F_EXTERNAL_ID, true },
	{ "campaign", PIN_F_CAMPAIGN, true },
};

#define FIELDS (sizeof fields / sizeof fields[0])
_Static_assert(FIELDS <= PIN_FIELDS_MAX, "PIN_FIELDS_MAX is too small");

const char *
pin_field_name(size_t i)
{
	return i < FIELDS ? fields[i].name : NULL;
}

static void
refuse_unknown_fields(struct json_reader *r, bool patch)
{
	const char *names[FIELDS + 1];
	size_t n = 0;

	for (size_t i = 0; i < FIELDS; i++)
		if (!patch || fields[i].bit != 0)
			names[n++] = fields[i].name;
	names[n] = NULL;
	json_known(r, names);
}

int
pin_new_decode(struct pin_new *out, enum pin_form form, struct json_object *in, int64_t now_us,
    struct arena *mem, struct problem *why)
{
	size_t before = why->errors_len;
	struct json_reader r;

	memset(out, 0, sizeof *out);
	json_reader_init(&r, in, mem, why);
	(void)json_uuid(&r, "account_id", JSON_REQUIRED, &out->account_id);
	out->content.board_id = decode_board(&r);
	out->content.title = json_text(&r, "title", JSON_REQUIRED, 1, TITLE_MAX);
	decode_optional(&r, out);
	if (r.object != NULL && !json_has(&r, "image_url") && !json_has(&r, "asset_id"))
		json_wrong(&r, "image_url", "exactly one of image_url and asset_id is required");
	out->idempotency_key = json_key(&r, "idempotency_key",
	    form == PIN_FORM_SCHEDULE ? JSON_OPTIONAL : JSON_REQUIRED, 1, NAME_MAX_POINTS);
	refuse_run_at(&r, form);
	decode_times(&r, out, form == PIN_FORM_SCHEDULE ? JSON_REQUIRED : JSON_OPTIONAL, now_us);
	refuse_unknown_fields(&r, false);
	return why->errors_len == before ? 0 : -1;
}

/* Bits of the fields named. Null or "" for one media source next to the other one is ignored. */
static unsigned
patch_bits(struct json_reader *r)
{
	bool media = json_has(r, "image_url") || json_has(r, "asset_id");
	unsigned set = 0;
	size_t i;

	for (i = 0; i < FIELDS; i++) {
		const struct pin_field_row *f = &fields[i];

		if (f->bit == 0 || !(json_has(r, f->name) || json_is_empty(r, f->name)))
			continue;
		set |= f->bit;
		if (json_is_empty(r, f->name) && !f->clearable && !(f->bit == PIN_F_IMAGE && media))
			json_wrong(r, f->name, "cannot be cleared");
	}
	return set;
}

int
pin_patch_decode(struct pin_patch *out, enum pin_form form, struct json_object *in, int64_t now_us,
    struct arena *mem, struct problem *why)
{
	size_t before = why->errors_len;
	struct json_reader r;

	memset(out, 0, sizeof *out);
	json_reader_init(&r, in, mem, why);
	out->set = patch_bits(&r);
	if (json_has(&r, "board_id"))
		out->to.content.board_id = decode_board(&r);
	if (json_has(&r, "title"))
		out->to.content.title = json_text(&r, "title", JSON_REQUIRED, 1, TITLE_MAX);
	decode_optional(&r, &out->to);
	refuse_run_at(&r, form);
	decode_times(&r, &out->to, JSON_OPTIONAL, now_us);
	refuse_unknown_fields(&r, true);
	if (out->set == 0 && why->errors_len == before)
		json_wrong(&r, "", "at least one field is required");
	return why->errors_len == before ? 0 : -1;
}

void
pin_patch_apply(const struct pin_patch *p, struct pin_content *c)
{
	const struct pin_content *to = &p->to.content;

	if (p->set & PIN_F_BOARD)
		c->board_id = to->board_id;
	if (p->set & PIN_F_TITLE)
		c->title = to->title;
	if (p->set & PIN_F_DESCRIPTION)
		c->description = to->description;
	if (p->set & PIN_F_LINK)
		c->link_url = to->link_url;
	if (p->set & PIN_F_ALT)
		c->alt_text = to->alt_text;
	if (p->set & PIN_F_TERMS)
		c->related_terms = to->related_terms;
	if (p->set & PIN_F_COLOR)
		c->dominant_color = to->dominant_color;
	if (p->set & PIN_F_IMAGE) {
		c->image_url = to->image_url;
		c->asset_id = to->asset_id;
	}
	if (p->set & PIN_F_COVER) {
		c->cover_image_url = to->cover_image_url;
		c->cover_asset_id = to->cover_asset_id;
	}
	if (p->set & PIN_F_EXTERNAL_ID)
		c->external_id = to->external_id;
	if (p->set & PIN_F_CAMPAIGN)
		c->campaign = to->campaign;
}
