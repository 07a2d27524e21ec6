#ifndef WORKER_REFRESH_REFRESH_DB_H
#define WORKER_REFRESH_REFRESH_DB_H

#include "worker/frame/batch.h"

/* The DB thread's half of refreshing: begin, and save what came of it. */

#define REFRESH_BATCH 16
#define REFRESH_SEALED_MAX 4096

/* A refresh that was begun. Plain value; the token in it is sealed. */
struct refresh_begun {
	struct uuid account_id, project_id, lane_id;
	unsigned shard;
	int64_t environment, version, started_us;
	int64_t alive; /* the access token has not expired */
	unsigned char sealed[REFRESH_SEALED_MAX];
	size_t sealed_len;
};

struct refresh_begin {
	struct batch batch;
	unsigned environments;       /* in: bits of those with an app configured */
	struct refresh_begun *begun; /* out: in the job's arena */
	size_t begun_len;
	int64_t boot_us; /* out: clock_boot_us() before they were marked */
};
/* Marks due accounts that are not being refreshed as begun; `arg` is a struct refresh_begin. */
enum db_rc refresh_db_begin(struct db *db, void *arg);

enum refresh_what { REFRESH_STORE, REFRESH_LATER, REFRESH_DEAD };

struct refresh_result {
	struct leases leases;
	uint64_t lost; /* out */
	enum refresh_what what;
	struct uuid account_id, project_id, lane_id;
	unsigned shard;
	int64_t version, started_us;
	/* REFRESH_STORE */
	unsigned char access[REFRESH_SEALED_MAX], refresh[REFRESH_SEALED_MAX];
	size_t access_len, refresh_len;          /* refresh_len 0: the old one stays */
	int64_t life_s, refresh_life_s, early_s; /* refresh_life_s 0: not said */
	/* REFRESH_LATER */
	int64_t wait_ms;
	/* REFRESH_DEAD */
	char message[500];
};
/*
 * DB_NONE with `lost`: the shard is another worker's. DB_NONE without: the account has other tokens
 * meanwhile. A stored pair needs no fence: it is compare-and-set on its version, and nobody else
 * knows it.
 */
enum db_rc refresh_db_save(struct db *db, struct refresh_result *r);

#endif
