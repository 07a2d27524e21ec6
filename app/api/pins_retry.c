/*
 * Retries a failed pin, on the same or another board or account. A pin with an unknown outcome is
 * first looked up again, unless the caller accepts a duplicate.
 */
#include "app/api/change.h"
#include "app/api/handlers.h"
#include "app/api/accept.h"
#include "app/api/pin_view.h"
#include "app/pinterest/board.h"
#include "app/http/call.h"
#include "lib/json_reader.h"
#include "lib/pin.h"

struct pin_retry {
	struct uuid id;
	bool has_account;
	struct uuid account_id;
	struct store_account account;
	struct change_retry how;
};

static bool
read_retry(struct call *c, struct pin_retry *k)
{
	static const char *const known[] = { "board_id", "account_id", "accept_duplicate", NULL };
	struct problem why = { 0 };
	struct json_reader r;
	const char *fault;

	if (c->json == NULL)
		return true;
	json_reader_init(&r, c->json, c->mem, &why);
	json_known(&r, known);
	k->how.board_id = json_key(&r, "board_id", JSON_OPTIONAL, 1, 64);
	if (k->how.board_id != NULL && (fault = pin_board_fault(k->how.board_id)) != NULL)
		json_wrong(&r, "board_id", fault);
	k->has_account = json_uuid(&r, "account_id", JSON_OPTIONAL, &k->account_id) == 0;
	(void)json_flag(&r, "accept_duplicate", JSON_OPTIONAL, &k->how.accept_duplicate);
	return !call_refused(c, &why);
}

/* False: the reply is the refusal. */
static bool
retry_allowed(struct call *c, const struct pin_retry *k, const struct pin_view *pin)
{
	struct problem why = { 0 };

	if (change_refuse_publishing(c, pin->state))
		return false;
	if (pin->state != PIN_FAILED) {
		reply_error(&c->reply, 409, "conflict", "Only a failed pin can be retried.");
		return false;
	}
	if (change_skip_unknown(c, pin))
		return false;
	if ((!change_is_unknown(pin) && !pin->restored) || k->how.accept_duplicate ||
	    (k->how.board_id == NULL && !k->has_account))
		return true;
	change_may_be_published(&why);
	return !call_refused(c, &why);
}

static enum db_rc
retry_pin(struct call *c, void *arg)
{
	const struct pin_retry *k = arg;
	struct pin_view pin;
	enum db_rc rc = pin_view_require(c, &pin_view_pin, &k->id, &pin);

	if (rc != DB_OK)
		return rc;
	if (!retry_allowed(c, k, &pin))
		return DB_NONE;
	rc = change_retry(c, &pin, &k->how);
	if (k->how.account != NULL)
		pin.account_id = k->how.account->id;
	return rc == DB_OK ? change_done(c, &pin_view_pin, &pin, ACTIVITY_PIN_RETRIED) : rc;
}

/* Checks account and board, before the transaction. */
static bool
accept_retry(struct call *c, struct pin_retry *k)
{
	struct pin_view pin;
	const char *board = k->how.board_id;

	if (!pin_view_load(c, &pin_view_pin, &k->id, &pin) || !retry_allowed(c, k, &pin))
		return false;
	if (!accept_account(c, k->has_account ? &k->account_id : &pin.account_id, &k->account))
		return false;
	if (k->has_account)
		k->how.account = &k->account;
	if (board == NULL && k->has_account)
		board = pin.content.board_id;
	return board == NULL || board_accept(c, &k->account, board);
}

void
pins_retry(struct call *c)
{
	struct pin_retry k = { 0 };

	if (call_uuid(c, 0, &k.id) && read_retry(c, &k) && accept_retry(c, &k) &&
	    call_transact(c, retry_pin, &k))
		c->wake_worker = true;
}
