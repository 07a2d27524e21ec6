/*
 * Asks Pinterest whether a published pin is still there. Invariant: only an answer about this pin
 * counts, so a proxy, a wrong address or a pin too young to be seen everywhere removes nothing.
 */
#include <string.h>

#include "app/api/handlers.h"
#include "app/api/pin_view.h"
#include "app/http/call.h"
#include "app/pinterest/upstream.h"
#include "lib/arena.h"
#include "lib/clock.h"
#include "lib/pin.h"
#include "lib/pinterest.h"
#include "lib/url.h"
#include "sql/stmt.h"

/* False: the reply says why not. */
static bool
check_allowed(struct call *c, const struct pin_view *pin)
{
	if (pin->state == PIN_PUBLISHED && pin->pinterest_pin_id != NULL)
		return true;
	reply_error(&c->reply, 409, "pin_not_published",
	    "Only a published pin can be looked for on Pinterest.");
	return false;
}

/* Pinterest shows a new pin with a delay: absence proves nothing before look-ups would trust it. */
static bool
check_too_early(struct call *c, const struct pin_view *pin, struct problem *why)
{
	int64_t wait_ms = c->app->conf->upstream[c->who.environment].verify_after_ms;
	int64_t left_us = pin->published_us + wait_ms * US_PER_MS - c->now_us;

	if (left_us <= 0)
		return false;
	problem_set(why, 409, "conflict",
	    "Pinterest does not show this pin, but it was published so recently that this proves "
	    "nothing.");
	why->remediation = "Check it again later.";
	why->retry_after_s = (int)(left_us / US_PER_S) + 1;
	return true;
}

/* Asks Pinterest. False: the reply is set. */
static bool
check_ask(struct call *c, const struct pin_view *pin, struct store_removal *r)
{
	const struct upstream_ask ask = { .method = "GET",
		.path =
		    arena_printf(c->mem, "/pins/%s", url_encode(pin->pinterest_pin_id, c->mem)) };
	struct problem why = { 0 };
	struct store_account account;
	struct pinterest_pin seen;
	struct http_answer a;
	enum upstream_result result;

	if (!call_found(
		c, store_account_get(c->db, &c->who.project_id, &pin->account_id, &account), "Pin"))
		return false;
	result = upstream_account(c, &account, &ask, &a, &why);
	r->removed = pinterest_pin_gone(a.status, a.body, a.body_len, c->mem);
	if (result == UPSTREAM_OK &&
	    (pinterest_pin_parse(&seen, a.body, a.body_len, c->mem) == -1 ||
		strcmp(seen.id, pin->pinterest_pin_id) != 0))
		problem_set(&why, 502, "pinterest_unavailable",
		    "Pinterest's answer about this pin cannot be read.");
	else if (result == UPSTREAM_REFUSED && a.status == 404 && !r->removed)
		problem_set(&why, 502, "pinterest_unavailable",
		    "A 404 came back that does not say that the pin is gone; it may not come from "
		    "Pinterest.");
	else if (r->removed && !check_too_early(c, pin, &why))
		memset(&why, 0, sizeof(why));
	return !call_refused(c, &why);
}

static enum db_rc
check_note(struct call *c, void *arg)
{
	const struct store_removal *r = arg;
	const struct actor by = call_actor(c);
	enum db_rc rc = store_pin_removed(c->db, r, &by);

	return rc == DB_OK || rc == DB_NONE ? pin_view_reply_changed(c, &pin_view_pin, &r->pin_id)
					    : rc;
}

/* POST /v1/pins/{id}/check */
void
pins_check(struct call *c)
{
	struct store_removal r = { .project_id = c->who.project_id };
	struct pin_view pin;

	if (!call_uuid(c, 0, &r.pin_id) || !pin_view_load(c, &pin_view_pin, &r.pin_id, &pin) ||
	    !check_allowed(c, &pin) || !check_ask(c, &pin, &r))
		return;
	r.pinterest_pin_id = pin.pinterest_pin_id;
	r.account_id = pin.account_id;
	(void)call_transact(c, check_note, &r);
}
