/*
 * Dry runs: the checks of a create, each reported on its own. A check that needs what an earlier
 * one refused is left out.
 */
#include "app/api/validate.h"

#include <string.h>

#include "app/api/accept.h"
#include "app/api/deadline.h"
#include "app/pinterest/board.h"
#include "app/http/call.h"
#include "lib/arena.h"
#include "lib/clock.h"
#include "lib/json.h"
#include "lib/wait.h"
#include "sql/stmt.h"

struct validation {
	struct call *c;
	struct json_object *checks;
	struct pin_new in;
	struct store_account account;
	int64_t wait_code, wait_until_us;
	bool valid;
	enum db_rc rc;
};

enum mark { PASSED, FAILED, WARNING, SKIPPED };

static void
add_check(struct validation *v, const char *name, enum mark mark, const struct problem *why)
{
	static const char *const marks[] = { "passed", "failed", "warning", "skipped" };
	struct json_object *o = json_object_new_object();

	json_put_text(o, "name", name);
	json_put_text(o, "status", marks[mark]);
	json_put_text(o, "code", why != NULL ? why->code : NULL);
	json_put_text(o, "message", why != NULL ? why->message : "Nothing wrong here.");
	json_put_text(o, "remediation", why != NULL ? why->remediation : NULL);
	json_object_array_add(v->checks, o);
	v->valid = v->valid && mark != FAILED;
}

/* The check that a wrong field belongs to. */
static const char *
check_of_field(const char *path)
{
	if (strcmp(path, "run_at") == 0 || strcmp(path, "not_after") == 0)
		return "run_at";
	if (strcmp(path, "account_id") == 0)
		return "account";
	if (strcmp(path, "board_id") == 0)
		return "board_access";
	if (strstr(path, "image") != NULL || strstr(path, "asset") != NULL)
		return "media";
	return "payload";
}

static void
add_field_checks(struct validation *v, const struct problem *why)
{
	for (size_t i = 0; i < why->errors_len; i++) {
		const struct problem_field *f = &why->errors[i];
		struct problem one = { 0 };

		problem_set(&one, 422, "validation_error",
		    arena_printf(v->c->mem, "%s: %s", f->path, f->reason));
		add_check(v, check_of_field(f->path), FAILED, &one);
	}
	if (why->errors_len == 0)
		add_check(v, "payload", FAILED, why);
}

/* True: the account exists and its board and pace can be checked. */
static bool
check_account(struct validation *v)
{
	struct call *c = v->c;
	struct problem why = { 0 };

	v->rc = store_account_get(c->db, &c->who.project_id, &v->in.account_id, &v->account);
	if (v->rc != DB_OK && v->rc != DB_NONE)
		return false;
	if (v->rc == DB_NONE) {
		problem_set(&why, 404, "not_found", "There is no such account in this project.");
	} else if (!call_account_permitted(c, &v->in.account_id)) {
		problem_set(&why, 403, "account_not_permitted",
		    "This API key may not use that Pinterest account.");
	} else if (v->account.revoked) {
		accept_revoked(&why);
	}
	v->rc = DB_OK;
	if (problem_any(&why)) {
		add_check(v, "account", FAILED, &why);
		return false;
	}
	if (v->account.reconnect || v->account.paused) {
		enum wait_code w =
		    v->account.reconnect ? v->account.unhealthy : WAIT_ACCOUNT_PAUSED;

		problem_set(&why, 409, v->account.reconnect ? wait_wire_code(w) : "account_paused",
		    wait_message(w));
		add_check(v, "account", WARNING, &why);
		return true;
	}
	add_check(v, "account", PASSED, NULL);
	return true;
}

static void
check_board(struct validation *v)
{
	static const enum mark marks[] = {
		[BOARD_OK] = PASSED, [BOARD_REFUSED] = FAILED, [BOARD_SKIPPED] = SKIPPED
	};
	struct board_access access;

	v->rc = board_check(v->c, &v->account, v->in.content.board_id, false, &access);
	if (v->rc == DB_OK)
		add_check(v, "board_access", access.holds ? WARNING : marks[access.verdict],
		    access.verdict == BOARD_OK ? NULL : &access.why);
}

static void
check_media(struct validation *v)
{
	struct problem why = { 0 };

	v->rc = accept_media(v->c, &v->in, &why);
	if (v->rc == DB_NONE)
		add_check(v, "media", FAILED, &why);
	else if (v->rc == DB_OK)
		add_check(v, "media", PASSED, NULL);
	if (v->rc == DB_NONE)
		v->rc = DB_OK;
}

static void
check_rate(struct validation *v)
{
	struct deadline_pin p = { .due_us = v->in.run_at_us != TIME_NONE ? v->in.run_at_us
									 : v->c->now_us };
	struct problem why = { 0 };
	const char *late;

	v->rc = db_row(v->c->db,
	    SQL_IN(account_wait_reason, .project = db_uuid(&v->c->who.project_id),
		.id = db_uuid(&v->account.id)),
	    SQL_OUT(account_wait_reason, .wait_code = db_get_int(&v->wait_code),
		.wait_until = db_get_time(&v->wait_until_us)));
	if (v->rc == DB_NONE)
		v->rc = DB_OK;
	if (v->rc != DB_OK)
		return;
	p.not_after_us = v->in.not_after_us != TIME_NONE
			     ? v->in.not_after_us
			     : p.due_us + v->c->app->conf->publish_window_s * US_PER_S;
	v->rc = deadline_forecast(v->c, &v->account.id, &p);
	if (v->rc != DB_OK)
		return;
	late = deadline_message(v->c, &p);
	if (wait_is_late(v->wait_until_us, p.not_after_us))
		late = wait_message_until(
		    (enum wait_code)v->wait_code, v->wait_until_us, p.not_after_us);
	if (late != NULL)
		problem_set(&why, 200, "publish_window_missed", late);
	else if (v->wait_code != WAIT_NONE &&
		 (v->wait_until_us == TIME_NONE || v->wait_until_us > p.due_us))
		problem_set(&why, 200, "rate_paced",
		    arena_printf(v->c->mem, "It will be published later: %s",
			wait_message((enum wait_code)v->wait_code)));
	add_check(v, "rate", problem_any(&why) ? WARNING : PASSED, problem_any(&why) ? &why : NULL);
}

static struct json_object *
resolved_json(const struct validation *v, enum pin_form form)
{
	const struct pin_new *p = &v->in;
	struct json_object *o = json_object_new_object();

	json_put_uuid(o, "account_id", &p->account_id);
	pin_put_texts(o, &p->content);
	json_put_text(o, "image_url", p->content.image_url);
	json_put_uuid(o, "asset_id", &p->content.asset_id);
	json_put_text(o, "cover_image_url", p->content.cover_image_url);
	json_put_uuid(o, "cover_image_asset_id", &p->content.cover_asset_id);
	if (form == PIN_FORM_SCHEDULE)
		json_put_time(o, "run_at", p->run_at_us);
	json_put_time(o, "not_after", p->not_after_us);
	pin_put_labels(o, &p->content);
	json_put_text(o, "idempotency_key", p->idempotency_key);
	return o;
}

static void
put_existing(struct validation *v, struct json_object *o)
{
	struct uuid pin = { { 0 } }, schedule = { { 0 } };

	if (v->in.idempotency_key != NULL) {
		v->rc = db_row(v->c->db,
		    SQL_IN(idempotency_made_get, .project = db_uuid(&v->c->who.project_id),
			.key = db_text(v->in.idempotency_key)),
		    SQL_OUT(idempotency_made_get, .pin_id = db_get_uuid(&pin),
			.schedule_id = db_get_uuid(&schedule)));
		if (v->rc == DB_NONE)
			v->rc = DB_OK;
	}
	json_put_uuid(o, "existing_pin_id", &pin);
	if (!uuid_is_nil(&schedule))
		json_put_uuid(o, "existing_schedule_id", &schedule);
}

static void
put_headroom(const struct validation *v, struct json_object *o)
{
	struct json_object *h = json_object_new_object();

	/* there is no quota; only the pace decides when */
	json_put(h, "quota_remaining", NULL);
	json_put_time(h, "paced_until", v->wait_code != WAIT_NONE ? v->wait_until_us : TIME_NONE);
	json_put(o, "headroom", h);
}

static void
run_validation_checks(struct validation *v, enum pin_form form)
{
	bool usable = check_account(v);

	if (usable)
		check_board(v);
	if (v->rc == DB_OK)
		check_media(v);
	if (form == PIN_FORM_SCHEDULE)
		add_check(v, "run_at", PASSED, NULL);
	if (v->rc == DB_OK && usable)
		check_rate(v);
}

void
validate_run(struct call *c, enum pin_form form)
{
	struct validation v = { .c = c, .valid = true, .rc = DB_OK, .wait_until_us = TIME_NONE };
	struct problem why = { 0 };
	struct json_object *o = json_object_new_object();
	bool decoded;

	v.checks = json_object_new_array();
	decoded = pin_new_decode(&v.in, form, c->json, c->now_us, c->mem, &why) == 0;
	if (decoded)
		run_validation_checks(&v, form);
	else
		add_field_checks(&v, &why);
	json_put_bool(o, "valid", v.valid);
	json_put_bool(o, "dry_run", true);
	json_put(o, "checks", v.checks);
	json_put(o, "resolved", decoded ? resolved_json(&v, form) : NULL);
	if (v.rc == DB_OK)
		put_existing(&v, o);
	put_headroom(&v, o);
	if (v.rc == DB_OK) {
		reply_json(&c->reply, 200, o);
		return;
	}
	json_object_put(o);
	call_db_error(c, v.rc);
}
