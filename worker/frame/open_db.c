/* The worker's connection to the database. */
#include "worker/frame/open_db.h"

#include "lib/arena.h"
#include "lib/conf.h"
#include "lib/log.h"
#include "sql/instance_key.h"
#include "sql/stmt.h"
#include "sql/store.h"

struct db *
open_db(const struct db_conf *conf)
{
	return db_open(conf, sql_stmts, SQL__COUNT, DB_USER_WORKER);
}

int
open_db_check(const struct conf *conf, const struct keyring *keys)
{
	struct arena *mem = arena_new();
	struct db *db = open_db(&conf->db_worker);
	const char *why = NULL;
	enum db_rc rc;

	db_use(db, mem);
	rc = db_check(db, SCHEMA_VERSION, &why);
	if (rc == DB_OK)
		rc = instance_key_start(db, keys, conf->key_file, &why);
	if (rc == DB_FAIL)
		log_error("event=database_refused why=\"%s\"", why != NULL ? why : "unknown");
	db_close(db);
	arena_free(mem);
	if (rc == DB_OK)
		return 0;
	return rc == DB_FAIL ? -1 : 1;
}
