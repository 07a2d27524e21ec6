/*
 * The checked reader. The JSON type is compared before a value is read: json-c would convert "12"
 * to 12 and "false" to true.
 */
#include "lib/json_reader.h"

#include <json-c/json.h>
#include <string.h>

#include "lib/arena.h"
#include "lib/email.h"
#include "lib/nearest.h"
#include "lib/problem.h"
#include "lib/rfc3339.h"
#include "lib/text.h"
#include "lib/url.h"
#include "lib/utf8.h"
#include "lib/uuid.h"

#define KEY_SHOWN_BYTES 64

void
json_reader_init(
    struct json_reader *r, struct json_object *object, struct arena *mem, struct problem *why)
{
	*r = (struct json_reader){ .object = object, .mem = mem, .why = why, .prefix = "" };
	if (!json_object_is_type(object, json_type_object)) {
		r->object = NULL;
		problem_field(why, mem, "", "must be a JSON object");
	}
}

void
json_wrong(struct json_reader *r, const char *name, const char *reason)
{
	size_t shown = utf8_cut(name, strlen(name), KEY_SHOWN_BYTES);

	problem_field(
	    r->why, r->mem, arena_printf(r->mem, "%s%.*s", r->prefix, (int)shown, name), reason);
}

static bool
name_listed(const char *name, const char *const *names)
{
	for (; *names != NULL; names++)
		if (strcmp(name, *names) == 0)
			return true;
	return false;
}

void
json_known(struct json_reader *r, const char *const *names)
{
	struct json_object_iterator at, end;
	const char *name, *near;

	if (r->object == NULL)
		return;
	at = json_object_iter_begin(r->object);
	end = json_object_iter_end(r->object);
	for (; !json_object_iter_equal(&at, &end); json_object_iter_next(&at)) {
		name = json_object_iter_peek_name(&at);
		if (name_listed(name, names))
			continue;
		near = nearest_name(name, names);
		json_wrong(r, name,
		    near == NULL ? "unknown field"
				 : arena_printf(r->mem, "unknown field; did you mean %s?", near));
	}
}

static struct json_object *
member_of(const struct json_reader *r, const char *name)
{
	struct json_object *v = NULL;

	if (r->object != NULL)
		json_object_object_get_ex(r->object, name, &v);
	return v;
}

static bool
is_blank_text(struct json_object *v)
{
	size_t len;

	if (!json_object_is_type(v, json_type_string))
		return false;
	len = (size_t)json_object_get_string_len(v);
	(void)text_trim(json_object_get_string(v), &len);
	return len == 0;
}

bool
json_has(const struct json_reader *r, const char *name)
{
	struct json_object *v = member_of(r, name);

	return v != NULL && !is_blank_text(v);
}

bool
json_is_null(const struct json_reader *r, const char *name)
{
	struct json_object *v = NULL;

	return r->object != NULL && json_object_object_get_ex(r->object, name, &v) && v == NULL;
}

bool
json_is_empty(const struct json_reader *r, const char *name)
{
	return json_is_null(r, name) || is_blank_text(member_of(r, name));
}

/* "must be an array", and more if the value is a text that holds one. */
static void
wrong_type(struct json_reader *r, const char *name, struct json_object *v, const char *wrong)
{
	const char *text =
	    json_object_is_type(v, json_type_string) ? json_object_get_string(v) : "";

	if (text[0] == '[' || text[0] == '{')
		wrong = arena_printf(r->mem, "%s, not a text that holds JSON", wrong);
	json_wrong(r, name, wrong);
}

/* The value if it is present and of this type; else NULL, with the fault noted. */
static struct json_object *
get_member(struct json_reader *r, const char *name, enum json_need need, enum json_type type,
    const char *wrong)
{
	struct json_object *v = member_of(r, name);

	if (r->object == NULL)
		return NULL;
	if (v == NULL || is_blank_text(v)) {
		if (need == JSON_REQUIRED)
			json_wrong(r, name, v == NULL ? "Field required" : "must not be empty");
		return NULL;
	}
	if (!json_object_is_type(v, type)) {
		wrong_type(r, name, v, wrong);
		return NULL;
	}
	return v;
}

/* The text, or NULL with the fault noted. */
static const char *
text_in_range(struct json_reader *r, const char *name, const char *text, size_t min, size_t max)
{
	size_t points = utf8_length(text, strlen(text));

	if (points >= min && points <= max)
		return text;
	json_wrong(r, name,
	    points < min
		? arena_printf(r->mem, "must have at least %zu characters", min)
		: arena_printf(r->mem, "must have at most %zu characters, not %zu", max, points));
	return NULL;
}

static const char *
get_text(struct json_reader *r, const char *name, enum json_need need, enum text_kind kind,
    size_t min, size_t max)
{
	struct json_object *v = get_member(r, name, need, json_type_string, "must be a string");
	const char *text, *fault = NULL;

	if (v == NULL)
		return NULL;
	text = text_clean(
	    kind, json_object_get_string(v), (size_t)json_object_get_string_len(v), r->mem, &fault);
	if (text != NULL && text[0] != '\0')
		return text_in_range(r, name, text, min, max);
	if (text == NULL || need == JSON_REQUIRED)
		json_wrong(r, name, text == NULL ? fault : "must not be empty");
	return NULL;
}

const char *
json_text(struct json_reader *r, const char *name, enum json_need need, size_t min, size_t max)
{
	return get_text(r, name, need, TEXT_LINE, min, max);
}

const char *
json_prose(struct json_reader *r, const char *name, enum json_need need, size_t min, size_t max)
{
	return get_text(r, name, need, TEXT_PROSE, min, max);
}

const char *
json_key(struct json_reader *r, const char *name, enum json_need need, size_t min, size_t max)
{
	return get_text(r, name, need, TEXT_KEY, min, max);
}

const char *
json_password(struct json_reader *r, const char *name, enum json_need need, size_t min, size_t max)
{
	struct json_object *v = get_member(r, name, need, json_type_string, "must be a string");

	if (v == NULL)
		return NULL;
	if (strlen(json_object_get_string(v)) != (size_t)json_object_get_string_len(v)) {
		json_wrong(r, name, "must not contain NUL");
		return NULL;
	}
	return text_in_range(r, name, arena_strdup(r->mem, json_object_get_string(v)), min, max);
}

const char *
json_url(struct json_reader *r, const char *name, enum json_need need)
{
	struct json_object *v = get_member(r, name, need, json_type_string, "must be a string");
	const char *text, *fault;

	if (v == NULL)
		return NULL;
	text = url_trim(json_object_get_string(v), (size_t)json_object_get_string_len(v), r->mem);
	fault = url_fault(text, r->mem);
	if (fault != NULL)
		json_wrong(r, name, fault);
	return fault == NULL ? text : NULL;
}

/* The text without blanks at its edges, or NULL with the fault noted. */
static const char *
get_trimmed(struct json_reader *r, const char *name, enum json_need need, const char *wrong)
{
	struct json_object *v = get_member(r, name, need, json_type_string, wrong);
	size_t len = v != NULL ? (size_t)json_object_get_string_len(v) : 0;
	const char *text = v != NULL ? text_trim(json_object_get_string(v), &len) : NULL;

	if (v == NULL || memchr(text, '\0', len) == NULL)
		return v == NULL ? NULL : arena_strndup(r->mem, text, len);
	json_wrong(r, name, wrong);
	return NULL;
}

int
json_flag(struct json_reader *r, const char *name, enum json_need need, bool *out)
{
	struct json_object *v =
	    get_member(r, name, need, json_type_boolean, "must be true or false");

	if (v == NULL)
		return -1;
	*out = json_object_get_boolean(v);
	return 0;
}

int
json_item_uuid(struct json_object *item, struct uuid *out)
{
	char text[UUID_TEXT_SIZE];
	const char *at;
	size_t len;

	if (!json_object_is_type(item, json_type_string))
		return -1;
	len = (size_t)json_object_get_string_len(item);
	at = text_trim(json_object_get_string(item), &len);
	if (len != UUID_TEXT_SIZE - 1)
		return -1;
	memcpy(text, at, len);
	text[len] = '\0';
	return uuid_parse(text, out);
}

const char *
json_email(struct json_reader *r, const char *name, enum json_need need)
{
	const char *text = json_key(r, name, need, 3, EMAIL_MAX), *email, *fault;

	if (text == NULL)
		return NULL;
	email = email_clean(text, strlen(text), r->mem, &fault);
	if (email == NULL)
		json_wrong(r, name, fault);
	return email;
}

int
json_whole(struct json_reader *r, const char *name, enum json_need need, int64_t min, int64_t max,
    int64_t *out)
{
	struct json_object *v = get_member(r, name, need, json_type_int, "must be a whole number");
	int64_t n;

	if (v == NULL)
		return -1;
	n = json_object_get_int64(v);
	if (n < min || n > max) {
		json_wrong(r, name,
		    arena_printf(
			r->mem, "must be from %lld to %lld", (long long)min, (long long)max));
		return -1;
	}
	*out = n;
	return 0;
}

int
json_uuid(struct json_reader *r, const char *name, enum json_need need, struct uuid *out)
{
	struct json_object *v = get_member(r, name, need, json_type_string, "must be a UUID");

	if (v == NULL)
		return -1;
	if (json_item_uuid(v, out) == 0)
		return 0;
	json_wrong(r, name, "must be a UUID");
	return -1;
}

int
json_time(struct json_reader *r, const char *name, enum json_need need, int64_t *out_us)
{
	struct json_object *v = member_of(r, name);
	bool number =
	    json_object_is_type(v, json_type_int) || json_object_is_type(v, json_type_double);
	const char *text, *fault;

	text = number ? json_object_get_string(v)
		      : get_trimmed(r, name, need, "must be a time such as 2026-03-01T08:00:00Z");
	if (text == NULL)
		return -1;
	fault = rfc3339_fault(text, out_us);
	if (fault != NULL)
		json_wrong(r, name, fault);
	return fault == NULL ? 0 : -1;
}

struct json_object *
json_array(struct json_reader *r, const char *name, enum json_need need, size_t min, size_t max)
{
	struct json_object *v = get_member(r, name, need, json_type_array, "must be an array");
	size_t len;

	if (v == NULL)
		return NULL;
	len = json_object_array_length(v);
	if (len < min || len > max) {
		json_wrong(
		    r, name, arena_printf(r->mem, "must have %zu to %zu elements", min, max));
		return NULL;
	}
	return v;
}
