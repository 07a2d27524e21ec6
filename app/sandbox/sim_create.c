/*
 * POST /pins. Order of checks: fields, board, contention and spam, scenario, image. The ledger gets
 * exactly one row per request received, in the same transaction as the pin.
 */
#include "app/sandbox/sim_create.h"

#include <string.h>

#include "app/sandbox/sim_boards.h"
#include "app/sandbox/sim_call.h"
#include "app/sandbox/sim_fields.h"
#include "app/sandbox/sim_handlers.h"
#include "app/sandbox/sim_ids.h"
#include "app/sandbox/sim_limits.h"
#include "app/sandbox/sim_media.h"
#include "app/sandbox/sim_scenario.h"
#include "app/sandbox/sim_sweep.h"
#include "app/sandbox/sim_view.h"
#include "lib/arena.h"
#include "lib/clock.h"
#include "lib/crypto.h"
#include "lib/json.h"
#include "lib/url.h"
#include "lib/text.h"
#include "sql/sandbox_stmt.h"

#define BODY_KEPT 16384
#define COMMIT_TRIES 40
#define COMMIT_GAP_MS 250

struct pin_create {
	struct sim_call *c;
	struct sim_view_pin pin;
	unsigned char hash[SHA256_SIZE];
};

static enum db_rc
ledger_add(struct sim_call *c, const unsigned char hash[SHA256_SIZE], int status, int64_t pin_id)
{
	size_t len = c->req->body_len < BODY_KEPT ? c->req->body_len : BODY_KEPT;
	const char *fault = c->reply.fault != NULL ? c->reply.fault : c->fault.name;

	return db_exec(c->db,
	    SBX_IN(creates_insert, .arrived_at = db_time(c->now_us),
		.user = c->holder ? db_int(c->holder) : db_null(),
		.board = c->board_id ? db_int(c->board_id) : db_null(),
		.hash = db_bytes(hash, SHA256_SIZE), .body = db_bytes(c->req->body, len),
		.link_host = db_text(c->link_host), .status = db_int(status),
		.pin = pin_id ? db_int(pin_id) : db_null(), .fault = db_text(fault)),
	    NULL);
}

void
sim_create_record(struct sim_call *c)
{
	unsigned char hash[SHA256_SIZE];

	if (c->noted)
		return;
	crypto_sha256(c->req->body, c->req->body_len, hash);
	(void)ledger_add(c, hash, sim_fault_status(&c->fault, c->reply.status), 0);
	c->noted = true;
}

static enum db_rc
pin_insert_work(struct db *db, void *arg)
{
	struct pin_create *m = arg;
	const struct sim_view_pin *p = &m->pin;
	enum db_rc rc = db_exec(db,
	    SBX_IN(pins_insert, .id = db_int(p->id), .user = db_int(m->c->user_id),
		.board = db_int(p->board_id), SIM_TEXTS_IN(p),
		.parent = p->parent_pin_id ? db_int(p->parent_pin_id) : db_null(),
		.media = db_text(p->media), .is_standard = db_int(p->is_standard),
		.shuffle = db_int(p->shuffle), .created_at = db_time(p->created_us)),
	    NULL);

	if (rc != DB_OK)
		return rc;
	return ledger_add(m->c, m->hash, sim_fault_status(&m->c->fault, 201), p->id);
}

/*
 * The id is chosen once, so a COMMIT in doubt can be repeated: a duplicate then means that the
 * first one succeeded.
 */
static enum db_rc
pin_commit(struct pin_create *m)
{
	bool cut = false;
	enum db_rc rc = DB_DOWN;

	for (int i = 0; i < COMMIT_TRIES; i++) {
		rc = db_transact(m->c->db, pin_insert_work, m);
		if (rc == DB_DUP && cut)
			return DB_OK;
		if (rc == DB_DUP) {
			m->pin.id = sim_id_next(m->c->now_us + i + 1);
			continue;
		}
		if (rc != DB_UNKNOWN && rc != DB_DOWN)
			break;
		cut = cut || rc == DB_UNKNOWN;
		sim_sleep(COMMIT_GAP_MS, m->c->stop_fd);
	}
	return rc;
}

/* False: the reply is set. */
static bool
create_decode(struct sim_call *c, struct sim_view_pin *p)
{
	struct json_object *source = json_object_object_get(c->json, "media_source");
	struct json_object *standard = json_object_object_get(source, "is_standard");
	int64_t section, sponsor;

	if (!sim_field_id(c, "board_id", &p->board_id) ||
	    !sim_field_id(c, "board_section_id", &section) ||
	    !sim_field_id(c, "parent_pin_id", &p->parent_pin_id) ||
	    !sim_field_id(c, "sponsor_id", &sponsor))
		return false;
#define READ_TEXT(name, max, patch)                                                                \
	if (!sim_field_text(c, #name, max, &p->name))                                              \
		return false;
	SIM_PIN_TEXTS(READ_TEXT)
	if (p->board_id == 0)
		return SIM_INVALID(c, "'board_id' is a required property");
	if (!sim_media_check(c, source))
		return false;
	p->is_standard = standard == NULL || json_object_get_boolean(standard);
	if (p->link != NULL && *p->link != '\0' && url_fault(p->link, NULL) != NULL)
		return sim_view_refuse(
		    c, 400, 1, "Whoops! It looks like you entered an invalid URL");
	c->link_host = p->link == NULL ? NULL : url_host(p->link, c->mem);
	if (section == 0)
		return true;
	return sim_view_refuse(c, 404, 2031, "Sorry! We couldn't find this board section.");
}

/*
 * Applies the limits and, unless a fault was armed, the board's scenario. False: the reply is set.
 */
static bool
create_judge(struct sim_call *c, const struct pin_create *m)
{
	enum sim_scenario scenario;
	int64_t triggered_us;

	if (!sim_boards_scenario(c, m->pin.board_id, &scenario, &triggered_us) ||
	    !sim_limits_contention(c, m->pin.board_id) || !sim_limits_spam(c))
		return false;
	if (c->fault.name == NULL) {
		if (!sim_view_done(c, sim_scenario_judge(c, scenario, triggered_us, m->hash)))
			return false;
		sim_fault_before(c);
	}
	return !sim_fault_instead(&c->fault);
}

static const char *
blanks_squeezed(const char *text, struct arena *mem)
{
	return text != NULL ? text_squeeze(arena_alloc(mem, strlen(text) + 1), text) : NULL;
}

/* Rewrites texts as Pinterest may do; the setting `rewrite` says how. */
static void
texts_rewrite(struct sim_call *c, struct sim_view_pin *p)
{
	if (c->set.rewrite == SIM_REWRITE_OFF)
		return;
	p->title = blanks_squeezed(p->title, c->mem);
	p->description = blanks_squeezed(p->description, c->mem);
	p->alt_text = blanks_squeezed(p->alt_text, c->mem);
	if (c->set.rewrite == SIM_REWRITE_LINKS && p->link != NULL && *p->link != '\0')
		p->link = arena_printf(c->mem, "%s%sutm_source=pinterest", p->link,
		    strchr(p->link, '?') != NULL ? "&" : "?");
}

void
sim_pins_create(struct sim_call *c)
{
	struct pin_create m = { .c = c };
	enum db_rc rc;

	if (c->set.tier == SIM_TIER_TRIAL) {
		sim_view_error(c, 403, 29,
		    "Apps with Trial access may not create Pins in production. "
		    "You can use API Sandbox instead.");
		return;
	}
	crypto_sha256(c->req->body, c->req->body_len, m.hash);
	if (!create_decode(c, &m.pin) || !create_judge(c, &m))
		return;
	texts_rewrite(c, &m.pin);
	m.pin.media = sim_media_take(c, json_object_object_get(c->json, "media_source"));
	if (m.pin.media == NULL)
		return;
	crypto_random(&m.pin.shuffle, sizeof(m.pin.shuffle));
	m.pin.shuffle &= INT64_MAX;
	m.pin.id = sim_id_next(c->now_us + c->fault.before_ms * US_PER_MS);
	m.pin.created_us = c->now_us + c->fault.before_ms * US_PER_MS + c->set.skew_s * US_PER_S;
	rc = pin_commit(&m);
	if (!sim_view_done(c, rc))
		return;
	c->noted = true;
	sim_reply_json(&c->reply, 201, sim_view_pin(c, &m.pin), c->mem);
}
