/*
 * Rate windows and spam blocks. Windows are counted in a memory table, lost on restart; spam counts
 * come from the ledger of creates. A limit of 0 costs no statement.
 */
#include "app/sandbox/sim_limits.h"

#include <inttypes.h>
#include <string.h>

#include "app/sandbox/sim_call.h"
#include "app/sandbox/sim_view.h"
#include "lib/arena.h"
#include "lib/clock.h"
#include "sql/sandbox_stmt.h"

#define NO_QUOTA 1000000

struct rate_window {
	const char *name;
	int64_t quota;
	int64_t length_s;
	int64_t owner; /* user, or 0 for the application */
	int64_t remaining, reset_s;
};

/*
 * Hits of the window with this one, and its end. 0 when the database is away: nothing is counted,
 * and the request's own statements report the failure.
 */
static int64_t
window_hit(struct sim_call *c, const char *key, int64_t length_us, int64_t *ends_us)
{
	int64_t hits;
	enum db_rc rc = db_row(c->db,
	    SBX_IN(windows_hit, .key = db_text(key), .now = db_int(c->now_us),
		.len = db_int(length_us)),
	    SBX_OUT(windows_hit, .hits = db_get_int(&hits), .ends_us = db_get_int(ends_us)));

	return rc == DB_OK ? hits : 0;
}

static void
window_count(struct sim_call *c, struct rate_window *w)
{
	const char *key = arena_printf(c->mem, "%s:%" PRId64, w->name, w->owner);
	int64_t ends_us = 0;
	/* a stranger's request writes no row and uses up nobody's quota */
	int64_t hits = c->known ? window_hit(c, key, w->length_s * US_PER_S, &ends_us) : 0;

	w->remaining = w->quota - hits;
	w->reset_s = w->length_s;
	if (hits > 0)
		w->reset_s = (ends_us - c->now_us + US_PER_S - 1) / US_PER_S;
}

static bool
rate_refuse(struct sim_call *c)
{
	sim_view_error(c, 429, 8, SIM_RATE_MESSAGE);
	if (c->set.retry_after)
		c->reply.retry_after_s = c->reply.reset_s;
	return false;
}

bool
sim_limits_busy(struct sim_call *c)
{
	c->reply.fault = "busy";
	c->reply.remaining = 0;
	c->reply.reset_s = 1;
	if (c->reply.limit == NULL)
		c->reply.limit = arena_printf(c->mem, "%d, %d;w=60", NO_QUOTA, NO_QUOTA);
	return rate_refuse(c);
}

bool
sim_limits_rate(struct sim_call *c, enum sim_limits_category category)
{
	const struct rate_window of[] = {
		[SIM_LIMITS_READ] = { "read", c->set.org_read, 60, c->user_id, 0, 0 },
		[SIM_LIMITS_WRITE] = { "write", c->set.org_write, 60, c->user_id, 0, 0 },
		[SIM_LIMITS_ANALYTICS] = { "analytics", c->set.org_analytics, 60, c->user_id, 0,
		    0 },
		[SIM_LIMITS_ADS] = { "ads", c->set.ads_read, 60, c->user_id, 0, 0 },
	};
	struct rate_window all[] = {
		{ "second", c->set.per_second, 1, c->user_id, 0, 0 },
		of[category],
		{ "day", c->set.day_limit, 86400, 0, 0, 0 },
	};
	struct rate_window *near = NULL;
	const char *policies = "";

	if (category == SIM_LIMITS_NONE)
		return true;
	for (size_t i = 0; i < DB_LEN(all); i++) {
		struct rate_window *w = &all[i];

		if (w->quota == 0)
			continue;
		window_count(c, w);
		policies = arena_printf(
		    c->mem, "%s, %" PRId64 ";w=%" PRId64, policies, w->quota, w->length_s);
		if (near == NULL || w->remaining * near->quota < near->remaining * w->quota)
			near = w;
	}
	c->reply.limit = near == NULL
			     ? arena_printf(c->mem, "%d, %d;w=60", NO_QUOTA, NO_QUOTA)
			     : arena_printf(c->mem, "%" PRId64 "%s", near->quota, policies);
	c->reply.remaining = near == NULL ? NO_QUOTA : near->remaining < 0 ? 0 : near->remaining;
	c->reply.reset_s = near == NULL ? 60 : near->reset_s;
	if (near == NULL || near->remaining >= 0)
		return true;
	return rate_refuse(c);
}

bool
sim_limits_contention(struct sim_call *c, int64_t board_id)
{
	const char *key = arena_printf(c->mem, "board:%" PRId64, board_id);
	int64_t ends_us;

	if (c->set.contention_ms == 0 ||
	    window_hit(c, key, c->set.contention_ms * US_PER_MS, &ends_us) <= 1)
		return true;
	return rate_refuse(c);
}

/* Is `word` in the comma-separated list? */
static bool
host_listed(const char *list, const char *word)
{
	size_t len = strlen(word);

	while (*list != '\0') {
		size_t n = strcspn(list, ",");

		if (n == len && len > 0 && strncmp(list, word, len) == 0)
			return true;
		list += n;
		list += *list == ',';
	}
	return false;
}

bool
sim_limits_spam(struct sim_call *c)
{
	const char *host = c->link_host == NULL ? "" : c->link_host;
	int64_t host_s =
	    c->set.spam_host_window_s > 0 ? c->set.spam_host_window_s : c->set.spam_window_s;
	int64_t pins, of_host, blocks;

	if (host_listed(c->set.blocked_hosts, host)) {
		c->reply.fault = "link_block";
		return sim_view_refuse(c, 429, 9, SIM_LINK_MESSAGE);
	}
	if (c->set.spam_pins == 0 && c->set.spam_host_pins == 0)
		return true;
	if (db_row(c->db,
		SBX_IN(creates_recent, .user = db_int(c->user_id), .host = db_text(host),
		    .window = db_time(c->now_us - c->set.spam_window_s * US_PER_S),
		    .host_window = db_time(c->now_us - host_s * US_PER_S),
		    .hold = db_time(c->now_us - c->set.spam_hold_s * US_PER_S)),
		SBX_OUT(creates_recent, .pins = db_get_int(&pins), .on_host = db_get_int(&of_host),
		    .blocks = db_get_int(&blocks))) != DB_OK)
		return true;
	if (blocks == 0 && (c->set.spam_pins == 0 || pins < c->set.spam_pins) &&
	    (c->set.spam_host_pins == 0 || of_host < c->set.spam_host_pins))
		return true;
	/* Named differently during a hold, so that the ledger row does not start a new one. */
	c->reply.fault = blocks > 0 ? "spam_hold" : "spam_block";
	return sim_view_refuse(c, 429, 9, SIM_SPAM_MESSAGE);
}
