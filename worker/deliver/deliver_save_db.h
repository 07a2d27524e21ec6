#ifndef WORKER_DELIVER_DELIVER_SAVE_DB_H
#define WORKER_DELIVER_DELIVER_SAVE_DB_H

#include "worker/deliver/deliver_claim_db.h"
#include "worker/deliver/deliver_plan.h"

/* Saving what came of an attempt. */

#define DELIVER_EXCERPT_MAX 4096

struct deliver_result {
	struct delivery *d;
	struct deliver_plan plan;
	int64_t started_us, duration_ms;
	long status;   /* 0: none */
	char ip[64];   /* "": not connected, or not to be shown */
	char *excerpt; /* heap; NULL: none */
	size_t excerpt_len;
	/* What is new about the endpoint, logged once it is committed. */
	enum { DELIVER_NOTHING_NEW, DELIVER_FIRST_FAILURE, DELIVER_RECOVERED } news;
	const char *disabled; /* "gone" or "failing": this result disabled the endpoint */
	STAILQ_ENTRY(deliver_result) link;
};

struct deliver_saving {
	struct leases leases;                          /* in */
	struct deliver_result *results[DELIVER_BATCH]; /* in */
	size_t len;
	size_t
	    done; /* out: so many of the first are saved, or refused by the database and logged */
	uint64_t lost; /* out, with DB_NONE: shards another worker owns by now */
};
/*
 * Saves the results, all in one transaction or, when the database refuses one of them, the others
 * without it; also after DB_UNKNOWN, as saving twice does no harm. `arg` is a struct
 * deliver_saving. Another result than DB_OK: those from `done` on have to be saved again, except
 * for the lost shards'.
 */
enum db_rc deliver_save(struct db *db, void *arg);

#endif
