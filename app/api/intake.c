/* The checks before work is accepted: account, uploaded files, board. */
#include "app/api/intake.h"

#include "app/board.h"
#include "app/call.h"
#include "sql/stmt.h"

bool
intake_account(struct call *c, const struct uuid *account_id, struct store_account *out)
{
	struct problem why = { 0 };
	enum db_rc rc;

	if (!call_account_permitted(c, account_id))
		return false;
	rc = store_account_get(c->db, &c->who.project_id, account_id, out);
	if (rc == DB_NONE) {
		call_not_found(c, "Account");
		return false;
	}
	if (rc != DB_OK) {
		call_db_error(c, rc);
		return false;
	}
	if (!out->revoked)
		return true;
	problem_set(&why, 422, "account_revoked", "The Pinterest account is no longer connected.");
	why.remediation = "Connect the Pinterest account again, or use another one.";
	reply_problem(&c->reply, &why);
	return false;
}

static enum db_rc
find_asset(struct call *c, const struct uuid *id, int64_t *media_type)
{
	const struct db_param in[] = { db_uuid(&c->who.project_id), db_uuid(id) };
	struct db_col out[] = { db_get_int(media_type) };

	return db_row(c->db, STMT_ASSET_TYPE, in, DB_LEN(in), out, DB_LEN(out));
}

enum db_rc
intake_media(struct call *c, const struct pin_new *p, struct problem *why)
{
	int64_t type = 0;
	enum db_rc rc = DB_OK;

	if (p->has_asset)
		rc = find_asset(c, &p->asset_id, &type);
	if (rc == DB_OK && p->has_cover_asset)
		rc = find_asset(c, &p->cover_asset_id, &type);
	if (rc == DB_NONE) {
		problem_set(
		    why, 422, "asset_not_found", "There is no such uploaded file in this project.");
		why->remediation = "Upload the file first, or give an image_url.";
	}
	return rc;
}

bool
intake_accept(struct call *c, const struct pin_new *p, struct store_account *account)
{
	struct problem why = { 0 };
	enum db_rc rc;

	if (!intake_account(c, &p->account_id, account))
		return false;
	rc = intake_media(c, p, &why);
	if (rc == DB_NONE)
		reply_problem(&c->reply, &why);
	else if (rc != DB_OK)
		call_db_error(c, rc);
	return rc == DB_OK && board_accept(c, account, p->board_id);
}

void
intake_conflict(struct call *c, enum store_made made)
{
	reply_error(&c->reply, 409, "conflict",
	    made == STORE_GONE
		? "This idempotency_key was used before; what it made has been deleted since."
		: "This idempotency_key was used before for something else.");
}
