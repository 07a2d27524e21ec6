/*
 * Limits of rows. A lease is room that was found by counting and is used up without counting again.
 * Invariant: a lease is at most a quarter of the room or LEASE_MIN rows, and ends after LEASE_US.
 */
#include "app/http/limits.h"

#include <inttypes.h>
#include <pthread.h>
#include <stdlib.h>

#include "app/http/call.h"
#include "lib/arena.h"
#include "lib/clock.h"
#include "lib/conf.h"
#include "lib/problem.h"
#include "lib/xalloc.h"
#include "sql/stmt.h"

#define LEASES 1024
#define LEASE_MIN 100
#define LEASE_US (10 * US_PER_S)
/* For so long a refusal is repeated without counting. */
#define REFUSED_US (1 * US_PER_S)

enum limit_kind { KIND_EXACT, KIND_LEASED, KIND_ROLLING, KIND_TEAM };

static const struct {
	const char *what;
	unsigned statement;
	enum limit_kind kind;
} table[LIMIT__ROWS] = {
#define LIMIT(NAME, name, place, setting, kind, statement, what)                                   \
	{ what, SQL_LIKE(webhook_count, statement), KIND_##kind },
#define SHARE(NAME, name, setting, least, most)
#include "lib/limit.def"
#undef LIMIT
#undef SHARE
};

/* Found by its project and limit; another one that falls into the same place replaces it. */
struct lease {
	struct uuid project;
	enum limit which;
	int64_t room, until_us;
	bool refused; /* there was no room */
};

struct limits {
	pthread_mutex_t lock;
	struct lease lease[LEASES];
};

struct limits *
limits_new(void)
{
	struct limits *l = xcalloc(1, sizeof(*l));

	pthread_mutex_init(&l->lock, NULL);
	return l;
}

void
limits_free(struct limits *l)
{
	if (l == NULL)
		return;
	pthread_mutex_destroy(&l->lock);
	free(l);
}

static enum db_rc
rows_count(struct call *c, enum limit which, const struct uuid *owner, int64_t most, int64_t *used)
{
	*used = 0;
	return db_row(c->db,
	    SQL_IN_LIKE(webhook_count, table[which].statement, .owner = db_uuid(owner),
		.most = db_int(most)),
	    SQL_OUT(webhook_count, .used = db_get_int(used)));
}

static enum db_rc
rows_refuse(struct call *c, enum limit which, int64_t most, struct problem *why)
{
	problem_set(why, 409, "plan_limit",
	    arena_printf(c->mem, "%s has at most %" PRId64 " %s.",
		table[which].kind == KIND_TEAM ? "An organization" : "A project", most,
		table[which].what));
	why->remediation = arena_printf(c->mem,
	    "Remove some, or wait until there are fewer: GET /v1/limits shows them. The "
	    "operator can permit more: %s.",
	    limit_info(which)->setting);
	return DB_NONE;
}

/* *most: the limit, which a project may have of its own. */
static enum db_rc
owner_lock(struct call *c, enum limit which, const struct uuid *owner, int64_t *most)
{
	struct limit_own own;
	struct uuid locked;
	const char *text = NULL;
	enum db_rc rc;

	if (table[which].kind == KIND_TEAM)
		rc = db_row(c->db, SQL_IN(organization_lock, .organization = db_uuid(owner)),
		    SQL_OUT(organization_lock, .id = db_get_uuid(&locked)));
	else
		rc = db_row(c->db, SQL_IN(project_lock, .project = db_uuid(owner)),
		    SQL_OUT(
			project_lock, .id = db_get_uuid(&locked), .limits = db_get_text(&text)));
	limit_own_read(&own, text);
	*most = limit_value(c->app->conf, &own, which);
	return rc;
}

static enum db_rc
claim_exact(
    struct call *c, enum limit which, const struct uuid *owner, int64_t more, struct problem *why)
{
	int64_t used = 0, most;
	enum db_rc rc = owner_lock(c, which, owner, &most);

	if (rc == DB_OK)
		rc = rows_count(c, which, owner, most, &used);
	if (rc != DB_OK)
		return rc == DB_NONE ? DB_FAIL : rc;
	return used + more <= most ? DB_OK : rows_refuse(c, which, most, why);
}

static struct lease *
lease_place(struct limits *l, enum limit which, const struct uuid *project)
{
	return &l->lease[(uuid_place(project, LEASES) + which) % LEASES];
}

enum lease_rc { LEASE_NONE, LEASE_GRANTED, LEASE_REFUSED };

static enum lease_rc
lease_use(struct limits *l, enum limit which, const struct uuid *project, int64_t more)
{
	struct lease *at = lease_place(l, which, project);
	enum lease_rc rc = LEASE_NONE;

	pthread_mutex_lock(&l->lock);
	if (at->which == which && uuid_equal(&at->project, project) &&
	    clock_mono_us() < at->until_us) {
		if (at->refused)
			rc = LEASE_REFUSED;
		else if (at->room >= more)
			rc = LEASE_GRANTED;
		at->room -= rc == LEASE_GRANTED ? more : 0;
	}
	pthread_mutex_unlock(&l->lock);
	return rc;
}

static void
lease_set(struct limits *l, enum limit which, const struct uuid *project, int64_t free_rows)
{
	bool refused = free_rows < 0;
	int64_t room = free_rows / 4 > LEASE_MIN ? free_rows / 4 : LEASE_MIN;

	pthread_mutex_lock(&l->lock);
	*lease_place(l, which, project) = (struct lease){ .project = *project,
		.which = which,
		.room = room < free_rows ? room : free_rows,
		.until_us = clock_mono_us() + (refused ? REFUSED_US : LEASE_US),
		.refused = refused };
	pthread_mutex_unlock(&l->lock);
}

static enum db_rc
claim_leased(
    struct call *c, enum limit which, const struct uuid *project, int64_t more, struct problem *why)
{
	struct limits *l = c->app->limits;
	enum lease_rc lease = lease_use(l, which, project, more);
	int64_t used, free_rows, most = limit_value(c->app->conf, &c->own, which);
	enum db_rc rc;

	if (lease == LEASE_GRANTED)
		return DB_OK;
	if (lease == LEASE_REFUSED)
		return rows_refuse(c, which, most, why);
	rc = rows_count(c, which, project, most, &used);
	if (rc != DB_OK)
		return rc == DB_NONE ? DB_FAIL : rc;
	free_rows = most - used - more;
	/* Where these do not fit, fewer may. */
	if (free_rows >= 0 || free_rows + more <= 0)
		lease_set(l, which, project, free_rows);
	return free_rows >= 0 ? DB_OK : rows_refuse(c, which, most, why);
}

enum db_rc
limits_claim(
    struct call *c, enum limit which, const struct uuid *owner, int64_t more, struct problem *why)
{
	switch (table[which].kind) {
	case KIND_TEAM:
	case KIND_EXACT: return claim_exact(c, which, owner, more, why);
	case KIND_LEASED: return claim_leased(c, which, owner, more, why);
	case KIND_ROLLING: break;
	}
	return DB_OK;
}

enum db_rc
limits_claim_one(struct call *c, enum limit which)
{
	struct problem why = { 0 };
	enum db_rc rc = limits_claim(c, which, &c->who.project_id, 1, &why);

	if (problem_any(&why))
		reply_problem(&c->reply, &why);
	return rc;
}

enum db_rc
limits_use(struct call *c, enum limit which, struct limit_use *use)
{
	const struct uuid *owner = &c->who.project_id;

	*use = (struct limit_use){ .name = limit_info(which)->name,
		.setting = limit_info(which)->setting,
		.what = table[which].what,
		.limit = limit_value(c->app->conf, &c->own, which),
		.own = limit_is_own(&c->own, which),
		.of = "project" };
	switch (table[which].kind) {
	case KIND_EXACT:
	case KIND_LEASED: break;
	case KIND_ROLLING:
		use->of = "person";
		owner = c->who.kind == WHO_SESSION ? &c->who.user_id : NULL;
		break;
	case KIND_TEAM:
		use->of = "organization";
		owner = &c->who.organization_id;
		break;
	}
	use->used = -1;
	return owner != NULL ? rows_count(c, which, owner, use->limit, &use->used) : DB_OK;
}
