#ifndef SQL_STORE_PAUSE_H
#define SQL_STORE_PAUSE_H

#include <stdbool.h>

#include "sql/store.h"

struct store_pause {
	struct uuid project;
	const struct uuid *account; /* of that project; NULL for a project */
	bool on;                    /* false: go on */
	const struct actor *by;     /* NULL: no activity is written */
};

/*
 * Holds an account or a project, or lets it go on and has its lanes looked at; writes the activity.
 * Inside the caller's transaction. DB_NONE: it is so already, or it is not there.
 */
enum db_rc store_pause_account(struct db *db, const struct store_pause *p);
enum db_rc store_pause_project(struct db *db, const struct store_pause *p);

#endif
