/* pintempo.fcgi: options, configuration and keys; then the server answers with app/routes.c. */
#include "config.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/http/admit.h"
#include "app/http/call.h"
#include "app/http/dispatch.h"
#include "app/http/limiter.h"
#include "app/http/limits.h"
#include "app/http/places.h"
#include "app/http/server.h"
#include "app/http/shares.h"
#include "app/pinterest/upstream_places.h"
#include "app/routes.h"
#include "lib/clock.h"
#include "lib/conf.h"
#include "lib/crypto.h"
#include "lib/db/db.h"
#include "lib/http.h"
#include "lib/keyring.h"
#include "lib/log.h"
#include "lib/num.h"
#include "lib/version.h"
#include "lib/xalloc.h"
#include "sql/instance_key.h"
#include "sql/stmt.h"

#define PROGRAM "pintempo.fcgi"
#define DEFAULT_CONFIG "/etc/pintempo/pintempo.conf"
#define DEFAULT_BACKLOG 1024

struct program {
	const char *config_path;
	struct app app;
};

static bool
request_answer(const void *arg, const struct server_thread *t, struct FCGX_Request *fcgi)
{
	const struct program *p = arg;

	return dispatch_request(&p->app, t, fcgi);
}

static enum db_rc
key_check(const void *arg, struct db *db, const char **why)
{
	const struct program *p = arg;

	return instance_key_start(db, p->app.keys, p->app.conf->key_file, why);
}

static void
program_reload(const void *arg)
{
	const struct program *p = arg;

	conf_reload_level(p->config_path);
}

static int
program_run(const char *config_path, const char *listen_path, int backlog)
{
	struct conf *conf = conf_load(config_path, stderr);
	struct keyring *keys = NULL;
	struct program p = { .config_path = config_path };
	int status = EXIT_FAILURE;

	if (conf == NULL) {
		log_error("event=start_failed step=configuration");
		return EXIT_FAILURE;
	}
	log_set_level(conf->log_level);
	crypto_start();
	http_start();
	db_start();
	keys = keyring_load(conf->key_file);
	p.app.conf = conf;
	p.app.keys = keys;
	p.app.routes = routes;
	p.app.routes_len = routes_len;
	p.app.imports = shares_new((int)conf->threads / 2, (int)conf->threads / 4);
	p.app.bodies = shares_new((int)conf->threads / 2, (int)conf->threads / 4);
	p.app.making = limiter_new((int)conf->threads / 8);
	p.app.limits = limits_new();
	p.app.admit = admit_new(conf);
	p.app.upstream_calls = upstream_places_new(conf->threads);
	p.app.logins = places_new((int)conf->threads / 2);
	for (int e = 0; e < ENV__COUNT; e++)
		p.app.image_checks[e] =
		    shares_new((int)conf->threads / 2 - 1, (int)conf->threads / 4);
	const struct server_setup setup = {
		.listen_path = listen_path,
		.backlog = backlog,
		.threads = (size_t)conf->threads,
		.pace = { .patience_us = conf->client_patience_s * US_PER_S,
		    .bytes_per_s = conf->client_min_kib_s * 1024 },
		.database = &conf->db_app,
		.statements = sql_stmts,
		.statements_len = SQL__COUNT,
		.user = DB_USER_APP,
		.schema_version = SCHEMA_VERSION,
		.wakeup_socket = conf->wakeup_socket,
		.check = key_check,
		.answer = request_answer,
		.reload = program_reload,
		.arg = &p,
	};
	if (keys != NULL)
		status = server_run(&setup);
	else
		log_error("event=start_failed step=keys");
	shares_free(p.app.imports);
	shares_free(p.app.bodies);
	limiter_free(p.app.making);
	limits_free(p.app.limits);
	admit_free(p.app.admit);
	upstream_places_free(p.app.upstream_calls);
	places_free(p.app.logins);
	for (int e = 0; e < ENV__COUNT; e++)
		shares_free(p.app.image_checks[e]);
	keyring_free(keys);
	conf_free(conf);
	return status;
}

static int
config_print(const char *path, bool whole)
{
	struct conf *c = conf_load(path, stderr);

	if (c == NULL)
		return EXIT_FAILURE;
	if (whole)
		conf_print(c, stdout);
	else
		printf("%s: good\n", path);
	conf_free(c);
	return EXIT_SUCCESS;
}

static int
usage_print(FILE *out)
{
	fprintf(out, "usage: " PROGRAM " [--config FILE] [--listen PATH [--backlog N]]\n"
		     "       " PROGRAM " [--config FILE] --check-config | --print-config\n"
		     "       " PROGRAM " --version\n"
		     "Without --listen it serves the listening socket on descriptor 0.\n"
		     "FILE is " DEFAULT_CONFIG " unless named.\n");
	return out == stdout ? EXIT_SUCCESS : EXIT_FAILURE;
}

static const struct option options[] = {
	{ "config", required_argument, NULL, 'c' },
	{ "listen", required_argument, NULL, 'l' },
	{ "backlog", required_argument, NULL, 'b' },
	{ "check-config", no_argument, NULL, 'k' },
	{ "print-config", no_argument, NULL, 'p' },
	{ "version", no_argument, NULL, 'v' },
	{ "help", no_argument, NULL, 'h' },
	{ NULL, 0, NULL, 0 },
};

int
main(int argc, char **argv)
{
	const char *config_path = DEFAULT_CONFIG, *listen_path = NULL;
	int64_t backlog = DEFAULT_BACKLOG;
	int option, what = 0;

	xalloc_start();
	log_open(PROGRAM, LOG_LVL_INFO);
	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (option == 'c')
			config_path = optarg;
		else if (option == 'l')
			listen_path = optarg;
		else if (option == 'b' && num_parse(optarg, 1, 65535, &backlog) == 0)
			continue;
		else if (strchr("kpvh", option) != NULL)
			what = option;
		else
			return usage_print(stderr);
	}
	if (optind != argc)
		return usage_print(stderr);
	if (what == 'v') {
		printf(PROGRAM " %s\n", version_text());
		return EXIT_SUCCESS;
	}
	if (what == 'h')
		return usage_print(stdout);
	if (what != 0)
		return config_print(config_path, what == 'p');
	return program_run(config_path, listen_path, (int)backlog);
}
