/*
 * JSON in and out: json-c behind the strict scanner, and builders that treat a failed allocation as
 * fatal.
 */
#include "lib/json.h"

#include "lib/clock.h"
#include "lib/log.h"
#include "lib/rfc3339.h"

#define TOKENER_DEPTH 80 /* more than the scanner accepts */

static struct json_object *
parse_scanned(const char *text, size_t len, struct json_fault *fault)
{
	struct json_tokener *tok = json_tokener_new_ex(TOKENER_DEPTH);
	struct json_object *o;

	if (tok == NULL)
		panic("event=json_tokener_memory");
	o = json_tokener_parse_ex(tok, text, (int)len);
	if (json_tokener_get_error(tok) != json_tokener_success) {
		fault->offset = json_tokener_get_parse_end(tok);
		fault->reason = "not JSON";
		json_object_put(o);
		o = NULL;
	}
	json_tokener_free(tok);
	return o;
}

struct json_object *
json_parse(const char *text, size_t len, const struct json_limits *limits, struct json_fault *fault)
{
	if (len > INT32_MAX) {
		*fault = (struct json_fault){ .reason = "too long" };
		return NULL;
	}
	return json_scan(text, len, limits, fault) == -1 ? NULL : parse_scanned(text, len, fault);
}

struct json_object *
json_parse_answer(
    const char *text, size_t len, const struct json_limits *limits, struct json_fault *fault)
{
	if (len > INT32_MAX) {
		*fault = (struct json_fault){ .reason = "too long" };
		return NULL;
	}
	return json_scan_answer(text, len, limits, fault) == -1 ? NULL
								: parse_scanned(text, len, fault);
}

void
json_put(struct json_object *o, const char *name, struct json_object *value)
{
	if (json_object_object_add(o, name, value) != 0)
		panic("event=json_put_failed name=%s", name);
}

void
json_put_text(struct json_object *o, const char *name, const char *text)
{
	json_put(o, name, text != NULL ? json_object_new_string(text) : NULL);
}

void
json_put_int(struct json_object *o, const char *name, int64_t value)
{
	json_put(o, name, json_object_new_int64(value));
}

void
json_put_bool(struct json_object *o, const char *name, bool value)
{
	json_put(o, name, json_object_new_boolean(value));
}

void
json_put_project(struct json_object *o, const char *name, const struct uuid *id)
{
	const struct uuid shown = uuid_project_shown(id);

	json_put_uuid(o, name, &shown);
}

void
json_put_uuid(struct json_object *o, const char *name, const struct uuid *value)
{
	char text[UUID_TEXT_SIZE];

	json_put_text(
	    o, name, value != NULL && !uuid_is_nil(value) ? uuid_format(value, text) : NULL);
}

void
json_put_time(struct json_object *o, const char *name, int64_t us)
{
	char text[RFC3339_SIZE];

	json_put_text(o, name, us != TIME_NONE ? rfc3339_format(us, text) : NULL);
}

const char *
json_dump(struct json_object *o, size_t *len)
{
	const char *text = json_object_to_json_string_length(
	    o, JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE, len);

	if (text == NULL)
		panic("event=json_dump_failed");
	return text;
}

void
json_write(struct buf *out, struct json_object *o)
{
	size_t len;
	const char *text = json_dump(o, &len);

	(void)buf_add(out, text, len);
	json_object_put(o);
}

static int
stored_to_string(struct json_object *o, struct printbuf *out, int level, int flags)
{
	(void)level;
	(void)flags;
	return printbuf_memappend(out, json_object_get_string(o), json_object_get_string_len(o));
}

void
json_put_stored(struct json_object *o, const char *name, const char *text)
{
	struct json_object *stored = json_object_new_string(text != NULL ? text : "[]");

	json_object_set_serializer(stored, stored_to_string, NULL, NULL);
	json_put(o, name, stored);
}
