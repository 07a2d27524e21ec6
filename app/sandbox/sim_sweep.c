#include "config.h"

#include "app/sandbox/sim_sweep.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/arena.h"
#include "lib/clock.h"
#include "lib/conf.h"
#include "lib/log.h"
#include "lib/xalloc.h"
#include "sql/sandbox_stmt.h"

#define SWEEP_PAUSE_MS 60000
#define AWAY_PAUSE_MS 1000
/* Pieces of 1,000 rows, so that nobody waits for locks; what is left is for the next time. */
#define SWEEP_PIECES 100

struct sim_sweep {
	const struct conf *conf;
	pthread_t thread;
	int stop[2]; /* the write end is closed to stop */
};

static bool
sweep_stopped(const struct sim_sweep *s, int wait_ms)
{
	struct pollfd p = { .fd = s->stop[0], .events = POLLIN };

	return poll(&p, 1, wait_ms) > 0;
}

static enum db_rc
idle_user_work(struct db *db, void *arg)
{
	bool *more = arg;
	int64_t id;
	enum db_rc rc = db_row(db, SBX_IN(users_idle, .days = db_int(SIM_SWEEP_USER_DAYS)),
	    SBX_OUT(users_idle, .id = db_get_int(&id)));

	*more = rc == DB_OK;
	if (rc == DB_NONE)
		return DB_OK;
	if (rc == DB_OK)
		rc = db_exec_any(db, SBX_IN(pins_drop_by_user, .user = db_int(id)), NULL);
	if (rc == DB_OK)
		rc = db_exec_any(db, SBX_IN(boards_delete_by_user, .user = db_int(id)), NULL);
	return rc == DB_OK ? db_exec_any(db, SBX_IN(users_delete, .id = db_int(id)), NULL) : rc;
}

/* One piece of everything that is old. *more: there is more. */
static enum db_rc
old_rows_drop(struct db *db, bool *more)
{
	uint64_t rows[4] = { 0 };
	enum db_rc rc = db_exec_any(db, SBX_IN(codes_sweep), &rows[0]);

	if (rc == DB_OK)
		rc = db_exec_any(
		    db, SBX_IN(tokens_sweep, .days = db_int(SIM_SWEEP_TOKEN_DAYS)), &rows[1]);
	if (rc == DB_OK)
		rc = db_exec_any(
		    db, SBX_IN(creates_sweep, .days = db_int(SIM_SWEEP_KEPT_DAYS)), &rows[2]);
	if (rc == DB_OK)
		rc = db_exec_any(
		    db, SBX_IN(pins_sweep, .days = db_int(SIM_SWEEP_KEPT_DAYS)), &rows[3]);
	if (rc == DB_OK)
		rc = db_transact(db, idle_user_work, more);
	for (size_t i = 0; i < DB_LEN(rows); i++)
		*more = *more || rows[i] > 0;
	return rc;
}

/* Its connection is not kept between sweeps. */
static enum db_rc
sweep_run(const struct sim_sweep *s, struct arena *mem)
{
	struct db *db =
	    db_open(&s->conf->db_sandbox, sql_sandbox_stmts, SBX__COUNT, DB_USER_SANDBOX);
	bool more = true;
	int64_t now_us;
	enum db_rc rc;

	db_use(db, mem);
	rc = db_now(db, &now_us);
	if (rc == DB_OK)
		rc = db_exec_any(db, SBX_IN(windows_sweep, .now = db_int(now_us)), NULL);
	for (int i = 0; i < SWEEP_PIECES && more && rc == DB_OK && !sweep_stopped(s, 0); i++) {
		more = false;
		rc = old_rows_drop(db, &more);
	}
	db_close(db);
	arena_reset(mem);
	return rc;
}

static void *
sweep_main(void *arg)
{
	const struct sim_sweep *s = arg;
	struct arena *mem = arena_new();
	enum db_rc rc;

	do {
		rc = sweep_run(s, mem);
	} while (!sweep_stopped(s, rc == DB_OK ? SWEEP_PAUSE_MS : AWAY_PAUSE_MS));
	arena_free(mem);
	return NULL;
}

struct sim_sweep *
sim_sweep_new(const struct conf *conf)
{
	struct sim_sweep *s = xcalloc(1, sizeof(*s));
	sigset_t all, before;

	s->conf = conf;
	if (pipe2(s->stop, O_CLOEXEC) == -1)
		panic("pipe2: %s", strerror(errno));
	(void)sigfillset(&all);
	(void)pthread_sigmask(SIG_SETMASK, &all, &before);
	if (pthread_create(&s->thread, NULL, sweep_main, s) != 0)
		panic("pthread_create failed");
	(void)pthread_sigmask(SIG_SETMASK, &before, NULL);
	return s;
}

void
sim_sweep_free(struct sim_sweep *s)
{
	if (s == NULL)
		return;
	(void)close(s->stop[1]);
	(void)pthread_join(s->thread, NULL);
	(void)close(s->stop[0]);
	free(s);
}

/* Outside of the pin's transaction: what fails here is dropped with the next pin. */
void
sim_sweep_user(struct db *db, int64_t user_id, int64_t kept)
{
	int64_t pin_id = 0, arrived_us = TIME_NONE;

	if (db_row(db, SBX_IN(pins_surplus, .user = db_int(user_id), .kept = db_int(kept)),
		SBX_OUT(pins_surplus, .pin_id = db_get_int(&pin_id),
		    .arrived_at = db_get_time(&arrived_us))) != DB_OK)
		return;
	if (pin_id != 0)
		(void)db_exec_any(
		    db, SBX_IN(pins_trim, .user = db_int(user_id), .id = db_int(pin_id)), NULL);
	if (arrived_us != TIME_NONE)
		(void)db_exec_any(db,
		    SBX_IN(creates_trim, .user = db_int(user_id), .at = db_time(arrived_us)), NULL);
}
