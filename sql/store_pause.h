#ifndef SQL_STORE_PAUSE_H
#define SQL_STORE_PAUSE_H

#include <stdbool.h>

#include "sql/store.h"

struct store_pause {
	struct uuid project;
	const struct uuid *account; /* in that project; NULL: the project itself */
	bool on;                    /* false: resume */
	const struct actor *by;     /* NULL: no activity is written */
};

/*
 * Pauses or resumes an account or project and writes the activity; resuming makes its lanes due.
 * Inside the caller's transaction. DB_NONE: no change, or not found.
 */
enum db_rc store_pause_account(struct db *db, const struct store_pause *p);
enum db_rc store_pause_project(struct db *db, const struct store_pause *p);

#endif
