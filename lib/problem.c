/* API errors: collects them and renders the one JSON shape. */
#include "lib/problem.h"

#include <stdio.h>
#include <string.h>

#include "lib/arena.h"
#include "lib/buf.h"
#include "lib/json.h"
#include "lib/utf8.h"

#define MESSAGE_MAX 4096
#define PART_MAX 80
#define PATH_SHOWN 128 /* bytes: a name in a body may have any length */
#define MORE_ROOM 40   /* " and 18446744073709551615 more." */

void
problem_set(struct problem *p, int status, const char *code, const char *message)
{
	*p = (struct problem){ .status = status, .code = code, .message = message };
}

bool
problem_any(const struct problem *p)
{
	return p->status != 0;
}

static const char *
shown_path(const struct problem_field *f)
{
	return f->path[0] != '\0' ? f->path : "body";
}

static bool
named_before(const struct problem *p, size_t i)
{
	size_t j;

	for (j = 0; j < i; j++)
		if (strcmp(p->errors[j].path, p->errors[i].path) == 0)
			return true;
	return false;
}

static void
put_message(struct problem *p, struct arena *mem)
{
	char *message;
	struct buf text;
	size_t i;

	buf_init(&text, MESSAGE_MAX);
	buf_puts(&text, "Request validation failed for: ");
	for (i = 0; i < p->errors_len; i++) {
		if (named_before(p, i))
			continue;
		if (i > 0)
			buf_puts(&text, ", ");
		buf_puts(&text, shown_path(&p->errors[i]));
	}
	message = arena_alloc(mem, text.len + MORE_ROOM);
	memcpy(message, buf_str(&text), text.len);
	p->more = message + text.len;
	*p->more = '.'; /* the arena has zeroed the rest */
	p->message = message;
	buf_free(&text);
}

/* In place: there may be thousands. */
static void
count_more(struct problem *p)
{
	snprintf(p->more, MORE_ROOM, " and %zu more.", p->errors_more);
}

static void
add_field_error(
    struct problem *p, struct arena *mem, const char *in, const char *path, const char *reason)
{
	if (p->status != 422 || p->errors_len == 0)
		problem_set(p, 422, "validation_error", NULL);
	if (p->errors_len == PROBLEM_MAX_ERRORS)
		p->errors_more++;
	else
		p->errors[p->errors_len++] = (struct problem_field){
			.in = in,
			.path = arena_strndup(mem, path, utf8_cut(path, strlen(path), PATH_SHOWN)),
			.reason = arena_strdup(mem, reason),
		};
	if (p->errors_more == 0)
		put_message(p, mem);
	else
		count_more(p);
}

void
problem_field(struct problem *p, struct arena *mem, const char *path, const char *reason)
{
	add_field_error(p, mem, "body", path, reason);
}

void
problem_query(struct problem *p, struct arena *mem, const char *name, const char *reason)
{
	add_field_error(p, mem, "query", name, reason);
}

const char *
problem_title(int status)
{
	static const struct {
		int status;
		const char *title;
	} titles[] = {
		{ 200, "OK" },
		{ 201, "Created" },
		{ 202, "Accepted" },
		{ 204, "No Content" },
		{ 302, "Found" },
		{ 303, "See Other" },
		{ 304, "Not Modified" },
		{ 400, "Bad Request" },
		{ 401, "Unauthorized" },
		{ 402, "Payment Required" },
		{ 403, "Forbidden" },
		{ 404, "Not Found" },
		{ 405, "Method Not Allowed" },
		{ 406, "Not Acceptable" },
		{ 408, "Request Timeout" },
		{ 409, "Conflict" },
		{ 410, "Gone" },
		{ 411, "Length Required" },
		{ 412, "Precondition Failed" },
		{ 413, "Content Too Large" },
		{ 414, "URI Too Long" },
		{ 415, "Unsupported Media Type" },
		{ 417, "Expectation Failed" },
		{ 422, "Unprocessable Content" },
		{ 428, "Precondition Required" },
		{ 429, "Too Many Requests" },
		{ 431, "Request Header Fields Too Large" },
		{ 500, "Internal Server Error" },
		{ 501, "Not Implemented" },
		{ 502, "Bad Gateway" },
		{ 503, "Service Unavailable" },
		{ 504, "Gateway Timeout" },
		{ 505, "HTTP Version Not Supported" },
	};
	size_t i;

	for (i = 0; i < sizeof titles / sizeof titles[0]; i++)
		if (titles[i].status == status)
			return titles[i].title;
	return NULL;
}

/* "3" -> 3, "title" -> "title": clients of FastAPI expect numbers for positions. */
static struct json_object *
loc_part(const char *part, size_t len)
{
	int64_t value = 0;
	size_t i;

	if (len == 0 || len > 6)
		return json_object_new_string_len(part, (int)len);
	for (i = 0; i < len; i++) {
		if (part[i] < '0' || part[i] > '9')
			return json_object_new_string_len(part, (int)len);
		value = value * 10 + (part[i] - '0');
	}
	return json_object_new_int64(value);
}

static struct json_object *
loc_json(const struct problem_field *f)
{
	struct json_object *loc = json_object_new_array();
	const char *path = f->path;
	size_t len;

	json_object_array_add(loc, json_object_new_string(f->in));
	while (*path != '\0') {
		len = strcspn(path, ".");
		json_object_array_add(loc, loc_part(path, len));
		path += len;
		path += *path == '.';
	}
	return loc;
}

static struct json_object *
errors_json(const struct problem *p)
{
	struct json_object *list = json_object_new_array();
	size_t i;

	for (i = 0; i < p->errors_len; i++) {
		struct json_object *one = json_object_new_object();

		json_put(one, "loc", loc_json(&p->errors[i]));
		json_put_text(one, "msg", p->errors[i].reason);
		json_object_array_add(list, one);
	}
	return list;
}

static struct json_object *
error_json(const struct problem *p, const char *request_id)
{
	struct json_object *error = json_object_new_object();

	json_put_text(error, "code", p->code);
	json_put_text(error, "message", p->message);
	if (p->remediation != NULL)
		json_put_text(error, "remediation", p->remediation);
	json_put_text(error, "request_id", request_id);
	if (p->retry_after_s > 0)
		json_put_int(error, "retry_after_seconds", p->retry_after_s);
	if (p->errors_len > 0)
		json_put(error, "errors", errors_json(p));
	return error;
}

struct json_object *
problem_json(const struct problem *p, const char *request_id)
{
	const char *title = problem_title(p->status);
	struct json_object *o = json_object_new_object();
	char type[PART_MAX];

	snprintf(type, sizeof type, "urn:pintempo:error:%s", p->code);
	json_put_text(o, "type", type);
	json_put_text(o, "title",
	    title != NULL     ? title
	    : p->status < 500 ? "Client Error"
			      : "Server Error");
	json_put_int(o, "status", p->status);
	json_put_text(o, "detail", p->message);
	json_put_text(o, "code", p->code);
	json_put_text(o, "message", p->message);
	json_put_text(o, "request_id", request_id);
	json_put(o, "error", error_json(p, request_id));
	return o;
}
