/* Existing pins: list, get, change, delete. sim_create.c creates them. */
#include "app/sandbox/sim_pins.h"

#include "app/sandbox/sim_boards.h"
#include "app/sandbox/sim_call.h"
#include "app/sandbox/sim_fields.h"
#include "app/sandbox/sim_handlers.h"
#include "app/sandbox/sim_ids.h"
#include "app/sandbox/sim_limits.h"
#include "app/sandbox/sim_oauth.h"
#include "app/sandbox/sim_view.h"
#include "lib/clock.h"
#include "lib/json.h"
#include "sql/sandbox_stmt.h"

#define PIN_OUT(stmt, p)                                                                           \
	SBX_OUT(stmt, .id = db_get_int(&(p)->id), .board_id = db_get_int(&(p)->board_id),          \
	    SIM_TEXTS_OUT(p), .parent_pin_id = db_get_int(&(p)->parent_pin_id),                    \
	    .media = db_get_text(&(p)->media), .is_standard = db_get_int(&(p)->is_standard),       \
	    .created_at = db_get_time(&(p)->created_us), .shuffle = db_get_int(&(p)->shuffle))

/* The orders of pins_list are those of the setting. */
_Static_assert((int)SBX_pins_list__ORDERS == SIM_LISTING_SHUFFLED + 1, "listing orders");

struct pin_listing {
	struct sim_call *c;
	struct sim_view_pin pin;
	struct sim_page page;
};

static void
pin_list_row(void *arg)
{
	struct pin_listing *s = arg;
	bool shuffled = s->c->set.listing == SIM_LISTING_SHUFFLED;

	sim_page_add(&s->page, shuffled ? s->pin.shuffle : s->pin.id, sim_view_pin(s->c, &s->pin));
}

/* A fault may end the list too early, or never. */
static void
pin_list_damage(const struct sim_call *c, struct sim_page *page)
{
	size_t n = json_object_array_length(page->items);

	if (c->fault.kind == SIM_FAULT_SHORT_LIST) {
		json_object_array_del_idx(page->items, n / 2, n - n / 2);
		page->rows = 0;
	} else if (c->fault.kind == SIM_FAULT_LOOP) {
		page->last = page->after;
		page->rows = page->size + 1;
	}
}

void
sim_pins_list(struct sim_call *c)
{
	int order = (int)c->set.listing;
	struct pin_listing s = { .c = c };
	int64_t until = c->now_us - c->set.listing_delay_s * US_PER_S;
	enum db_rc rc;

	if (c->set.listing_delay_s == 0)
		until =
		    c->now_us + 3600 * US_PER_S; /* include pins created since the request began */
	if (c->board_id != 0 && !sim_boards_owned(c, c->board_id))
		return;
	if (!sim_page_read(c, order, order == SIM_LISTING_NEWEST ? INT64_MAX : -1, &s.page))
		return;
	rc = db_each(c->db,
	    SBX_IN_ORDER(pins_list, (unsigned)order, .user = db_int(c->user_id),
		.board = db_int(c->board_id), .secret = db_int(sim_oauth_sees_secret(c)),
		.until = db_time(until), .after = db_int(s.page.after),
		.limit = db_int(s.page.size + 1)),
	    PIN_OUT(pins_list, &s.pin), pin_list_row, &s);
	pin_list_damage(c, &s.page);
	sim_page_send(c, order, &s.page, rc);
}

/* False: the reply is set. */
static bool
pin_load(struct sim_call *c, struct sim_view_pin *pin)
{
	enum db_rc rc =
	    db_row(c->db, SBX_IN(pins_get, .user = db_int(c->user_id), .id = db_int(c->id)),
		PIN_OUT(pins_get, pin));

	return sim_view_pin_found(c, rc) && sim_boards_owned(c, pin->board_id);
}

bool
sim_pins_owned(struct sim_call *c)
{
	struct sim_view_pin pin;

	return pin_load(c, &pin);
}

void
sim_pins_get(struct sim_call *c)
{
	struct sim_view_pin pin;

	if (pin_load(c, &pin))
		sim_reply_json(&c->reply, 200, sim_view_pin(c, &pin), c->mem);
}

/* Replaces the pin's fields by those in the body. False: the reply is set. */
static bool
pin_overlay(struct sim_call *c, struct sim_view_pin *pin)
{
	int64_t board;

#define OVERLAY_TEXT(name, max, patch)                                                             \
	if ((patch) && json_object_object_get_ex(c->json, #name, NULL) &&                          \
	    !sim_field_text(c, #name, max, &pin->name))                                            \
		return false;
	SIM_PIN_TEXTS(OVERLAY_TEXT)
	if (!sim_field_id(c, "board_id", &board))
		return false;
	if (board != 0 && !sim_boards_owned(c, board))
		return false;
	if (board != 0)
		pin->board_id = board;
	return true;
}

void
sim_pins_patch(struct sim_call *c)
{
	struct sim_view_pin pin;
	enum db_rc rc;

	if (!pin_load(c, &pin) || !pin_overlay(c, &pin) || !sim_limits_contention(c, pin.board_id))
		return;
	rc = db_exec(c->db,
	    SBX_IN(pins_update, .user = db_int(c->user_id), .id = db_int(c->id),
		.board = db_int(pin.board_id), SIM_TEXTS_IN(&pin)),
	    NULL);
	if (sim_view_done(c, rc))
		sim_reply_json(&c->reply, 200, sim_view_pin(c, &pin), c->mem);
}

void
sim_pins_delete(struct sim_call *c)
{
	struct sim_view_pin pin;
	enum db_rc rc;

	if (!pin_load(c, &pin))
		return;
	rc = db_exec(
	    c->db, SBX_IN(pins_delete, .user = db_int(c->user_id), .id = db_int(c->id)), NULL);
	if (sim_view_pin_found(c, rc))
		sim_reply_text(&c->reply, 204, NULL, "");
}
