#ifndef SQL_STORE_APP_H
#define SQL_STORE_APP_H

#include "lib/conf.h"
#include "lib/db/db.h"

/*
 * The operator has acted (`pintempo resume app`, a worker's start or reload): what waited for that
 * in this environment is tried now. A stopped app is tested by the next create, lanes get their
 * turns, expired tokens are asked for. Inside the caller's transaction. DB_NONE: the app is not
 * stopped; the rest was done.
 */
enum db_rc store_app_try_again(struct db *db, enum environment environment);

#endif
