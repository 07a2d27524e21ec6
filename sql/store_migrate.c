/*
 * Migrations: forward only, one at a time across hosts (a named lock), each recorded by its own
 * last statement. DDL commits implicitly, so a migration that failed half-way must be repaired by
 * hand. Views follow; each is created again when its text has changed.
 */
#include "sql/store.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "lib/crypto.h"
#include "lib/db/db_check.h"
#include "lib/log.h"
#include "sql/migrate.h"

#define LOCK "CONCAT('pintempo.migrate.', LEFT(DATABASE(), 40))"
#define HASH_TEXT_SIZE (2 * SHA256_SIZE + 1)

/* The current schema version; 0 for an empty database. */
static enum db_rc
schema_version_read(struct db *db, int64_t *version, const char **why)
{
	enum db_rc rc;
	int64_t tables;

	*version = 0;
	rc = db_ask(db, DB_CHECK_PRE_RELEASE, &tables, why);
	if (rc == DB_OK && tables > 0) {
		*why = DB_CHECK_REFUSED;
		return DB_FAIL;
	}
	if (rc == DB_OK)
		rc = db_ask(db,
		    "SELECT COUNT(*) FROM information_schema.tables "
		    "WHERE table_schema = DATABASE() AND table_name = 'schema_versions'",
		    &tables, why);
	if (rc != DB_OK || tables == 0)
		return rc;
	return db_ask(db, "SELECT COALESCE(MAX(version), 0) FROM schema_versions", version, why);
}

static enum db_rc
migration_apply(
    struct db *db, const struct migration *m, char *room, size_t room_len, const char **why)
{
	enum db_rc rc = db_script(db, m->text, why);

	if (rc == DB_OK) {
		log_info("event=migrated version=%d name=%s", m->version, m->name);
		return DB_OK;
	}
	snprintf(room, room_len, "migration %s failed at %s; %s", m->name, *why,
	    m->version == 1 ? "an empty database is needed: drop this one and create it again"
			    : "restore the backup taken before, or repair by hand");
	*why = room;
	return rc;
}

static void
view_hash(const struct view *v, char out[HASH_TEXT_SIZE])
{
	unsigned char hash[SHA256_SIZE];

	crypto_sha256(v->text, strlen(v->text), hash);
	for (size_t i = 0; i < SHA256_SIZE; i++)
		snprintf(out + 2 * i, 3, "%02x", hash[i]);
}

static enum db_rc
view_is_current(struct db *db, const struct view *v, int64_t *same, const char **why)
{
	char hash[HASH_TEXT_SIZE], text[300];

	view_hash(v, hash);
	snprintf(text, sizeof(text),
	    "SELECT COUNT(*) FROM schema_views WHERE name = '%s' AND text_hash = '%s'", v->name,
	    hash);
	return db_ask(db, text, same, why);
}

static enum db_rc
view_apply(struct db *db, const struct view *v, const char **why)
{
	char hash[HASH_TEXT_SIZE], text[300];
	int64_t same;
	enum db_rc rc = view_is_current(db, v, &same, why);

	if (rc != DB_OK || same > 0)
		return rc;
	rc = db_script(db, v->text, why);
	if (rc != DB_OK)
		return rc;
	log_info("event=view_made name=%s", v->name);
	view_hash(v, hash);
	snprintf(text, sizeof(text),
	    "REPLACE INTO schema_views (name, text_hash, applied_at) "
	    "VALUES ('%s', '%s', UTC_TIMESTAMP(6))",
	    v->name, hash);
	return db_script(db, text, why);
}

enum db_rc
store_views_check(struct db *db, const char **old, const char **why)
{
	const struct view *v;
	enum db_rc rc = DB_OK;
	int64_t same = 1;

	*old = NULL;
	for (v = sql_views; v->name != NULL && rc == DB_OK && *old == NULL; v++) {
		rc = view_is_current(db, v, &same, why);
		if (rc == DB_OK && same == 0)
			*old = v->name;
	}
	return rc;
}

static enum db_rc
migrations_run(
    struct db *db, const struct migration *table, const struct view *views, const char **why)
{
	static _Thread_local char room[700];
	enum db_rc rc;
	int64_t version, locked, unlocked;
	const char *ignored;

	rc = db_ask(db, "SELECT GET_LOCK(" LOCK ", 60)", &locked, why);
	if (rc != DB_OK)
		return rc;
	if (locked != 1) {
		*why = "another migration is running; wait for it and run this again";
		return DB_FAIL;
	}
	rc = schema_version_read(db, &version, why);
	for (; rc == DB_OK && table->version != 0; table++)
		if (table->version > version)
			rc = migration_apply(db, table, room, sizeof(room), why);
	for (; rc == DB_OK && views != NULL && views->name != NULL; views++)
		rc = view_apply(db, views, why);
	if (rc == DB_OK)
		(void)db_ask(db, "SELECT RELEASE_LOCK(" LOCK ")", &unlocked, &ignored);
	return rc;
}

enum db_rc
store_migrate(struct db *db, const char **why)
{
	return migrations_run(db, sql_schema, sql_views, why);
}

enum db_rc
store_migrate_views(struct db *db, const struct view *views, const char **why)
{
	return migrations_run(db, &(const struct migration){ 0 }, views, why);
}

enum db_rc
store_migrate_sandbox(struct db *db, const char **why)
{
	return migrations_run(db, sql_sandbox_schema, NULL, why);
}
