#ifndef WORKER_FRAME_OPEN_DB_H
#define WORKER_FRAME_OPEN_DB_H

#include "lib/attr.h"
#include "lib/db/db.h"

struct conf;
struct keyring;

/* The worker's connection, with the statements it may prepare; connects with its first use. */
struct db *open_db(const struct db_conf *conf);
/*
 * Connects once and checks schema, server settings, grants and whether the instance keys are those
 * of this database. 0: fit; 1: not reachable; -1: unfit, with a log line that says what to do.
 */
MUST_CHECK int open_db_check(const struct conf *conf, const struct keyring *keys);

#endif
