/* The bare reference: the minimum a FastCGI program can do for a request that reads or writes one
 * row. `select`: one prepared primary-key SELECT, answered as JSON. `insert`: one durable
 * autocommit INSERT of the request body. Threads and accept loop are like pintempo.fcgi's.
 */
#include <fcgiapp.h>
#include <fcntl.h>
#include <mysql.h>
#include <poll.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct bare {
	int fd;
	int insert;
	const char *socket, *user, *database;
};

static void
fatal(const char *what, const char *why)
{
	fprintf(stderr, "bare_fcgi: %s: %s\n", what, why);
	exit(1);
}

static MYSQL_STMT *
prepare(const struct bare *b, MYSQL **db)
{
	const char *sql = b->insert ? "INSERT INTO bare_in (id, body) VALUES (UUID(), ?)"
				    : "SELECT body FROM bare_row WHERE id = ?";
	MYSQL_STMT *stmt;

	*db = mysql_init(NULL);
	if (mysql_real_connect(*db, NULL, b->user, NULL, b->database, 0, b->socket, 0) == NULL)
		fatal("connect", mysql_error(*db));
	stmt = mysql_stmt_init(*db);
	if (mysql_stmt_prepare(stmt, sql, strlen(sql)) != 0)
		fatal("prepare", mysql_stmt_error(stmt));
	return stmt;
}

static void
run(MYSQL_STMT *stmt, const char *in, unsigned long in_len, char *out, unsigned long room)
{
	MYSQL_BIND bind = { 0 };
	unsigned long len = 0;

	bind.buffer_type = MYSQL_TYPE_STRING;
	bind.buffer = (void *)(uintptr_t)in;
	bind.buffer_length = in_len;
	bind.length = &in_len;
	if (mysql_stmt_bind_param(stmt, &bind) != 0 || mysql_stmt_execute(stmt) != 0)
		fatal("execute", mysql_stmt_error(stmt));
	if (out == NULL)
		return;
	memset(&bind, 0, sizeof bind);
	bind.buffer_type = MYSQL_TYPE_STRING;
	bind.buffer = out;
	bind.buffer_length = room - 1;
	bind.length = &len;
	out[0] = '\0';
	if (mysql_stmt_bind_result(stmt, &bind) != 0 || mysql_stmt_store_result(stmt) != 0)
		fatal("result", mysql_stmt_error(stmt));
	if (mysql_stmt_fetch(stmt) == 0)
		out[len < room ? len : room - 1] = '\0';
	mysql_stmt_free_result(stmt);
}

static void *
serve(void *arg)
{
	const struct bare *b = arg;
	MYSQL *db;
	MYSQL_STMT *stmt = prepare(b, &db);
	struct pollfd p = { b->fd, POLLIN, 0 };
	char body[8192], out[4096];
	FCGX_Request r;

	FCGX_InitRequest(&r, b->fd, 0);
	for (;;) {
		const char *uri;
		int n;

		if (poll(&p, 1, -1) < 0 || FCGX_Accept_r(&r) < 0)
			continue;
		if (b->insert) {
			n = FCGX_GetStr(body, sizeof body, r.in);
			run(stmt, body, (unsigned long)n, NULL, 0);
			FCGX_FPrintF(r.out,
			    "Status: 201 Created\r\nContent-Type: application/json\r\n"
			    "\r\n{\"ok\":true}");
		} else {
			uri = FCGX_GetParam("REQUEST_URI", r.envp);
			uri = uri == NULL ? "" : strrchr(uri, '/') + 1;
			run(stmt, uri, (unsigned long)strlen(uri), out, sizeof out);
			FCGX_FPrintF(r.out, "Content-Type: application/json\r\n\r\n%s", out);
		}
		FCGX_Finish_r(&r);
	}
	return NULL;
}

int
main(int argc, char **argv)
{
	struct bare b;
	pthread_t t;
	int i, threads;

	if (argc != 7)
		fatal("usage", "bare_fcgi select|insert LISTEN THREADS DB_SOCKET USER DATABASE");
	b.insert = strcmp(argv[1], "insert") == 0;
	threads = (int)strtol(argv[3], NULL, 10);
	b.socket = argv[4];
	b.user = argv[5];
	b.database = argv[6];
	FCGX_Init();
	mysql_library_init(0, NULL, NULL);
	b.fd = FCGX_OpenSocket(argv[2], 128);
	if (b.fd < 0)
		fatal("listen", argv[2]);
	fcntl(b.fd, F_SETFL, O_NONBLOCK);
	for (i = 1; i < threads; i++)
		pthread_create(&t, NULL, serve, &b);
	serve(&b);
}
