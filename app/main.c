/*
 * pintempo.fcgi: N threads that share nothing but read-only configuration. Invariant: signals are
 * blocked everywhere and taken by the main thread alone; a thread waits only in wait_next(), so
 * that a stop never cuts a request (design/reliability.md 4.2).
 */
#include "config.h"

#include <errno.h>
#include <fcgiapp.h>
#include <fcntl.h>
#include <getopt.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "app/http/call.h"
#include "app/http/dispatch.h"
#include "app/http/listen.h"
#include "app/http/limiter.h"
#include "app/http/wait.h"
#include "lib/arena.h"
#include "lib/clock.h"
#include "lib/crypto.h"
#include "lib/db/db.h"
#include "lib/wakeup.h"
#include "lib/http.h"
#include "lib/keyring.h"
#include "lib/log.h"
#include "lib/num.h"
#include "lib/xalloc.h"
#include "sql/stmt.h"

#define PROGRAM "pintempo.fcgi"
#define DEFAULT_CONFIG "/etc/pintempo/pintempo.conf"
#define DEFAULT_BACKLOG 1024
#define ACCEPT_PAUSE_MS 100
/* After a stop: a thread that hangs longer than any request may take is left behind. */
#define STOP_WAIT_US (60 * US_PER_S)
#define STOP_POLL_MS 5

struct server {
	const char *config_path;
	const char *listen_path; /* NULL: descriptor 0 */
	int backlog;
	struct conf *conf;
	struct keyring *keys;
	struct app app;
	sigset_t signals;
	int listen_fd;
	int stop[2]; /* the write end is closed to stop */
	pthread_t *threads;
	size_t threads_len;
};

struct server_step {
	const char *name;
	bool (*start)(struct server *s);
};

static bool
start_conf(struct server *s)
{
	s->conf = conf_load(s->config_path, stderr);
	if (s->conf == NULL)
		return false;
	log_set_level(s->conf->log_level);
	return true;
}

static bool
start_signals(struct server *s)
{
	sigset_t blocked;

	(void)sigemptyset(&s->signals);
	(void)sigaddset(&s->signals, SIGTERM);
	(void)sigaddset(&s->signals, SIGINT);
	(void)sigaddset(&s->signals, SIGUSR1);
	(void)sigaddset(&s->signals, SIGHUP);
	blocked = s->signals;
	/* libfcgi installs handlers of its own for these: blocked, they never run. */
	(void)sigaddset(&blocked, SIGPIPE);
	return pthread_sigmask(SIG_BLOCK, &blocked, NULL) == 0;
}

static bool
start_libraries(struct server *s)
{
	(void)s;
	crypto_start();
	http_start();
	db_start();
	return FCGX_Init() == 0;
}

static bool
start_keys(struct server *s)
{
	s->keys = keyring_load(s->conf->key_file);
	return s->keys != NULL;
}

static bool
start_database(struct server *s)
{
	struct arena *mem = arena_new();
	struct db *db = db_open(&s->conf->db_app, sql_stmts, STMT__COUNT, DB_USER_APP);
	const char *why = NULL;
	enum db_rc rc;

	db_use(db, mem);
	rc = db_check(db, SCHEMA_VERSION, &why);
	if (rc == DB_FAIL)
		log_error("event=database_refused why=\"%s\"", why);
	else if (rc != DB_OK)
		log_warn("event=database_away why=\"%s\" until_then=\"requests answer 503\"",
		    why != NULL ? why : "");
	db_close(db);
	arena_free(mem);
	return rc != DB_FAIL;
}

static bool
start_listen(struct server *s)
{
	if (s->listen_path != NULL) {
		s->listen_fd = listen_open(s->listen_path, s->backlog);
	} else if (listen_is(STDIN_FILENO)) {
		s->listen_fd = STDIN_FILENO;
	} else {
		log_error(
		    "event=listen error=\"descriptor 0 is no listening socket\" do=\"start this "
		    "from a web server, spawn-fcgi or a systemd socket, or give --listen PATH\"");
		return false;
	}
	return s->listen_fd != -1 && listen_prepare(s->listen_fd) == 0;
}

/* Most often another thread won. A shortage (of descriptors, say) passes: a moment, then again. */
static void
accept_failed(int rc)
{
	if (rc == -EAGAIN || rc == -ECONNABORTED || rc == -EINTR)
		return;
	log_error("event=accept error=\"%s\"", strerror(-rc));
	(void)poll(NULL, 0, ACCEPT_PAUSE_MS);
}

static void *
serve(void *arg)
{
	const struct server *s = arg;
	struct front f = { .app = &s->app, .mem = arena_new() };
	struct wait w;
	FCGX_Request fcgi;
	bool poke;
	int rc;

	f.db = db_open(&s->conf->db_app, sql_stmts, STMT__COUNT, DB_USER_APP);
	db_use(f.db, f.mem);
	if (FCGX_InitRequest(&fcgi, s->listen_fd, FCGI_FAIL_ACCEPT_ON_INTR) != 0)
		panic("FCGX_InitRequest failed");
	wait_start(&w, s->listen_fd, s->stop[0]);
	while (wait_next(&w, fcgi.ipcFd)) {
		rc = FCGX_Accept_r(&fcgi);
		if (rc < 0) {
			accept_failed(rc);
			continue;
		}
		poke = front_answer(&f, &fcgi);
		FCGX_Finish_r(&fcgi);
		if (poke)
			hint_send(s->conf->hint_socket);
		arena_reset(f.mem);
	}
	wait_end(&w);
	FCGX_Free(&fcgi, 1);
	db_close(f.db);
	arena_free(f.mem);
	return NULL;
}

static bool
start_threads(struct server *s)
{
	size_t i;

	s->threads_len = (size_t)s->conf->threads;
	s->threads = xcalloc(s->threads_len, sizeof(*s->threads));
	s->app.conf = s->conf;
	s->app.keys = s->keys;
	s->app.slots = slots_new((int)s->conf->threads / 2);
	s->app.logins = slots_new((int)s->conf->threads / 2);
	if (pipe2(s->stop, O_CLOEXEC) == -1)
		return false;
	for (i = 0; i < s->threads_len; i++) {
		if (pthread_create(&s->threads[i], NULL, serve, s) != 0)
			panic("pthread_create failed");
	}
	return true;
}

static const struct server_step steps[] = {
	{ "configuration", start_conf },
	{ "signals", start_signals },
	{ "libraries", start_libraries },
	{ "keys", start_keys },
	{ "database", start_database },
	{ "listen", start_listen },
	{ "threads", start_threads },
};

/* SIGHUP: what may change while running is the log level; the rest waits for a restart. */
static void
reload(const struct server *s)
{
	struct conf *fresh = conf_load(s->config_path, stderr);

	if (fresh == NULL) {
		log_error("event=reload result=refused kept=\"the configuration in force\"");
		return;
	}
	log_set_level(fresh->log_level);
	log_info("event=reload result=ok changed=log_level other=\"after a restart\"");
	conf_free(fresh);
}

static void
wait_for_signals(const struct server *s)
{
	int signal = 0;

	while (sigwait(&s->signals, &signal) == 0 && signal == SIGHUP)
		reload(s);
	log_info("event=stop signal=%d", signal);
}

/* By the monotonic clock: a step of the other may neither cut a request short nor wait for ever. */
static bool
ended(pthread_t thread, int64_t until_us)
{
	while (pthread_tryjoin_np(thread, NULL) != 0) {
		if (clock_mono_us() >= until_us)
			return false;
		(void)poll(NULL, 0, STOP_POLL_MS);
	}
	return true;
}

/* True when every thread has ended. */
static bool
stop(struct server *s)
{
	int64_t end_us = clock_mono_us() + STOP_WAIT_US;
	size_t i;

	if (s->listen_path != NULL)
		(void)unlink(s->listen_path);
	(void)close(s->stop[1]);
	for (i = 0; i < s->threads_len; i++) {
		if (!ended(s->threads[i], end_us))
			return false;
	}
	return true;
}

/* Only once no thread runs. */
static void
release(struct server *s)
{
	slots_free(s->app.slots);
	slots_free(s->app.logins);
	free(s->threads);
	keyring_free(s->keys);
	conf_free(s->conf);
}

static int
run(struct server *s)
{
	size_t i;

	for (i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		if (!steps[i].start(s)) {
			log_error("event=start_failed step=%s", steps[i].name);
			if (s->threads_len == 0)
				release(s);
			return EXIT_FAILURE;
		}
	}
	log_info("event=start version=%s threads=%zu", PACKAGE_VERSION, s->threads_len);
	wait_for_signals(s);
	if (!stop(s)) {
		log_warn("event=stop_cut why=\"a request did not end in time\"");
		_exit(EXIT_FAILURE);
	}
	release(s);
	log_info("event=stopped");
	return EXIT_SUCCESS;
}

static int
print_config(const char *path, bool whole)
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
usage(FILE *out)
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
	struct server s = {
		.config_path = DEFAULT_CONFIG, .backlog = DEFAULT_BACKLOG, .listen_fd = -1
	};
	int64_t backlog;
	int option, what = 0;

	log_open(PROGRAM, LOG_LVL_INFO);
	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (option == 'c')
			s.config_path = optarg;
		else if (option == 'l')
			s.listen_path = optarg;
		else if (option == 'b' && num_parse(optarg, 1, 65535, &backlog) == 0)
			s.backlog = (int)backlog;
		else if (strchr("kpvh", option) != NULL)
			what = option;
		else
			return usage(stderr);
	}
	if (optind != argc)
		return usage(stderr);
	if (what == 'v') {
		printf(PROGRAM " " PACKAGE_VERSION "\n");
		return EXIT_SUCCESS;
	}
	if (what == 'h')
		return usage(stdout);
	if (what != 0)
		return print_config(s.config_path, what == 'p');
	return run(&s);
}
