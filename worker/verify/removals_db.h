#ifndef WORKER_VERIFY_REMOVALS_DB_H
#define WORKER_VERIFY_REMOVALS_DB_H

#include "lib/db/db.h"
#include "lib/uuid.h"
#include "worker/frame/leases.h"

#define REMOVALS_MAX 8
#define REMOVALS_ID_SIZE 65

/* A published pin that its board's listing lacks. */
struct removals_pin {
	struct uuid id;
	char pinterest_pin_id[REMOVALS_ID_SIZE];
	bool gone; /* Pinterest says that it is not there */
};

struct removals_job {
	struct leases leases;
	struct uuid project_id, account_id;
	unsigned shard;
	const char *board_id;
	int64_t before_us; /* published before this */
	uint64_t *seen;    /* sorted */
	size_t seen_len;
	struct removals_pin pins[REMOVALS_MAX];
	size_t len;
	uint64_t lost; /* out */
};

/* Fills j->pins: the newest of the account's pins on the board that were not seen. */
enum db_rc removals_db_find(struct db *db, struct removals_job *j);
/* Marks those that are gone. DB_NONE: the shard was lost. */
enum db_rc removals_db_save(struct db *db, struct removals_job *j);

/* The id as a number; 0: it is none. Pure. */
uint64_t removals_number(const char *pinterest_pin_id);

#endif
