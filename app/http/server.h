#ifndef APP_HTTP_SERVER_H
#define APP_HTTP_SERVER_H

#include <stdbool.h>
#include <stddef.h>

#include "app/http/outlet.h"
#include "lib/attr.h"
#include "lib/db/db.h"

struct FCGX_Request;
struct arena;
struct conn;

/* What each thread of the server has for itself. */
struct server_thread {
	struct db *db;
	struct arena *mem; /* emptied after each request */
	struct conn *conn; /* of the request: its body and its client */
	int stop_fd;       /* becomes readable (or hangs up) when the program is to end */
};

/*
 * The FastCGI server of both programs: one listening socket, and threads that share only what
 * `arg` points at.
 */
struct server_setup {
	const char *listen_path; /* unix socket to create; NULL: descriptor 0 is the socket */
	int backlog;             /* of listen_path */
	size_t threads;
	struct client_pace pace;
	const struct db_conf *database;
	const struct db_stmt *statements;
	size_t statements_len;
	enum db_user user;
	int schema_version;
	const char *wakeup_socket; /* NULL: nobody is to be woken */
	/*
	 * Once the database is fit: DB_FAIL with *why (in the arena of `db`) ends the program.
	 * NULL: nothing more to check.
	 */
	enum db_rc (*check)(const void *arg, struct db *db, const char **why);
	/* Writes the reply. True: wake the worker once the reply is finished. */
	bool (*answer)(const void *arg, const struct server_thread *t, struct FCGX_Request *fcgi);
	void (*reload)(const void *arg); /* on SIGHUP; NULL: SIGHUP is ignored */
	const void *arg;
};

/*
 * Serves until SIGTERM, SIGINT or SIGUSR1. Then requests in hand and those already queued on the
 * socket are still answered (the latter for 2 s). Everything in `setup` must live until then.
 * Returns main's exit status; the reason of a failure is logged. A database that is away is no
 * failure; one that does not fit (another schema, or refused by `check`) is, also when it comes
 * back. Exits the process when a thread hangs for 60 s after a stop.
 */
MUST_CHECK int server_run(const struct server_setup *setup);

#endif
