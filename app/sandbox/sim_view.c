/* Pinterest's JSON. Unset fields are null and never omitted, as in Pinterest's own replies. */
#include "app/sandbox/sim_view.h"

#include <inttypes.h>
#include <string.h>

#include "app/sandbox/sim_call.h"
#include "app/sandbox/sim_ids.h"
#include "lib/arena.h"
#include "lib/crypto.h"
#include "lib/json.h"
#include "lib/num.h"

struct json_object *
sim_view_pin(const struct sim_call *c, const struct sim_view_pin *p)
{
	struct json_object *o = json_object_new_object(), *owner = json_object_new_object();

	json_put_text(owner, "username", c->username);
	json_put_text(o, "id", sim_id_text(p->id, c->mem));
	json_put_text(o, "created_at", sim_time_text(p->created_us, c->mem));
	json_put_text(o, "board_id", sim_id_text(p->board_id, c->mem));
	json_put(o, "board_owner", owner);
	json_put_text(o, "board_section_id", NULL);
#define PUT_TEXT(name, max, patch) json_put_text(o, #name, p->name);
	SIM_PIN_TEXTS(PUT_TEXT)
	json_put_text(o, "parent_pin_id", sim_id_text(p->parent_pin_id, c->mem));
	json_put_text(o, "creative_type", "REGULAR");
	json_put_bool(o, "has_been_promoted", false);
	json_put_bool(o, "is_owner", true);
	json_put_bool(o, "is_standard", p->is_standard != 0);
	json_put_bool(o, "is_removable", true);
	json_put_text(o, "pin_metrics", NULL);
	json_put(o, "media", json_tokener_parse(p->media));
	return o;
}

void
sim_view_error(struct sim_call *c, int status, int64_t code, const char *message)
{
	struct json_object *o = json_object_new_object();

	json_put_int(o, "code", code);
	json_put_text(o, "message", message);
	if (c->set.error_extras) {
		json_put_text(o, "status", "failure");
		json_put_text(o, "message_detail", message);
	}
	sim_reply_json(&c->reply, status, o, c->mem);
}

bool
sim_view_refuse(struct sim_call *c, int status, int64_t code, const char *message)
{
	sim_view_error(c, status, code, message);
	return false;
}

void
sim_view_html(struct sim_call *c, int status)
{
	sim_reply_text(&c->reply, status, "text/html; charset=utf-8",
	    "<!DOCTYPE html>\n<html><head><title>Pinterest</title></head>"
	    "<body><h1>Something went wrong on our end</h1></body></html>\n");
}

bool
sim_view_done(struct sim_call *c, enum db_rc rc)
{
	if (rc != DB_OK)
		sim_view_html(c, 503);
	return rc == DB_OK;
}

static bool
row_found(struct sim_call *c, enum db_rc rc, int64_t code, const char *message)
{
	return rc == DB_NONE ? sim_view_refuse(c, 404, code, message) : sim_view_done(c, rc);
}

bool
sim_view_board_found(struct sim_call *c, enum db_rc rc)
{
	return row_found(c, rc, 40, "Board not found.");
}

bool
sim_view_pin_found(struct sim_call *c, enum db_rc rc)
{
	return row_found(c, rc, 50, "Pin not found.");
}

bool
sim_page_read(struct sim_call *c, int order, int64_t first, struct sim_page *page)
{
	const char *size = sim_form_value(c->req->query, "page_size", c->mem);
	const char *mark = sim_form_value(c->req->query, "bookmark", c->mem);
	char plain[48];
	int len;

	*page = (struct sim_page){ .size = 25, .after = first };
	if (size != NULL && num_parse(size, INT32_MIN, INT32_MAX, &page->size) == -1)
		return SIM_INVALID(c, "'%s' is not of type 'integer': page_size", size);
	page->size = page->size < 1                 ? 1
		     : page->size > c->set.page_max ? c->set.page_max
						    : page->size;
	if (mark != NULL && *mark != '\0') {
		len = crypto_base64_decode(mark, true, plain, sizeof(plain) - 1);
		plain[len > 0 ? len : 0] = '\0';
		if (len <= 2 || plain[0] != (char)('a' + order) || plain[1] != ':' ||
		    num_parse(plain + 2, INT64_MIN + 1, INT64_MAX, &page->after) == -1)
			return SIM_INVALID(c, "the bookmark is not valid.");
	}
	page->items = json_object_new_array();
	return true;
}

void
sim_page_add(struct sim_page *page, int64_t key, struct json_object *item)
{
	if (page->rows++ >= page->size) {
		json_object_put(item);
		return;
	}
	page->last = key;
	json_object_array_add(page->items, item);
}

void
sim_page_send(struct sim_call *c, int order, struct sim_page *page, enum db_rc rc)
{
	struct json_object *o = json_object_new_object();
	const char *plain = arena_printf(c->mem, "%c:%" PRId64, 'a' + order, page->last);
	char mark[CRYPTO_BASE64_SIZE(48)];
	bool more = page->rows > page->size;

	json_put(o, "items", page->items);
	json_put_text(o, "bookmark", more ? crypto_base64url(plain, strlen(plain), mark) : NULL);
	if (sim_view_done(c, rc))
		sim_reply_json(&c->reply, 200, o, c->mem);
	else
		json_object_put(o);
}
