#ifndef SQL_MIGRATE_H
#define SQL_MIGRATE_H

#include <stddef.h>

/* The embedded schema files (sql/embed_schema.awk), in order; a version of 0 ends each table. */
struct migration {
	int version;
	const char *name;
	const char *text; /* its last statement records it in schema_migrations */
};

extern const struct migration sql_schema[];
extern const struct migration sql_sandbox_schema[];

#endif
