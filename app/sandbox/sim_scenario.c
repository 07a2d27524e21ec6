/* The scenario boards in one table: name, description, fault, and how often it hits one body. */
#include "app/sandbox/sim_scenario.h"

#include <string.h>

#include "app/sandbox/sim_call.h"
#include "app/sandbox/sim_ids.h"
#include "lib/clock.h"
#include "sql/sandbox_stmt.h"

#define FOREVER INT64_MAX

struct scenario_plan {
	const char *name;
	const char *description;
	const char *fault_name; /* NULL: no fault */
	enum sim_fault_kind kind;
	int status;
	int64_t code;
	const char *message;
	int64_t before_ms;
	int64_t reset_s;
	int64_t times;  /* per body; FOREVER */
	int64_t for_us; /* after a body's first request; 0: no limit */
};

#define BLOCK_MESSAGE                                                                              \
	"Sorry! You've hit a block (Pins) we have in place to combat spam. "                       \
	"Please try again later!"

static const struct scenario_plan plans[SIM_SCENARIO__COUNT] = {
	[SIM_SCENARIO_WORKS] = { .name = "Always works",
	    .description = "Every Pin is published at once." },
	[SIM_SCENARIO_SLOW] = { .name = "Slow (3 s)",
	    .description = "Every Pin is published, but the answer takes three seconds.",
	    .fault_name = "slow",
	    .kind = SIM_FAULT_DELAY,
	    .before_ms = 3000,
	    .times = FOREVER },
	[SIM_SCENARIO_LIMITED_TWICE] = { .name = "Rate limited twice, then works",
	    .description = "429 with one second to wait, twice for each Pin; the third try is "
			   "published.",
	    .fault_name = "rate_limited",
	    .kind = SIM_FAULT_STATUS,
	    .status = 429,
	    .code = 8,
	    .message = "This request exceeded a rate limit. This can happen if the client exceeds "
		       "one of the published rate limits or if multiple write operations are "
		       "applied to an object within a short time window.",
	    .reset_s = 1,
	    .times = 2 },
	[SIM_SCENARIO_ERROR_TWICE] = { .name = "Server error twice, then works",
	    .description = "500 with an HTML page and nothing published, twice for each Pin; the "
			   "third try is published.",
	    .fault_name = "server_error",
	    .kind = SIM_FAULT_HTML,
	    .status = 500,
	    .times = 2 },
	[SIM_SCENARIO_LOST_AFTER] = { .name = "Answer lost after publishing",
	    .description = "The Pin is published, but the answer never arrives: look before you "
			   "send again.",
	    .fault_name = "lost_after",
	    .kind = SIM_FAULT_LOST_AFTER,
	    .times = FOREVER },
	[SIM_SCENARIO_LOST_BEFORE] = { .name = "Answer lost before publishing",
	    .description = "The answer never arrives and nothing is published, once for each Pin; "
			   "the second try is published.",
	    .fault_name = "lost_before",
	    .kind = SIM_FAULT_LOST,
	    .times = 1 },
	[SIM_SCENARIO_NO_FETCH] = { .name = "Image cannot be fetched",
	    .description = "400 for every Pin, as if its image could not be reached.",
	    .fault_name = "no_fetch",
	    .kind = SIM_FAULT_STATUS,
	    .status = 400,
	    .code = 1,
	    .message = "Sorry we could not fetch the image.",
	    .times = FOREVER },
	[SIM_SCENARIO_BROKEN] = { .name = "Image broken",
	    .description = "403 for every Pin, as if its image were damaged.",
	    .fault_name = "image_broken",
	    .kind = SIM_FAULT_STATUS,
	    .status = 403,
	    .code = 235,
	    .message = "Sorry, this image is broken.",
	    .times = FOREVER },
	[SIM_SCENARIO_VANISHES] = { .name = "Board vanishes",
	    .description = "The board is listed, but every Pin meets 404: Board not found.",
	    .fault_name = "board_vanishes",
	    .kind = SIM_FAULT_STATUS,
	    .status = 404,
	    .code = 40,
	    .message = "Board not found.",
	    .times = FOREVER },
	[SIM_SCENARIO_REVOKED] = { .name = "Token revoked",
	    .description = "The first Pin ends the connection: 401, and all tokens of the account "
			   "are dead until it is connected again; then Pins are published.",
	    .fault_name = "token_revoked",
	    .kind = SIM_FAULT_REVOKE },
	[SIM_SCENARIO_UNAPPROVED] = { .name = "App not approved",
	    .description = "401 for five seconds after the first try of each Pin, as if the "
			   "application had not been approved; then it is published.",
	    .fault_name = "not_approved",
	    .kind = SIM_FAULT_STATUS,
	    .status = 401,
	    .code = 3,
	    .message = "Your application consumer type is not supported",
	    .times = FOREVER,
	    .for_us = 5 * US_PER_S },
	[SIM_SCENARIO_SPAM_BLOCK] = { .name = "Spam block for a while",
	    .description = "429 from the spam guard for five seconds after the first try of each "
			   "Pin; then it is published.",
	    .fault_name = "spam_wall",
	    .kind = SIM_FAULT_STATUS,
	    .status = 429,
	    .code = 9,
	    .message = BLOCK_MESSAGE,
	    .times = FOREVER,
	    .for_us = 5 * US_PER_S },
	[SIM_SCENARIO_LINK_BLOCKED] = { .name = "Link blocked",
	    .description = "429 for every Pin: its link is refused as spam.",
	    .fault_name = "link_blocked",
	    .kind = SIM_FAULT_STATUS,
	    .status = 429,
	    .code = 9,
	    .message = "Sorry! We blocked this link because it may lead to spam.",
	    .times = FOREVER },
};

enum sim_scenario
sim_scenario_named(const char *name)
{
	for (int s = SIM_SCENARIO_WORKS; s < SIM_SCENARIO__COUNT; s++)
		if (strcmp(plans[s].name, name) == 0)
			return (enum sim_scenario)s;
	return SIM_SCENARIO_NONE;
}

enum db_rc
sim_scenario_boards(struct db *db, int64_t user_id, int64_t now_us)
{
	for (int s = SIM_SCENARIO_WORKS; s < SIM_SCENARIO__COUNT; s++) {
		/* Created one microsecond apart, so that boards are listed in this order. */
		enum db_rc rc = db_exec(db,
		    SBX_IN(boards_insert, .id = db_int(sim_id_next(now_us + s)),
			.user = db_int(user_id), .name = db_text(plans[s].name),
			.description = db_text(plans[s].description), .privacy = db_text("PUBLIC"),
			.scenario = db_int(s)),
		    NULL);

		if (rc != DB_OK)
			return rc;
	}
	return DB_OK;
}

static void
scenario_fault_set(struct sim_call *c, const struct scenario_plan *p)
{
	c->fault = sim_fault_make(p->kind, p->fault_name);
	if (p->status != 0)
		c->fault.status = p->status;
	c->fault.code = p->code;
	c->fault.message = p->message;
	c->fault.before_ms = p->before_ms;
	if (p->reset_s > 0)
		c->fault.reset_s = p->reset_s;
}

static enum db_rc
scenario_revoke_once(struct sim_call *c, const struct scenario_plan *p, int64_t triggered_us)
{
	if (triggered_us != TIME_NONE)
		return DB_OK;
	scenario_fault_set(c, p);
	return db_exec(c->db, SBX_IN(boards_mark_triggered, .id = db_int(c->board_id)), NULL);
}

enum db_rc
sim_scenario_judge(struct sim_call *c, enum sim_scenario scenario, int64_t triggered_us,
    const unsigned char body_hash[32])
{
	const struct scenario_plan *p = &plans[scenario];
	int64_t hits, first_us;
	enum db_rc rc;

	if (p->fault_name == NULL)
		return DB_OK;
	if (scenario == SIM_SCENARIO_REVOKED)
		return scenario_revoke_once(c, p, triggered_us);
	if (p->times == FOREVER && p->for_us == 0) {
		scenario_fault_set(c, p);
		return DB_OK;
	}
	rc = db_row(c->db,
	    SBX_IN(
		creates_history, .hash = db_bytes(body_hash, 32), .fault = db_text(p->fault_name)),
	    SBX_OUT(
		creates_history, .creates = db_get_int(&hits), .oldest = db_get_time(&first_us)));
	if (rc != DB_OK)
		return rc;
	if (hits < p->times && (p->for_us == 0 || hits == 0 || c->now_us - first_us < p->for_us))
		scenario_fault_set(c, p);
	return DB_OK;
}
