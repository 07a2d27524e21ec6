#ifndef WORKER_FRAME_TRY_AGAIN_DB_H
#define WORKER_FRAME_TRY_AGAIN_DB_H

#include <stdbool.h>

#include "lib/conf.h"
#include "lib/db/db.h"

/* A dbq_run: the operator may have mended something, so what waited for that is tried now. */
struct try_again {
	void *owner;
	bool stopped[ENV__COUNT]; /* out: its app is stopped and is tested at once */
};
enum db_rc try_again_run(struct db *db, void *job);

#endif
