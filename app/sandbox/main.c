/* pintempo-sandbox.fcgi: Pinterest v5 for rehearsals and tests. Options and start-up. */
#include "config.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/http/conn.h"
#include "app/http/limiter.h"
#include "app/http/server.h"
#include "app/http/shares.h"
#include "app/sandbox/sim_call.h"
#include "app/sandbox/sim_fetch.h"
#include "app/sandbox/sim_route.h"
#include "app/sandbox/sim_sweep.h"
#include "app/sandbox/sim_turns.h"
#include "lib/arena.h"
#include "lib/clock.h"
#include "lib/conf.h"
#include "lib/crypto.h"
#include "lib/db/db.h"
#include "lib/http.h"
#include "lib/json.h"
#include "lib/log.h"
#include "lib/num.h"
#include "lib/sandbox_name.h"
#include "lib/secret_file.h"
#include "lib/uuid.h"
#include "lib/version.h"
#include "lib/xalloc.h"
#include "sql/sandbox_stmt.h"
#include "sql/store.h"

#define THREADS 16
#define USER_PART 4 /* of the threads: what one user may have */
#define BACKLOG 511
#define TOKEN_MAX 256

struct sim_options {
	const char *config;
	const char *listen;
	const char *prefix;
	const char *admin_token_file;
	int64_t threads;
};

static void
usage_print(FILE *out)
{
	fputs("usage: pintempo-sandbox.fcgi --config FILE [--listen SOCKET] [--prefix /sandbox]\n"
	      "       [--admin-token-file FILE] [--threads N]\n"
	      "Pinterest v5 for rehearsals (docs/sandbox.md). Without --listen the socket is\n"
	      "standard input.\n",
	    out);
}

/* 0: continue; otherwise main's exit status plus one. */
static int
options_read(struct sim_options *o, int argc, char **argv)
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
		case 'h': usage_print(stdout); return 1;
		case 'v': printf("pintempo-sandbox.fcgi %s\n", version_text()); return 1;
		default: usage_print(stderr); return 3; /* getopt_long has printed what is wrong */
		}
	}
	if (o->config == NULL || optind != argc) {
		usage_print(stderr);
		return 3;
	}
	return 0;
}

/* The first line of the file; NULL after a log line. */
static char *
admin_token_load(const char *path)
{
	char text[TOKEN_MAX], why[SECRET_FILE_WHY_SIZE] = "its first line is empty";
	char *token = NULL;

	if (secret_file_read(path, text, sizeof(text), why, NULL) != -1) {
		text[strcspn(text, "\r\n")] = '\0';
		if (*text != '\0')
			token = xstrdup(text);
	}
	if (token == NULL)
		log_error("event=admin_token_refused file=%s why=\"%s\"", path, why);
	crypto_wipe(text, sizeof(text));
	return token;
}

/*
 * An answer that is held back waits without a thread, unless it is to be broken off or drip: those
 * only tests can ask for.
 */
static void
reply_send(struct sim_call *c, struct FCGX_Request *fcgi)
{
	struct uuid user = { { 0 } };

	memcpy(user.b, &c->user_id, sizeof(c->user_id));
	conn_owner(c->conn, &user);
	if (c->reply.cut == SIM_CUT_NONE)
		conn_delay(c->conn, c->hold_ms);
	else
		sim_sleep(c->hold_ms, c->stop_fd);
	sim_reply_write(&c->reply, fcgi, c->conn, c->stop_fd);
}

static bool
request_answer(const void *arg, const struct server_thread *t, struct FCGX_Request *fcgi)
{
	const struct sim *sim = arg;
	struct sim_request req;
	struct sim_call c = {
		.sim = sim, .db = t->db, .mem = t->mem, .stop_fd = t->stop_fd, .req = &req
	};

	c.conn = t->conn;
	sim_request_read(&req, fcgi, sim->prefix, c.mem);
	sim_route_answer(&c);
	reply_send(&c, fcgi);
	log_debug("event=request method=%s target=%s status=%d rid=%s fault=%s", req.method,
	    req.path == NULL ? "-" : req.path, c.reply.status,
	    c.reply.rid == NULL ? "-" : c.reply.rid, c.reply.fault == NULL ? "-" : c.reply.fault);
	json_object_put(c.json);
	sim_request_free(&req);
	return false;
}

static void
simulator_reload(const void *arg)
{
	const struct sim *sim = arg;

	conf_reload_level(sim->conf->path);
}

static int
simulator_run(const struct sim_options *o, const struct conf *conf, const char *admin_token)
{
	struct arena *mem = arena_new();
	const struct sim sim = {
		.conf = conf,
		.prefix = o->prefix,
		.admin_token = admin_token,
		.callback = arena_printf(mem, "%s" OAUTH_CALLBACK_PATH, conf->public_url),
		.images = sim_fetch_cache_new(&conf->outbound, conf->outbound_ca),
		.bodies = limiter_new((int)o->threads / 4),
		.users = shares_new((int)o->threads, (int)o->threads / USER_PART),
		.turns = sim_turns_new((int)o->threads),
	};
	const struct server_setup setup = {
		.listen_path = o->listen,
		.backlog = BACKLOG,
		.threads = (size_t)o->threads,
		.pace = { .patience_us = 10 * US_PER_S, .bytes_per_s = 65536 },
		.database = &conf->db_sandbox,
		.statements = sql_sandbox_stmts,
		.statements_len = SBX__COUNT,
		.user = DB_USER_SANDBOX,
		.schema_version = SANDBOX_SCHEMA_VERSION,
		.answer = request_answer,
		.reload = simulator_reload,
		.arg = &sim,
	};
	struct sim_sweep *sweep;
	int status;

	log_info("event=simulator prefix=%s admin=%s", o->prefix, admin_token ? "on" : "off");
	sweep = sim_sweep_new(conf);
	status = server_run(&setup);
	sim_sweep_free(sweep);
	sim_fetch_cache_free(sim.images);
	limiter_free(sim.bodies);
	shares_free(sim.users);
	sim_turns_free(sim.turns);
	arena_free(mem);
	return status;
}

int
main(int argc, char **argv)
{
	struct sim_options o = { .prefix = "/sandbox", .threads = THREADS };
	struct conf *conf;
	char *token = NULL;
	int status = EXIT_FAILURE;
	int stop = options_read(&o, argc, argv);

	if (stop != 0)
		return stop - 1;
	xalloc_start();
	log_open("pintempo-sandbox", LOG_LVL_INFO);
	conf = conf_load(o.config, stderr);
	if (conf == NULL)
		return EXIT_FAILURE;
	log_set_level(conf->log_level);
	crypto_start();
	db_start();
	http_start();
	if (o.admin_token_file != NULL)
		token = admin_token_load(o.admin_token_file);
	if (conf->sandbox_database_name == NULL)
		log_error("event=no_sandbox_database why=\"set [database] sandbox_name\"");
	else if (o.admin_token_file == NULL || token != NULL)
		status = simulator_run(&o, conf, token);
	free(token);
	conf_free(conf);
	return status;
}
