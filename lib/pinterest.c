/*
 * Requests and answers of the Pinterest API v5; pure. Answers are untrusted: the type of each value
 * is checked before it is read, and a wrong one counts as missing.
 */
#include "lib/pinterest.h"

#include <string.h>

#include "lib/arena.h"
#include "lib/json.h"
#include "lib/pinterest_read.h"
#include "lib/rfc3339.h"
#include "lib/text.h"
#include "lib/utf8.h"

#define ID_MAX 64
#define NAME_BYTES 255 /* that their columns hold */
#define MESSAGE_BYTES 500
#define CODE_NO_PIN 50

/* Ids are strings of digits; numbers are accepted too. NULL when it is neither. */
static const char *
id_of(struct json_object *o, const char *name, struct arena *mem)
{
	struct json_object *number = pinterest_read_member(o, name, json_type_int);
	const char *s = pinterest_read_text(o, name, mem);

	if (number != NULL && json_object_get_int64(number) > 0)
		return arena_strdup(mem, json_object_get_string(number));
	if (s == NULL || s[0] == '\0' || strlen(s) > ID_MAX || s[strspn(s, "0123456789")] != '\0')
		return NULL;
	return s;
}

static void
put_given_text(struct json_object *o, const char *name, const char *text)
{
	if (text != NULL)
		json_put_text(o, name, text);
}

const char *
pinterest_create_body(const struct pinterest_create *c, struct arena *mem)
{
	struct json_object *o = json_object_new_object(), *media = json_object_new_object();
	const char *text;

	put_given_text(o, "board_id", c->board_id);
	put_given_text(o, "title", c->title);
	put_given_text(o, "description", c->description);
	put_given_text(o, "link", c->link_url);
	put_given_text(o, "alt_text", c->alt_text);
	put_given_text(o, "dominant_color", c->dominant_color);
	json_put_text(media, "source_type", "image_url");
	put_given_text(media, "url", c->image_url);
	json_put(o, "media_source", media);
	text = arena_strdup(mem, json_dump(o, NULL));
	json_object_put(o);
	return text;
}

int
pinterest_create_parse(struct pinterest_create *c, const char *json, struct arena *mem)
{
	struct json_object *o = pinterest_read_object(json, strlen(json));

	memset(c, 0, sizeof *c);
	if (o == NULL)
		return -1;
	c->board_id = pinterest_read_text(o, "board_id", mem);
	c->title = pinterest_read_text(o, "title", mem);
	c->description = pinterest_read_text(o, "description", mem);
	c->link_url = pinterest_read_text(o, "link", mem);
	c->alt_text = pinterest_read_text(o, "alt_text", mem);
	c->dominant_color = pinterest_read_text(o, "dominant_color", mem);
	c->image_url = pinterest_read_text(
	    pinterest_read_member(o, "media_source", json_type_object), "url", mem);
	json_object_put(o);
	return c->board_id != NULL && c->image_url != NULL ? 0 : -1;
}

void
pinterest_error_parse(struct pinterest_error *e, const char *body, size_t len, struct arena *mem)
{
	struct json_object *o = pinterest_read_object(body, len),
			   *code = pinterest_read_member(o, "code", json_type_int);
	const char *message = pinterest_read_text(o, "message", mem);
	const char *detail = pinterest_read_text(o, "message_detail", mem);

	e->whole = code != NULL && message != NULL;
	e->code = code != NULL ? json_object_get_int64(code) : 0;
	if (message == NULL)
		message = "";
	/* "spam" may be in either; the classification reads both. */
	if (detail != NULL && detail[0] != '\0' && strcmp(detail, message) != 0)
		message =
		    message[0] != '\0' ? arena_printf(mem, "%s (%s)", message, detail) : detail;
	e->message = arena_strndup(mem, message, utf8_cut(message, strlen(message), MESSAGE_BYTES));
	json_object_put(o);
}

bool
pinterest_pin_gone(long status, const char *body, size_t len, struct arena *mem)
{
	struct pinterest_error e;

	if (status != 404)
		return false;
	pinterest_error_parse(&e, body, len, mem);
	return e.whole && e.code == CODE_NO_PIN;
}

bool
pinterest_says_gone(const struct pinterest_error *e)
{
	return e->code == 40 || e->code == 50 || e->code == 2031;
}

bool
pinterest_is_object(const char *body, size_t len)
{
	struct json_object *o = pinterest_read_object(body, len);

	json_object_put(o);
	return o != NULL;
}

static int
read_pin_object(struct pinterest_pin *p, struct json_object *o, struct arena *mem)
{
	struct json_object *owner = pinterest_read_member(o, "is_owner", json_type_boolean);
	const char *created = pinterest_read_text(o, "created_at", mem);

	memset(p, 0, sizeof *p);
	p->id = id_of(o, "id", mem);
	p->board_id = id_of(o, "board_id", mem);
	p->title = pinterest_read_text(o, "title", mem);
	p->description = pinterest_read_text(o, "description", mem);
	p->link = pinterest_read_text(o, "link", mem);
	p->alt_text = pinterest_read_text(o, "alt_text", mem);
	p->is_owner = owner == NULL || json_object_get_boolean(owner);
	if (created == NULL || rfc3339_parse_lenient(created, &p->created_us) == -1)
		p->created_us = TIME_NONE;
	return p->id != NULL ? 0 : -1;
}

struct pinterest_pin
pinterest_pin_copy(const struct pinterest_pin *p, struct arena *mem)
{
	struct pinterest_pin copy = *p;

	copy.id = arena_strdup(mem, p->id);
	copy.board_id = arena_strdup(mem, p->board_id);
	copy.title = arena_strdup(mem, p->title);
	copy.description = arena_strdup(mem, p->description);
	copy.link = arena_strdup(mem, p->link);
	copy.alt_text = arena_strdup(mem, p->alt_text);
	return copy;
}

int
pinterest_pin_parse(struct pinterest_pin *p, const char *body, size_t len, struct arena *mem)
{
	struct json_object *o = pinterest_read_object(body, len);
	int rc = read_pin_object(p, o, mem);

	json_object_put(o);
	return rc;
}

static const char *
bookmark_of(struct json_object *o, struct arena *mem)
{
	const char *text = pinterest_read_text(o, "bookmark", mem);

	return text != NULL && text[0] != '\0' ? text : NULL;
}

int
pinterest_page_parse(struct pinterest_page *p, const char *body, size_t len, struct arena *mem)
{
	struct json_object *o = pinterest_read_object(body, len);
	struct json_object *items = pinterest_read_member(o, "items", json_type_array);
	size_t i;
	int rc = items != NULL ? 0 : -1;

	memset(p, 0, sizeof *p);
	if (rc == 0) {
		p->len = json_object_array_length(items);
		p->pins = arena_alloc(mem, (p->len + 1) * sizeof *p->pins);
		p->bookmark = bookmark_of(o, mem);
	}
	/* An unreadable entry may be the wanted pin: the page does not prove absence. */
	for (i = 0; rc == 0 && i < p->len; i++)
		rc = read_pin_object(&p->pins[i], json_object_array_get_idx(items, i), mem);
	json_object_put(o);
	return rc;
}

static int
read_board_object(struct pinterest_board *b, struct json_object *o, struct arena *mem)
{
	memset(b, 0, sizeof *b);
	b->id = id_of(o, "id", mem);
	b->name = pinterest_read_text(o, "name", mem);
	b->description = pinterest_read_text(o, "description", mem);
	b->privacy = pinterest_read_text(o, "privacy", mem);
	if (b->name == NULL)
		b->name = "";
	return b->id != NULL ? 0 : -1;
}

int
pinterest_board_parse(struct pinterest_board *b, const char *body, size_t len, struct arena *mem)
{
	struct json_object *o = pinterest_read_object(body, len);
	int rc = read_board_object(b, o, mem);

	json_object_put(o);
	return rc;
}

int
pinterest_boards_parse(struct pinterest_boards *b, const char *body, size_t len, struct arena *mem)
{
	struct json_object *o = pinterest_read_object(body, len);
	struct json_object *items = pinterest_read_member(o, "items", json_type_array);
	size_t i, n = items != NULL ? json_object_array_length(items) : 0;

	memset(b, 0, sizeof *b);
	b->boards = arena_alloc(mem, (n + 1) * sizeof *b->boards);
	for (i = 0; i < n; i++)
		if (read_board_object(
			&b->boards[b->len], json_object_array_get_idx(items, i), mem) == 0)
			b->len++;
	b->bookmark = bookmark_of(o, mem);
	json_object_put(o);
	return items != NULL ? 0 : -1;
}

/* NULL also when nothing of it can be seen, or when it holds what no text may. */
static const char *
name_of(struct json_object *o, const char *member, struct arena *mem)
{
	const char *text = pinterest_read_text(o, member, mem), *fault;

	if (text != NULL)
		text = text_clean(TEXT_LINE, text, strlen(text), mem, &fault);
	if (text == NULL || text[0] == '\0')
		return NULL;
	return arena_strndup(mem, text, utf8_cut(text, strlen(text), NAME_BYTES));
}

int
pinterest_user_parse(struct pinterest_user *u, const char *body, size_t len, struct arena *mem)
{
	struct json_object *o = pinterest_read_object(body, len);

	memset(u, 0, sizeof *u);
	u->id = id_of(o, "id", mem);
	u->username = name_of(o, "username", mem);
	u->name = name_of(o, "business_name", mem);
	json_object_put(o);
	return u->id != NULL || u->username != NULL ? 0 : -1;
}
