/*
 * pintempo-sandbox.fcgi: Pinterest v5 for rehearsals and tests. Start-up order, threads, stop.
 */
#include "config.h"

#include <errno.h>
#include <fcgiapp.h>
#include <fcntl.h>
#include <getopt.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "app/sandbox/call.h"
#include "app/sandbox/fetch.h"
#include "app/sandbox/route.h"
#include "lib/arena.h"
#include "lib/conf.h"
#include "lib/crypto.h"
#include "lib/db/db.h"
#include "lib/http.h"
#include "lib/json.h"
#include "lib/log.h"
#include "lib/num.h"
#include "lib/xalloc.h"
#include "sql/sandbox_stmt.h"

#define SANDBOX_SCHEMA_VERSION 1
#define THREADS 16
#define BACKLOG 511
#define TOKEN_MAX 256

struct options {
	const char *config;
	const char *listen;
	const char *prefix;
	const char *admin_token_file;
	int64_t threads;
};

struct worker {
	pthread_t thread;
	const struct sim *sim;
	int listen_fd;
};

static void
usage(FILE *out)
{
	fputs("usage: pintempo-sandbox.fcgi --config FILE [--listen SOCKET] [--prefix /sandbox]\n"
	      "       [--admin-token-file FILE] [--threads N]\n"
	      "Pinterest v5 for rehearsals (docs/sandbox.md). Without --listen the socket is\n"
	      "standard input.\n",
	    out);
}

/* 0: go on; else main's exit status plus one. */
static int
options_read(struct options *o, int argc, char **argv)
{
	static const struct option longs[] = { { "config", required_argument, NULL, 'c' },
		{ "listen", required_argument, NULL, 'l' },
		{ "prefix", required_argument, NULL, 'p' },
		{ "admin-token-file", required_argument, NULL, 'a' },
		{ "threads", required_argument, NULL, 't' }, { "help", no_argument, NULL, 'h' },
		{ "version", no_argument, NULL, 'v' }, { NULL, 0, NULL, 0 } };
	int ch;

	while ((ch = getopt_long(argc, argv, "", longs, NULL)) != -1) {
		switch (ch) {
		case 'c': o->config = optarg; break;
		case 'l': o->listen = optarg; break;
		case 'p': o->prefix = optarg; break;
		case 'a': o->admin_token_file = optarg; break;
		case 't':
			if (num_parse(optarg, 1, 256, &o->threads) == 0)
				break;
			fputs("--threads: 1 to 256 expected\n", stderr);
			return 3;
		case 'h': usage(stdout); return 1;
		case 'v': puts("pintempo-sandbox.fcgi " PACKAGE_VERSION); return 1;
		default: usage(stderr); return 3; /* getopt_long has told what is wrong */
		}
	}
	if (o->config == NULL || optind != argc) {
		usage(stderr);
		return 3;
	}
	return 0;
}

/* The first line of the file; NULL: the reason is logged. */
static char *
token_load(const char *path)
{
	char line[TOKEN_MAX];
	FILE *f = fopen(path, "re");
	char *token = NULL;

	if (f != NULL && fgets(line, sizeof(line), f) != NULL) {
		line[strcspn(line, "\r\n")] = '\0';
		if (*line != '\0')
			token = xstrdup(line);
	}
	if (token == NULL)
		log_error("event=admin_token_unreadable file=%s", path);
	if (f != NULL)
		fclose(f);
	crypto_wipe(line, sizeof(line));
	return token;
}

/* The listening socket; -1: the reason is logged. */
static int
listen_on(const char *path)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };
	int fd;

	if (path == NULL)
		return 0;
	if (strlen(path) >= sizeof(a.sun_path)) {
		log_error("event=listen_failed path=%s error=\"path too long\"", path);
		return -1;
	}
	memcpy(a.sun_path, path, strlen(path));
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	(void)unlink(path);
	if (fd == -1 || bind(fd, (struct sockaddr *)&a, sizeof(a)) == -1 ||
	    chmod(path, 0660) == -1 || listen(fd, BACKLOG) == -1) {
		log_error("event=listen_failed path=%s error=\"%s\"", path, strerror(errno));
		if (fd != -1)
			close(fd);
		return -1;
	}
	return fd;
}

static void
answer(const struct sim *sim, struct db *db, struct arena *mem, FCGX_Request *f)
{
	struct front_request req;
	struct call c = { .sim = sim, .db = db, .mem = mem, .req = &req };

	front_read(&req, f, sim->prefix, mem);
	route_answer(&c);
	front_write(&c.reply, f, sim->stop_fd);
	log_debug("event=request method=%s target=%s status=%d rid=%s fault=%s", req.method,
	    req.path == NULL ? "-" : req.path, c.reply.status,
	    c.reply.rid == NULL ? "-" : c.reply.rid, c.reply.fault == NULL ? "-" : c.reply.fault);
	json_object_put(c.json);
}

/* The loop of design/reliability.md 4.2: no thread waits in accept() with the stop unseen. */
static void *
work(void *arg)
{
	const struct worker *w = arg;
	const struct sim *sim = w->sim;
	struct db *db =
	    db_open(&sim->conf->db_sandbox, sql_sandbox_stmts, SBX__COUNT, DB_USER_SANDBOX);
	struct arena *mem = arena_new();
	FCGX_Request f;

	db_use(db, mem);
	FCGX_InitRequest(&f, w->listen_fd, 0);
	for (;;) {
		struct pollfd p[2] = { { f.ipcFd >= 0 ? f.ipcFd : w->listen_fd, POLLIN, 0 },
			{ sim->stop_fd, POLLIN, 0 } };
		int rc;

		if (poll(p, 2, -1) < 0)
			continue;
		if (p[1].revents != 0)
			break;
		rc = FCGX_Accept_r(&f);
		if (rc == -EAGAIN)
			continue;
		if (rc < 0)
			break;
		answer(sim, db, mem, &f);
		FCGX_Finish_r(&f);
		arena_reset(mem);
	}
	FCGX_Free(&f, 1);
	db_close(db);
	arena_free(mem);
	return NULL;
}

static int
schema_good(const struct conf *conf)
{
	struct arena *mem = arena_new();
	struct db *db = db_open(&conf->db_sandbox, sql_sandbox_stmts, SBX__COUNT, DB_USER_SANDBOX);
	const char *why = NULL;
	enum db_rc rc;

	db_use(db, mem);
	rc = db_check(db, SANDBOX_SCHEMA_VERSION, &why);
	if (rc == DB_FAIL)
		log_error("event=schema_refused why=\"%s\"", why == NULL ? "-" : why);
	else if (rc != DB_OK)
		log_warn("event=database_away result=%s", db_rc_name(rc));
	db_close(db);
	arena_free(mem);
	return rc != DB_FAIL;
}

/* Runs until SIGTERM or SIGINT; then requests in hand are finished. */
static void
serve(struct sim *sim, int listen_fd, size_t threads)
{
	struct worker *workers = xcalloc(threads, sizeof(*workers));
	sigset_t set;
	int stop[2], sig;

	if (pipe2(stop, O_CLOEXEC) == -1)
		panic("pipe2: %s", strerror(errno));
	fcntl(listen_fd, F_SETFL, fcntl(listen_fd, F_GETFL) | O_NONBLOCK);
	sim->stop_fd = stop[0];
	sigfillset(&set);
	pthread_sigmask(SIG_SETMASK, &set, NULL);
	for (size_t i = 0; i < threads; i++) {
		workers[i].sim = sim;
		workers[i].listen_fd = listen_fd;
		if (pthread_create(&workers[i].thread, NULL, work, &workers[i]) != 0)
			panic("pthread_create failed");
	}
	log_info("event=started threads=%zu prefix=%s admin=%s", threads, sim->prefix,
	    sim->admin_token == NULL ? "off" : "on");
	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	while (sigwait(&set, &sig) != 0)
		continue;
	if (write(stop[1], "", 1) != 1)
		panic("stop pipe: %s", strerror(errno));
	for (size_t i = 0; i < threads; i++)
		pthread_join(workers[i].thread, NULL);
	log_info("event=stopped");
	close(stop[0]);
	close(stop[1]);
	free(workers);
}

int
main(int argc, char **argv)
{
	struct options o = { .prefix = "/sandbox", .threads = THREADS };
	struct sim sim = { 0 };
	struct conf *conf = NULL;
	char *token = NULL;
	int fd = -1, status = 1;
	int stop = options_read(&o, argc, argv);

	if (stop != 0)
		return stop - 1;
	log_open("pintempo-sandbox", LOG_LVL_INFO);
	conf = conf_load(o.config, stderr);
	if (conf == NULL)
		return 1;
	log_set_level(conf->log_level);
	crypto_start();
	db_start();
	http_start();
	FCGX_Init();
	if (conf->sandbox_database_name == NULL) {
		log_error("event=no_sandbox_database why=\"set [database] sandbox_name\"");
		goto out;
	}
	if (o.admin_token_file != NULL && (token = token_load(o.admin_token_file)) == NULL)
		goto out;
	if (!schema_good(conf))
		goto out;
	fd = listen_on(o.listen);
	if (fd == -1)
		goto out;
	sim.conf = conf;
	sim.prefix = o.prefix;
	sim.admin_token = token;
	sim.images = fetch_cache_new(&conf->outbound);
	serve(&sim, fd, (size_t)o.threads);
	if (o.listen != NULL)
		(void)unlink(o.listen);
	status = 0;
out:
	fetch_cache_free(sim.images);
	free(token);
	conf_free(conf);
	return status;
}
