#ifndef SQL_MIGRATE_H
#define SQL_MIGRATE_H

#include "lib/db/db.h"

/* The embedded schema files (sql/embed_schema.awk), in order; a version of 0 ends each table. */
struct migration {
	int version;
	const char *name;
	const char *text; /* its last statement adds it to schema_versions */
};

extern const struct migration sql_schema[];
extern const struct migration sql_sandbox_schema[];

/* The embedded views (sql/view), which follow their text: CREATE OR REPLACE VIEW. */
struct view {
	const char *name; /* NULL ends the table */
	const char *text;
};
extern const struct view sql_views[];
/* store_migrate() for these views alone, so that a test can change one. */
enum db_rc store_migrate_views(struct db *db, const struct view *views, const char **why);

#endif
