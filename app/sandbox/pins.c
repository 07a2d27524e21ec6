/*
 * Pins that are there: list, show, change, delete. (create.c makes them.)
 */
#include "app/sandbox/pins.h"

#include <string.h>

#include "app/sandbox/boards.h"
#include "app/sandbox/call.h"
#include "app/sandbox/ids.h"
#include "app/sandbox/limits.h"
#include "lib/arena.h"
#include "lib/clock.h"
#include "lib/json.h"
#include "sql/sandbox_stmt.h"

#define PIN_COLUMNS(p)                                                                             \
	{                                                                                          \
		db_get_int(&(p)->id), db_get_int(&(p)->board_id), db_get_text(&(p)->title),        \
		    db_get_text(&(p)->description), db_get_text(&(p)->link),                       \
		    db_get_text(&(p)->alt_text), db_get_text(&(p)->dominant_color),                \
		    db_get_int(&(p)->parent_pin_id), db_get_text(&(p)->media),                     \
		    db_get_int(&(p)->is_standard), db_get_time(&(p)->created_us),                  \
		    db_get_int(&(p)->shuffle)                                                      \
	}

static size_t
code_points(const char *s)
{
	size_t n = 0;

	for (; *s != '\0'; s++)
		n += ((unsigned char)*s & 0xc0) != 0x80;
	return n;
}

bool
pins_text(struct call *c, const char *name, size_t max, const char **value)
{
	struct json_object *v = json_object_object_get(c->json, name);
	const char *s;

	*value = NULL;
	if (v == NULL)
		return true;
	s = json_object_get_string(v);
	if (!json_object_is_type(v, json_type_string)) {
		view_error(c, 400, 1,
		    arena_printf(
			c->mem, "Invalid request: %s: %.80s is not of type 'string'", name, s));
		return false;
	}
	if (code_points(s) > max) {
		view_error(c, 400, 1,
		    arena_printf(c->mem,
			"Invalid request: %s: '%.80s...' is too long, constraint: maxLength=%zu",
			name, s, max));
		return false;
	}
	*value = arena_strdup(c->mem, s);
	return true;
}

bool
pins_id(struct call *c, const char *name, int64_t *id)
{
	struct json_object *v = json_object_object_get(c->json, name);

	*id = 0;
	if (v == NULL)
		return true;
	if (json_object_is_type(v, json_type_string))
		*id = ids_parse(json_object_get_string(v));
	else
		*id = -1;
	if (*id > 0)
		return true;
	view_error(c, 400, 1,
	    arena_printf(c->mem, "Invalid request: %s: '%.80s' does not match '^\\d+$'", name,
		json_object_get_string(v)));
	return false;
}

struct listing_state {
	struct call *c;
	struct view_pin pin;
	struct json_object *items;
	int64_t size;
	int64_t rows;
	int64_t last;
};

static void
list_row(void *arg)
{
	struct listing_state *s = arg;

	if (++s->rows > s->size)
		return;
	s->last = s->c->set.listing == LISTING_SHUFFLED ? s->pin.shuffle : s->pin.id;
	json_object_array_add(s->items, view_pin(s->c, &s->pin));
}

static unsigned
list_statement(int64_t order)
{
	if (order == LISTING_OLDEST)
		return SBX_PINS_LIST__OLDEST;
	return order == LISTING_SHUFFLED ? SBX_PINS_LIST__SHUFFLED : SBX_PINS_LIST__NEWEST;
}

/* A fault may have it end too early, or never. */
static void
send_list(struct listing_state *s, int order, int64_t after)
{
	size_t n = json_object_array_length(s->items);
	bool more = s->rows > s->size;

	if (s->c->fault.kind == FAULT_SHORT_LIST) {
		json_object_array_del_idx(s->items, n / 2, n - n / 2);
		more = false;
	}
	if (s->c->fault.kind == FAULT_LOOP) {
		s->last = after;
		more = true;
	}
	view_page_send(s->c, order, s->items, s->last, more);
}

void
pins_list(struct call *c)
{
	int order = (int)c->set.listing;
	struct listing_state s = { .c = c };
	struct db_col out[] = PIN_COLUMNS(&s.pin);
	struct view_page page;
	int64_t until = c->now_us - c->set.listing_delay_s * US_PER_S;
	enum db_rc rc;

	if (c->set.listing_delay_s == 0)
		until = c->now_us + 3600 * US_PER_S; /* also what came since the request began */
	if (c->board_id != 0 && !boards_mine(c, c->board_id))
		return;
	if (!view_page_read(c, order, order == LISTING_NEWEST ? INT64_MAX : -1, &page))
		return;
	const struct db_param in[] = { db_int(c->user_id), db_int(c->board_id), db_time(until),
		db_int(page.after), db_int(page.size + 1) };
	s.items = json_object_new_array();
	s.size = page.size;
	rc = db_each(c->db, list_statement(order), in, DB_LEN(in), out, DB_LEN(out), list_row, &s);
	if (rc == DB_OK) {
		send_list(&s, order, page.after);
		return;
	}
	json_object_put(s.items);
	view_db_error(c, rc);
}

/* False: the reply is set. */
static bool
load(struct call *c, struct view_pin *pin)
{
	const struct db_param in[] = { db_int(c->user_id), db_int(c->id) };
	struct db_col out[] = PIN_COLUMNS(pin);
	enum db_rc rc = db_row(c->db, SBX_PINS_GET, in, DB_LEN(in), out, DB_LEN(out));

	if (rc == DB_NONE)
		view_error(c, 404, 50, "Pin not found.");
	else if (rc != DB_OK)
		view_db_error(c, rc);
	return rc == DB_OK;
}

void
pins_show(struct call *c)
{
	struct view_pin pin;

	if (load(c, &pin))
		front_json(&c->reply, 200, view_pin(c, &pin), c->mem);
}

/* Fields that are there replace the pin's. False: the reply is set. */
static bool
overlay(struct call *c, struct view_pin *pin)
{
	const struct {
		const char *name;
		size_t max;
		const char **field;
	} texts[] = { { "title", 100, &pin->title }, { "description", 800, &pin->description },
		{ "link", 2048, &pin->link }, { "alt_text", 500, &pin->alt_text } };
	int64_t board;

	for (size_t i = 0; i < DB_LEN(texts); i++)
		if (json_object_object_get_ex(c->json, texts[i].name, NULL) &&
		    !pins_text(c, texts[i].name, texts[i].max, texts[i].field))
			return false;
	if (!pins_id(c, "board_id", &board))
		return false;
	if (board != 0 && !boards_mine(c, board))
		return false;
	if (board != 0)
		pin->board_id = board;
	return true;
}

void
pins_change(struct call *c)
{
	struct view_pin pin;
	enum db_rc rc;

	if (!load(c, &pin) || !overlay(c, &pin) || !limits_contention(c, pin.board_id))
		return;
	const struct db_param in[] = { db_int(c->user_id), db_int(c->id), db_int(pin.board_id),
		db_text(pin.title), db_text(pin.description), db_text(pin.link),
		db_text(pin.alt_text) };
	rc = db_exec(c->db, SBX_PINS_UPDATE, in, DB_LEN(in), NULL);
	if (rc == DB_OK)
		front_json(&c->reply, 200, view_pin(c, &pin), c->mem);
	else
		view_db_error(c, rc);
}

void
pins_delete(struct call *c)
{
	const struct db_param in[] = { db_int(c->user_id), db_int(c->id) };
	enum db_rc rc = db_exec(c->db, SBX_PINS_DELETE, in, DB_LEN(in), NULL);

	if (rc == DB_OK)
		front_text(&c->reply, 204, NULL, "");
	else if (rc == DB_NONE)
		view_error(c, 404, 50, "Pin not found.");
	else
		view_db_error(c, rc);
}
