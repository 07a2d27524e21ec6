#ifndef TESTS_WITH_DB_H
#define TESTS_WITH_DB_H

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "lib/arena.h"
#include "lib/crypto.h"
#include "lib/db/db.h"
#include "lib/log.h"

/* For test programs that need MariaDB: the first call runs the program again under
 * tests/with-db.sh, which starts a private server; without mariadbd the test is skipped.
 */
static inline void
with_db(char **argv)
{
	const char *top = getenv("top_srcdir");
	static char script[4096];

	if (getenv("PINTEMPO_TEST_SOCKET") == NULL) {
		snprintf(script, sizeof(script), "%s/tests/with-db.sh", top ? top : ".");
		setenv("PINTEMPO_SKIP_STATUS", "0", 1);
		execl(script, script, argv[0], (char *)NULL);
		printf("Bail out! cannot run %s\n", script);
		exit(99);
	}
	log_open("test", getenv("PINTEMPO_TEST_DEBUG") ? LOG_LVL_DEBUG : LOG_LVL_ERROR);
	crypto_start();
	db_start();
}

/* Connects as root to the test server; `database` may be NULL. */
static inline struct db_conf
with_db_conf(const char *database)
{
	return (struct db_conf){ .socket = getenv("PINTEMPO_TEST_SOCKET"),
		.user = "root",
		.database = database,
		.timeout_s = 10 };
}

/* For a step that a test depends on: ends the program unless the result is DB_OK. */
static inline void
must(enum db_rc rc)
{
	if (rc == DB_OK)
		return;
	printf("Bail out! a step of the test failed: %s\n", db_rc_name(rc));
	exit(99);
}

static inline void
with_db_script(const char *database, const char *sql)
{
	struct db_conf conf = with_db_conf(database);
	struct db *db = db_open(&conf, NULL, 0, DB_USER_CTL);
	const char *why;

	if (db_script(db, sql, &why) != DB_OK) {
		printf("Bail out! %s: %s\n", sql, why);
		exit(99);
	}
	db_close(db);
}

/* Creates an empty database for this process. The name stays valid until the program ends. */
static inline const char *
with_db_fresh(const char *name)
{
	static char full[8][64];
	static unsigned used;
	char sql[300], *mine = full[used++ % 8];

	snprintf(mine, sizeof(full[0]), "%s_%ld", name, (long)getpid());
	snprintf(sql, sizeof(sql),
	    "DROP DATABASE IF EXISTS %s; CREATE DATABASE %s CHARACTER SET utf8mb4", mine, mine);
	with_db_script(NULL, sql);
	return mine;
}

static inline void
with_db_drop(const char *database)
{
	char sql[300];

	snprintf(sql, sizeof(sql), "DROP DATABASE %s", database);
	with_db_script(NULL, sql);
}

#endif
