/* The scenario boards in one table: name, description, fault, and how often it hits one body. */
#include "app/sandbox/sim_scenario.h"

#include <string.h>

#include "app/sandbox/sim_call.h"
#include "app/sandbox/sim_ids.h"
#include "app/sandbox/sim_view.h"
#include "lib/clock.h"
#include "sql/sandbox_stmt.h"

#define FOREVER INT64_MAX

struct scenario_plan {
	const char *name;
	const char *description;
	struct sim_fault fault; /* name NULL: none */
	int64_t times;          /* per body; FOREVER */
	int64_t for_us;         /* after a body's first request; 0: no limit */
};

#define FAULT(fault_name, fault_kind, ...)                                                         \
	{                                                                                          \
		.name = (fault_name), .kind = SIM_FAULT_##fault_kind, __VA_ARGS__                  \
	}
#define ERROR(fault_name, answer_status, answer_code, answer_message)                              \
	FAULT(fault_name, STATUS, .status = (answer_status), .code = (answer_code),                \
	    .message = (answer_message), .reset_s = -1)

static const struct scenario_plan plans[SIM_SCENARIO__COUNT] = {
	[SIM_SCENARIO_WORKS] = { .name = "Always works",
	    .description = "Every Pin is published at once." },
	[SIM_SCENARIO_SLOW] = { .name = "Slow (3 s)",
	    .description = "Every Pin is published, but the answer takes three seconds.",
	    .fault = FAULT("slow", DELAY, .after_ms = 3000, .reset_s = -1),
	    .times = FOREVER },
	[SIM_SCENARIO_LIMITED_TWICE] = { .name = "Rate limited twice, then works",
	    .description = "429 with one second to wait, twice for each Pin; the third try is "
			   "published.",
	    .fault = FAULT("rate_limited", STATUS, .status = 429, .code = 8,
		.message = SIM_RATE_MESSAGE, .reset_s = 1),
	    .times = 2 },
	[SIM_SCENARIO_ERROR_TWICE] = { .name = "Server error twice, then works",
	    .description = "500 with an HTML page and nothing published, twice for each Pin; the "
			   "third try is published.",
	    .fault = FAULT("server_error", HTML, .status = 500, .reset_s = -1),
	    .times = 2 },
	[SIM_SCENARIO_LOST_AFTER] = { .name = "Answer lost after publishing",
	    .description = "The Pin is published, but the answer never arrives: look before you "
			   "send again.",
	    .fault = FAULT("lost_after", LOST_AFTER, .reset_s = -1),
	    .times = FOREVER },
	[SIM_SCENARIO_LOST_BEFORE] = { .name = "Answer lost before publishing",
	    .description = "The answer never arrives and nothing is published, once for each Pin; "
			   "the second try is published.",
	    .fault = FAULT("lost_before", LOST, .reset_s = -1),
	    .times = 1 },
	[SIM_SCENARIO_NO_FETCH] = { .name = "Image cannot be fetched",
	    .description = "400 for every Pin, as if its image could not be reached.",
	    .fault = ERROR("no_fetch", 400, 1, "Sorry we could not fetch the image."),
	    .times = FOREVER },
	[SIM_SCENARIO_BROKEN] = { .name = "Image broken",
	    .description = "403 for every Pin, as if its image were damaged.",
	    .fault = ERROR("image_broken", 403, 235, "Sorry, this image is broken."),
	    .times = FOREVER },
	[SIM_SCENARIO_VANISHES] = { .name = "Board vanishes",
	    .description = "The board is listed, but every Pin meets 404: Board not found.",
	    .fault = ERROR("board_vanishes", 404, 40, "Board not found."),
	    .times = FOREVER },
	[SIM_SCENARIO_REVOKED] = { .name = "Token revoked",
	    .description = "The first Pin ends the connection: 401, and all tokens of the account "
			   "are dead until it is connected again; then Pins are published.",
	    .fault = FAULT("token_revoked", REVOKE, .reset_s = -1) },
	[SIM_SCENARIO_UNAPPROVED] = { .name = "App not approved",
	    .description = "401 for five seconds after the first try of each Pin, as if the "
			   "application had not been approved; then it is published.",
	    .fault =
		ERROR("not_approved", 401, 3, "Your application consumer type is not supported"),
	    .times = FOREVER,
	    .for_us = 5 * US_PER_S },
	[SIM_SCENARIO_SPAM_BLOCK] = { .name = "Spam block for a while",
	    .description = "429 from the spam guard for five seconds after the first try of each "
			   "Pin; then it is published.",
	    .fault = ERROR("spam_wall", 429, 9, SIM_SPAM_MESSAGE),
	    .times = FOREVER,
	    .for_us = 5 * US_PER_S },
	[SIM_SCENARIO_LINK_BLOCKED] = { .name = "Link blocked",
	    .description = "429 for every Pin: its link is refused as spam.",
	    .fault = ERROR("link_blocked", 429, 9, SIM_LINK_MESSAGE),
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
			.scenario = db_int(s), .most = db_int(INT32_MAX)),
		    NULL);

		if (rc != DB_OK)
			return rc;
	}
	return DB_OK;
}

enum db_rc
sim_scenario_judge(struct sim_call *c, enum sim_scenario scenario, int64_t triggered_us,
    const unsigned char body_hash[32])
{
	const struct scenario_plan *p = &plans[scenario];
	int64_t hits = 0, first_us = 0;
	enum db_rc rc = DB_OK;

	if (p->fault.name == NULL ||
	    (scenario == SIM_SCENARIO_REVOKED && triggered_us != TIME_NONE))
		return DB_OK;
	if (scenario == SIM_SCENARIO_REVOKED)
		rc = db_exec(c->db, SBX_IN(boards_mark_triggered, .id = db_int(c->board_id)), NULL);
	else if (p->times != FOREVER || p->for_us != 0)
		rc = db_row(c->db,
		    SBX_IN(creates_history, .hash = db_bytes(body_hash, 32),
			.fault = db_text(p->fault.name)),
		    SBX_OUT(creates_history, .creates = db_get_int(&hits),
			.oldest = db_get_time(&first_us)));
	if (rc == DB_OK && (hits == 0 || (hits < p->times &&
					     (p->for_us == 0 || c->now_us - first_us < p->for_us))))
		c->fault = p->fault;
	return rc;
}
