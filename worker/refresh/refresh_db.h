#ifndef WORKER_REFRESH_REFRESH_DB_H
#define WORKER_REFRESH_REFRESH_DB_H

#include "lib/origin.h"
#include "lib/scopes.h"
#include "lib/conf.h"
#include "worker/frame/batch.h"
#include "lib/fair_places.h"

/* Beginning a refresh, and saving its result. */

#define REFRESH_BATCH 16
#define REFRESH_FULL 64
#define REFRESH_SEALED_MAX 4096

/* A refresh that was begun; its token is sealed. */
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
	unsigned environments; /* in: bits of those with an app, and with places */
	/* in: copies, to be freed; what is begun holds a place of its project there */
	struct fair_places *shares[ENV__COUNT];
	struct uuid full[REFRESH_FULL]; /* in: projects that have their share; nil: no more */
	struct refresh_begun *begun;    /* out: in the job's arena */
	size_t begun_len;
	int64_t boot_us; /* out: clock_boot_us() before they were marked */
};
/* Marks due accounts that are not being refreshed as begun, within their projects' shares; `arg` is
 * a struct refresh_begin. */
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
	int64_t life_s, refresh_life_s, early_s; /* refresh_life_s 0: unknown */
	bool scoped;                             /* Pinterest said what it grants: */
	char scopes[SCOPES_LIST_MAX + 1], missing[SCOPES_LIST_MAX + 1];
	/* REFRESH_LATER */
	int64_t wait_ms;
	int64_t environment;
	char foreign[ORIGIN_TEXT_MAX + 160]; /* what else than Pinterest answered; "": nothing */
	/* REFRESH_DEAD, and REFRESH_STORE of a grant that is not enough to publish */
	bool reconnect;
	char message[500];
};
/*
 * DB_NONE with `lost`: another worker owns the shard. DB_NONE without: the account has got other
 * tokens meanwhile. Storing a pair needs no fence: it is a compare-and-set on the version, and
 * nobody else knows the pair.
 */
enum db_rc refresh_db_save(struct db *db, struct refresh_result *r);

#endif
