#ifndef WORKER_FRAME_DBQ_H
#define WORKER_FRAME_DBQ_H

#include "lib/attr.h"
#include "lib/db/db.h"

/*
 * The one DB thread: it executes jobs with its own connection, so the loop never blocks on the
 * database. Jobs run in the order of their submission, but all DBQ_SAVE jobs before any other.
 */
struct dbq;

enum dbq_priority { DBQ_SAVE, DBQ_WORK, DBQ__COUNT };

/*
 * `run` executes on the DB thread and must touch nothing that the loop thread may touch meanwhile:
 * give it a struct of its own. db_mem(db) is an arena that lives until `done` has returned, so
 * results may lie in it.
 * `done` executes on the loop thread with what `run` returned; it owns `arg` again.
 */
typedef enum db_rc (*dbq_run)(struct db *db, void *arg);
typedef void (*dbq_done)(void *arg, enum db_rc rc);

/* Owns db. */
struct dbq *dbq_new(struct db *db);
/* Waits for the job that is being run; others are dropped without `done`. */
void dbq_free(struct dbq *q);
/* Loop thread only. */
void dbq_submit(struct dbq *q, enum dbq_priority priority, dbq_run run, dbq_done done, void *arg);
/* Jobs whose `done` has not run yet. */
unsigned dbq_pending(const struct dbq *q);
/* Readable when answers wait; then dbq_collect() on the loop thread runs their `done`. */
MUST_CHECK int dbq_fd(const struct dbq *q);
void dbq_collect(struct dbq *q);

#endif
