/*
 * Dry runs: the checks of a create, each reported on its own with what it looked at. A check that
 * needs what an earlier one refused is left out.
 */
#include "app/api/validate.h"

#include <string.h>

#include "app/api/accept.h"
#include "app/api/deadline.h"
#include "app/api/media_check.h"
#include "app/pinterest/board.h"
#include "app/http/call.h"
#include "lib/arena.h"
#include "lib/clock.h"
#include "lib/crypto.h"
#include "lib/json.h"
#include "lib/markup.h"
#include "lib/media_peek.h"
#include "lib/rfc3339.h"
#include "lib/utf8.h"
#include "lib/wait.h"
#include "sql/stmt.h"

#define MARKUP_SHOWN_MAX 40

struct validation {
	struct call *c;
	struct json_object *checks;
	struct pin_new in;
	struct store_account account;
	struct uuid existing_pin, existing_schedule; /* of its idempotency key */
	int64_t wait_code, wait_until_us;
	bool valid;
	enum db_rc rc;
};

enum mark { PASSED, FAILED, WARNING, SKIPPED };

/* checked: what it looked at; NULL: nothing. The check, to which the caller may add. */
static struct json_object *
add_check(struct validation *v, const char *name, enum mark mark, const struct problem *why,
    const char *checked)
{
	static const char *const marks[] = { "passed", "failed", "warning", "skipped" };
	struct json_object *o = json_object_new_object();

	json_put_text(o, "name", name);
	json_put_text(o, "status", marks[mark]);
	json_put_text(o, "code", why != NULL ? why->code : NULL);
	json_put_text(
	    o, "message", why != NULL ? why->message : "Nothing wrong in what was looked at.");
	json_put_text(o, "remediation", why != NULL ? why->remediation : NULL);
	json_put_text(o, "checked", checked);
	json_object_array_add(v->checks, o);
	v->valid = v->valid && mark != FAILED;
	return o;
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
		add_check(v, check_of_field(f->path), FAILED, &one, "the field's form and limits");
	}
	if (why->errors_len == 0)
		add_check(v, "payload", FAILED, why, "the request body");
}

#define LOOKED_AT_ACCOUNT "what is stored about the connection; Pinterest was not asked"

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
		add_check(v, "account", FAILED, &why, LOOKED_AT_ACCOUNT);
		return false;
	}
	if (v->account.reconnect || v->account.paused) {
		enum wait_code w =
		    v->account.reconnect ? v->account.unhealthy : WAIT_ACCOUNT_PAUSED;

		problem_set(&why, 409, v->account.reconnect ? wait_wire_code(w) : "account_paused",
		    wait_message(w));
		add_check(v, "account", WARNING, &why, LOOKED_AT_ACCOUNT);
		return true;
	}
	add_check(v, "account", PASSED, NULL, LOOKED_AT_ACCOUNT);
	return true;
}

static void
check_board(struct validation *v)
{
	static const enum mark marks[] = {
		[BOARD_OK] = PASSED, [BOARD_REFUSED] = FAILED, [BOARD_SKIPPED] = SKIPPED
	};
	struct board_access access;
	const char *checked = "Pinterest, asked now";
	char at[RFC3339_SIZE];

	v->rc = board_check(v->c, &v->account, v->in.content.board_id, false, &access);
	if (v->rc != DB_OK)
		return;
	if (access.verdict == BOARD_SKIPPED)
		checked = NULL;
	else if (access.from_cache)
		checked = arena_printf(v->c->mem, "what Pinterest answered at %s",
		    rfc3339_format(access.checked_at_us, at));
	add_check(v, "board_access", access.holds ? WARNING : marks[access.verdict],
	    access.verdict == BOARD_OK ? NULL : &access.why, checked);
}

/* The first field with HTML in it; NULL: none. */
static const char *
field_with_markup(const struct pin_content *p, struct arena *mem)
{
	const struct {
		const char *name, *text;
	} fields[] = { { "title", p->title }, { "description", p->description },
		{ "alt_text", p->alt_text } };
	const char *at;
	size_t len;

	for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
		at = fields[i].text != NULL ? markup_find(fields[i].text, &len) : NULL;
		if (at != NULL)
			return arena_printf(mem,
			    "%s holds HTML (%.*s); Pinterest shows it as it is.", fields[i].name,
			    (int)utf8_cut(at, len, MARKUP_SHOWN_MAX), at);
	}
	return NULL;
}

static void
check_payload(struct validation *v)
{
	const char *found = field_with_markup(&v->in.content, v->c->mem);
	struct problem why = { 0 };

	if (found != NULL) {
		problem_set(&why, 200, "html_in_text", found);
		why.remediation = "Send plain text.";
	}
	add_check(v, "payload", found != NULL ? WARNING : PASSED, found != NULL ? &why : NULL,
	    "the form and limits of every field; HTML in title, description and alt_text");
}

static const char *
media_checked(const struct media_peek *p, enum media_check_result result, struct arena *mem)
{
	switch (result) {
	case MEDIA_CHECK_ADDRESS:
	case MEDIA_CHECK_OFF:
	case MEDIA_CHECK_BUSY: return "the text of the address; nothing was fetched";
	case MEDIA_CHECK_FETCHED: break;
	}
	return arena_printf(mem,
	    "the address, and %s%zu bytes of its answer, fetched now from here",
	    p->size > (int64_t)p->fetched ? "the first " : "", p->fetched);
}

static void
check_image(struct validation *v)
{
	static const enum mark marks[] = {
		[MEDIA_FINE] = PASSED, [MEDIA_DOUBT] = WARNING, [MEDIA_WRONG] = FAILED
	};
	struct call *c = v->c;
	int64_t due_us = v->in.run_at_us != TIME_NONE ? v->in.run_at_us : c->now_us;
	struct media_finding found;
	struct media_peek peek;
	struct problem why = { 0 };
	enum media_check_result result;
	enum mark mark;

	if (v->wait_code != WAIT_NONE && v->wait_until_us > due_us)
		due_us = v->wait_until_us;
	result = media_check(c, v->in.content.image_url, due_us, &peek);
	found = media_peek_report(&peek);
	mark = marks[found.grade];
	if (mark == PASSED && result != MEDIA_CHECK_FETCHED) {
		mark = SKIPPED;
		found.code = "media_not_checked";
		found.message =
		    result == MEDIA_CHECK_OFF
			? "This instance does not fetch images ([outbound] check_images)."
			: "Too many images are being looked at. Try again in a few seconds.";
	}
	problem_set(&why, 200, found.code, found.message);
	why.remediation = found.remedy;
	json_put(add_check(v, "media", mark, &why, media_checked(&peek, result, c->mem)), "details",
	    media_check_json(&peek));
}

static void
check_media(struct validation *v)
{
	struct problem why = { 0 };

	v->rc = accept_media(v->c, &v->in, &why);
	if (v->rc == DB_NONE)
		add_check(v, "media", FAILED, &why, "uploaded files of this project");
	else if (v->rc == DB_OK && v->in.content.image_url != NULL)
		check_image(v);
	else if (v->rc == DB_OK)
		add_check(v, "media", PASSED, NULL, "that the uploaded file exists");
	if (v->rc == DB_NONE)
		v->rc = DB_OK;
}

/* What holds the account back now. */
static void
read_rate(struct validation *v)
{
	v->rc = db_row(v->c->db,
	    SQL_IN(account_wait_reason, .project = db_uuid(&v->c->who.project_id),
		.id = db_uuid(&v->account.id)),
	    SQL_OUT(account_wait_reason, .wait_code = db_get_int(&v->wait_code),
		.wait_until = db_get_time(&v->wait_until_us)));
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
	add_check(v, "rate", problem_any(&why) ? WARNING : PASSED, problem_any(&why) ? &why : NULL,
	    "pace, holds and daily cap of the account, and what it has queued, against not_after");
}

struct twin {
	struct uuid id;
	int64_t run_at_us, is_published, same_image;
};

static enum db_rc
find_pin_twin(struct validation *v, struct twin *t)
{
	const struct pin_content *p = &v->in.content;
	unsigned char hash[SHA256_SIZE];

	pin_text_hash(p->board_id, p->title, p->description, p->link_url, hash);
	return db_row(v->c->db,
	    SQL_IN(pin_twin, .project = db_uuid(&v->c->who.project_id),
		.account = db_uuid(&v->account.id), .text_hash = db_bytes(hash, sizeof(hash)),
		.board = db_text(p->board_id), .except = db_uuid(&v->existing_pin),
		.image = db_text(p->image_url)),
	    SQL_OUT(pin_twin, .id = db_get_uuid(&t->id),
		.is_published = db_get_int(&t->is_published),
		.same_image = db_get_int(&t->same_image)));
}

static enum db_rc
find_schedule_twin(struct validation *v, struct twin *t)
{
	const struct pin_content *p = &v->in.content;

	return db_row(v->c->db,
	    SQL_IN(schedule_twin, .project = db_uuid(&v->c->who.project_id),
		.account = db_uuid(&v->account.id), .title = db_text(p->title),
		.board = db_text(p->board_id), .except = db_uuid(&v->existing_schedule),
		.description = db_text(p->description), .link = db_text(p->link_url),
		.image = db_text(p->image_url)),
	    SQL_OUT(schedule_twin, .id = db_get_uuid(&t->id), .run_at = db_get_time(&t->run_at_us),
		.same_image = db_get_int(&t->same_image)));
}

static void
check_twin(struct validation *v)
{
	struct twin t = { .run_at_us = TIME_NONE };
	char id[UUID_TEXT_SIZE], at[RFC3339_SIZE];
	struct problem why = { 0 };
	const char *what = "A pin with this text already waits for this board";

	v->rc = find_pin_twin(v, &t);
	if (v->rc == DB_NONE)
		v->rc = find_schedule_twin(v, &t);
	if (v->rc == DB_OK) {
		if (t.is_published != 0)
			what = "A pin with this text is already published on this board";
		else if (t.run_at_us != TIME_NONE)
			what = arena_printf(v->c->mem,
			    "A schedule with this text is already planned for this board at %s",
			    rfc3339_format(t.run_at_us, at));
		problem_set(&why, 200, "duplicate_pin",
		    arena_printf(v->c->mem, "%s (%s, %s image).", what, uuid_format(&t.id, id),
			t.same_image != 0 ? "the same" : "another"));
		why.remediation = "Nothing has to be done if both are wanted: each is published.";
	}
	if (v->rc == DB_OK || v->rc == DB_NONE)
		add_check(v, "duplicate", v->rc == DB_OK ? WARNING : PASSED,
		    v->rc == DB_OK ? &why : NULL,
		    "waiting and published pins and planned schedules of this account on this "
		    "board: title, description and link_url");
	if (v->rc == DB_NONE)
		v->rc = DB_OK;
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
read_existing(struct validation *v)
{
	if (v->in.idempotency_key == NULL)
		return;
	v->rc = db_row(v->c->db,
	    SQL_IN(idempotency_made_get, .project = db_uuid(&v->c->who.project_id),
		.key = db_text(v->in.idempotency_key), .allow = db_text(v->c->who.account_ids)),
	    SQL_OUT(idempotency_made_get, .pin_id = db_get_uuid(&v->existing_pin),
		.schedule_id = db_get_uuid(&v->existing_schedule)));
	if (v->rc == DB_NONE)
		v->rc = DB_OK;
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
	check_payload(v);
	if (v->rc == DB_OK && usable)
		read_rate(v);
	if (v->rc == DB_OK)
		check_media(v);
	if (form == PIN_FORM_SCHEDULE)
		add_check(v, "run_at", PASSED, NULL, "run_at and not_after against the clock here");
	if (v->rc == DB_OK && usable)
		check_rate(v);
	if (v->rc == DB_OK && usable)
		check_twin(v);
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
	read_existing(&v);
	if (decoded && v.rc == DB_OK)
		run_validation_checks(&v, form);
	else if (!decoded)
		add_field_checks(&v, &why);
	json_put_bool(o, "valid", v.valid);
	json_put_bool(o, "dry_run", true);
	json_put(o, "checks", v.checks);
	json_put(o, "resolved", decoded ? resolved_json(&v, form) : NULL);
	json_put_uuid(o, "existing_pin_id", &v.existing_pin);
	if (!uuid_is_nil(&v.existing_schedule))
		json_put_uuid(o, "existing_schedule_id", &v.existing_schedule);
	put_headroom(&v, o);
	if (v.rc == DB_OK) {
		reply_json(&c->reply, 200, o);
		return;
	}
	json_object_put(o);
	call_db_error(c, v.rc);
}
