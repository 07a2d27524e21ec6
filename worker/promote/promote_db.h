#ifndef WORKER_PROMOTE_PROMOTE_DB_H
#define WORKER_PROMOTE_PROMOTE_DB_H

#include "worker/frame/batch.h"

#define PROMOTE_MAX 64

/*
 * Lanes with so many due schedules that other lanes would wait behind them: they get what the
 * others leave of a batch, at least a quarter. Empty unless more is due than fits into one batch.
 */
struct promote_crowd {
	struct uuid lanes[PROMOTE_MAX]; /* behind len: nil */
	size_t len;
	int64_t others_us; /* monotonic: the other lanes are not read before */
};

struct promote_batch {
	struct batch batch; /* limit: at most PROMOTE_MAX */
	int64_t event_deadline_s;
	struct promote_crowd crowd;      /* in and out: for the next batch */
	size_t found, promoted, refused; /* out */
};

/* Turns due schedules of the leased shards into waiting pins; `arg` is a struct promote_batch. */
enum db_rc promote_batch_run(struct db *db, void *arg);

#endif
