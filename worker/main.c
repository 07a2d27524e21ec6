/*
 * pintempo-worker: options, start-up order, the table of modules, drain. Invariant: nothing but
 * main's struct worker holds state, and everything in it is freed here in reverse order.
 */
#include "config.h"

#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/clock.h"
#include "lib/crash.h"
#include "lib/crypto.h"
#include "lib/keyring.h"
#include "lib/log.h"
#include "lib/num.h"
#include "lib/version.h"
#include "lib/wakeup.h"
#include "lib/xalloc.h"
#include "worker/deliver/deliver.h"
#include "worker/frame/clock_step_db.h"
#include "worker/frame/dbq.h"
#include "worker/frame/host_id.h"
#include "worker/frame/loop.h"
#include "worker/frame/open_db.h"
#include "worker/frame/shards.h"
#include "worker/frame/try_again_db.h"
#include "worker/frame/worker.h"
#include "worker/http/transport.h"
#include "worker/import/import.h"
#include "worker/mail/mail.h"
#include "worker/promote/promote.h"
#include "worker/publish/publish.h"
#include "worker/refresh/refresh.h"
#include "worker/stats.h"
#include "worker/sweep/deadline.h"
#include "worker/sweep/reset.h"
#include "worker/sweep/retention.h"
#include "worker/turn/turn.h"
#include "worker/verify/verify.h"

/* One row per module, in the order of the tick; `place` is its pointer in struct worker. */
struct module {
	size_t place;
	void *(*make)(struct worker *w);
	int64_t (*tick)(void *self, int64_t mono_us);
	unsigned (*busy)(const void *self);
	void (*free)(void *self);
};

#define MODULE(x)                                                                                  \
	{                                                                                          \
		offsetof(struct worker, x), make_##x, x##_tick, x##_busy, x##_free                 \
	}
#define PERIODIC(x)                                                                                \
	{                                                                                          \
		offsetof(struct worker, x), make_##x, periodic_tick, periodic_busy, free           \
	}
#define MAKE(x, call)                                                                              \
	static void *make_##x(struct worker *w)                                                    \
	{                                                                                          \
		return call;                                                                       \
	}

MAKE(shards, shards_new(w))
MAKE(publish, publish_new(w))
MAKE(promote, periodic_new(w, &promote_kind))
MAKE(turn, periodic_new(w, &turn_kind))
MAKE(verify, verify_new(w))
MAKE(deadline, periodic_new(w, &deadline_kind))
MAKE(retention, periodic_new(w, &retention_kind))
MAKE(reset, periodic_new(w, &reset_kind))
MAKE(refresh, refresh_new(w))
MAKE(import, periodic_new(w, &import_kind))
MAKE(deliver, deliver_new(w))
MAKE(mail, mail_new(w))
MAKE(stats, stats_new(w))

static const struct module modules[] = {
	MODULE(shards),
	MODULE(publish),
	PERIODIC(promote),
	PERIODIC(turn),
	MODULE(verify),
	PERIODIC(deadline),
	PERIODIC(retention),
	PERIODIC(reset),
	MODULE(refresh),
	PERIODIC(import),
	MODULE(deliver),
	MODULE(mail),
	MODULE(stats),
};
#define MODULES (sizeof(modules) / sizeof(modules[0]))

struct options {
	const char *config;
	bool check, print, once, timed;
	int64_t for_us;
};

struct program {
	struct worker worker;
	struct options options;
	struct host_id host;
	int wakeup_fd;
	int64_t end_us; /* --once --for: monotonic; LOOP_NEVER: none */
	bool leaving;
	struct conf **old; /* replaced configurations, to which jobs may still refer */
	size_t old_len;
};

static void *
module_self(struct worker *w, const struct module *m)
{
	void *self;

	memcpy(&self, (char *)w + m->place, sizeof(self));
	return self;
}

/* ---- options ---- */

static int
print_usage(FILE *out, int status)
{
	fputs("usage: pintempo-worker --config FILE [--once [--for 55s]]\n"
	      "       pintempo-worker --config FILE --check-config | --print-config\n"
	      "       pintempo-worker --version\n",
	    out);
	return status;
}

static int
parse_duration(const char *text, int64_t *us)
{
	char *digits = xstrdup(text);
	size_t n = strlen(digits);
	int64_t s;
	int rc;

	if (n > 0 && digits[n - 1] == 's')
		digits[n - 1] = '\0';
	rc = num_parse(digits, 0, 86400, &s);
	free(digits);
	*us = rc == 0 ? s * US_PER_S : 0;
	return rc;
}

/* -1: go on; else the exit status. */
static int
read_options(struct options *o, int argc, char **argv)
{
	static const struct option known[] = { { "config", required_argument, NULL, 'c' },
		{ "check-config", no_argument, NULL, 'k' },
		{ "print-config", no_argument, NULL, 'p' }, { "once", no_argument, NULL, 'o' },
		{ "for", required_argument, NULL, 'f' }, { "version", no_argument, NULL, 'v' },
		{ "help", no_argument, NULL, 'h' }, { NULL, 0, NULL, 0 } };
	int c;

	while ((c = getopt_long(argc, argv, "c:h", known, NULL)) != -1) {
		switch (c) {
		case 'c': o->config = optarg; break;
		case 'k': o->check = true; break;
		case 'p': o->print = true; break;
		case 'o': o->once = true; break;
		case 'f':
			o->timed = true;
			if (parse_duration(optarg, &o->for_us) == -1) {
				fprintf(
				    stderr, "pintempo-worker: --for %s: want seconds\n", optarg);
				return 2;
			}
			break;
		case 'v': printf("pintempo-worker %s\n", version_text()); return 0;
		case 'h': return print_usage(stdout, 0);
		default: return print_usage(stderr, 2); /* getopt_long has printed the reason */
		}
	}
	if (optind != argc || o->config == NULL || (o->timed && !o->once))
		return print_usage(stderr, 2);
	return -1;
}

/* ---- start-up ---- */

/* A resident worker waits for its database; --once will be started again by cron. */
static int
wait_for_database(const struct program *p)
{
	int rc, waited = 0;

	while ((rc = open_db_check(p->worker.conf, p->worker.keyring)) == 1) {
		if (p->options.once || waited++ == 0)
			log_error("event=database_unreachable");
		if (p->options.once)
			return -1;
		usleep(500000);
	}
	return rc;
}

static void
on_wakeup(void *arg)
{
	struct program *p = arg;

	wakeup_drain(p->wakeup_fd);
	worker_wake(&p->worker, WAKE_ALL);
}

static void
on_db_answers(void *arg)
{
	struct worker *w = arg;

	dbq_collect(w->dbq);
	loop_poke(w->loop);
}

/* ---- the tick ---- */

static unsigned
modules_busy(const struct program *p)
{
	struct worker w = p->worker;
	unsigned n = w.wakes != 0 && !w.draining;

	for (size_t i = 0; i < MODULES; i++)
		n += modules[i].busy(module_self(&w, &modules[i]));
	return n;
}

static void
begin_drain(struct program *p, const char *why)
{
	if (p->worker.draining)
		return;
	log_info("event=draining why=%s", why);
	p->worker.draining = true;
	loop_poke(p->worker.loop);
}

static void
on_shards_released(void *arg)
{
	struct program *p = arg;

	loop_stop(p->worker.loop);
}

static void
leave_when_idle(struct program *p, int64_t mono_us)
{
	struct worker *w = &p->worker;
	bool known = shards_known(w->shards);

	if (p->options.once && known && shards_resident_alive(w->shards))
		begin_drain(p, "resident_worker_alive");
	if (p->options.once && known && !p->options.timed && modules_busy(p) == 0)
		begin_drain(p, "nothing_due");
	if (mono_us >= p->end_us)
		begin_drain(p, "time_over");
	if (!w->draining || p->leaving || modules_busy(p) != 0)
		return;
	p->leaving = true;
	shards_stop(w->shards, on_shards_released, p);
}

static int64_t
modules_tick(void *arg, int64_t mono_us)
{
	struct program *p = arg;
	struct worker *w = &p->worker;
	int64_t next = w->draining ? LOOP_NEVER : p->end_us;

	w->woken = w->wakes;
	w->wakes = 0;
	for (size_t i = 0; i < MODULES && !p->leaving; i++) {
		int64_t at = modules[i].tick(module_self(w, &modules[i]), mono_us);

		if (at < next)
			next = at;
	}
	leave_when_idle(p, mono_us);
	return next;
}

/* The loop waits for the check meanwhile: new keys are rare, and a wrong one must seal nothing. */
static bool
new_keys_fit(const struct program *p, const struct conf *fresh, const struct keyring *keys)
{
	return keyring_equal(keys, p->worker.keyring) || open_db_check(fresh, keys) == 0;
}

static void
on_tried_again(void *arg, enum db_rc rc)
{
	struct try_again *t = arg;
	struct program *p = t->owner;

	if (rc != DB_OK)
		log_warn("event=not_tried_again rc=%s", db_rc_name(rc));
	for (int e = 0; e < ENV__COUNT; e++)
		if (rc == DB_OK && t->stopped[e])
			log_info("event=app_tried_again environment=%s",
			    conf_environment_name((enum environment)e));
	worker_wake(&p->worker, WAKE_TURN | WAKE_REFRESH);
	free(t);
}

/* A resident worker starts or is reloaded when the operator has mended something. */
static void
try_again(struct program *p)
{
	struct try_again *t = xcalloc(1, sizeof(*t));

	t->owner = p;
	dbq_submit(p->worker.dbq, DBQ_WORK, try_again_run, on_tried_again, t);
}

static void
reload_conf(struct program *p)
{
	struct conf *fresh = conf_load(p->options.config, stderr);
	struct keyring *keys = fresh != NULL ? keyring_load(fresh->key_file) : NULL;

	if (keys == NULL || !new_keys_fit(p, fresh, keys)) {
		log_error("event=reload_refused config=%s", p->options.config);
		keyring_free(keys);
		conf_free(fresh);
		return;
	}
	p->old = xreallocarray(p->old, p->old_len + 1, sizeof(*p->old));
	p->old[p->old_len++] = p->worker.conf;
	p->worker.conf = fresh;
	transport_trust(p->worker.webhooks, &fresh->outbound, fresh->outbound_ca);
	transport_trust(p->worker.images, &fresh->outbound, NULL);
	keyring_free(p->worker.keyring);
	p->worker.keyring = keys;
	log_set_level(fresh->log_level);
	log_info("event=reloaded config=%s", p->options.config);
	try_again(p);
}

static void
on_program_signal(void *arg, enum loop_signal s)
{
	struct program *p = arg;

	switch (s) {
	case LOOP_HUP: reload_conf(p); break;
	case LOOP_TERM:
		/* A second one stops at once: leases and look-ups recover what is lost. */
		if (p->worker.draining)
			loop_stop(p->worker.loop);
		begin_drain(p, "signal");
		break;
	}
}

/* ---- life ---- */

static void
program_start(struct program *p)
{
	struct worker *w = &p->worker;
	const struct loop_hooks hooks = { modules_tick, on_program_signal, p };
	int64_t now = clock_wall_us();

	host_id_open(&p->host, w->conf->host_id_file, now);
	w->id = uuid_v7(now);
	w->host_id = p->host.id;
	w->host_locked = p->host.lock_fd != -1;
	w->resident = !p->options.once;
	w->loop = loop_new(&hooks);
	w->clock = xcalloc(1, sizeof(*w->clock));
	w->dbq = dbq_new(open_db(&w->conf->db_worker));
	loop_watch(w->loop, dbq_fd(w->dbq), on_db_answers, w);
	w->pinterest = transport_new(loop_base(w->loop), NULL);
	w->webhooks = transport_new(loop_base(w->loop), &w->conf->outbound);
	transport_trust(w->webhooks, &w->conf->outbound, w->conf->outbound_ca);
	w->images = transport_new(loop_base(w->loop), &w->conf->outbound);
	if (w->conf->wakeup_socket != NULL && w->resident)
		p->wakeup_fd = wakeup_listen(w->conf->wakeup_socket);
	if (p->wakeup_fd != -1)
		loop_watch(w->loop, p->wakeup_fd, on_wakeup, p);
	for (size_t i = 0; i < MODULES; i++) {
		void *self = modules[i].make(w);

		memcpy((char *)w + modules[i].place, &self, sizeof(self));
	}
	if (w->resident)
		try_again(p);
	p->end_us = p->options.timed ? clock_mono_us() + p->options.for_us : LOOP_NEVER;
}

static void
program_stop(struct program *p)
{
	struct worker *w = &p->worker;

	transport_free(w->pinterest);
	transport_free(w->webhooks);
	transport_free(w->images);
	dbq_free(w->dbq);
	free(w->clock);
	for (size_t i = MODULES; i-- > 0;)
		modules[i].free(module_self(w, &modules[i]));
	loop_free(w->loop);
	if (p->wakeup_fd != -1)
		close(p->wakeup_fd);
	host_id_close(&p->host);
}

static int
program_run(struct program *p)
{
	char id[UUID_TEXT_SIZE];

	if (wait_for_database(p) != 0)
		return 1;
	program_start(p);
	log_info("event=started id=%s pid=%d resident=%d version=%s",
	    uuid_format(&p->worker.id, id), (int)getpid(), p->worker.resident, version_text());
	loop_run(p->worker.loop);
	program_stop(p);
	log_info("event=stopped id=%s", id);
	return 0;
}

int
main(int argc, char **argv)
{
	struct program p = { .wakeup_fd = -1 };
	struct worker *w = &p.worker;
	int status;

#ifdef PINTEMPO_CRASH_POINTS
	if (crash_list(argc, argv))
		return 0;
#endif
	status = read_options(&p.options, argc, argv);
	if (status != -1)
		return status;
	xalloc_start();
	log_open("pintempo-worker", LOG_LVL_INFO);
	w->conf = conf_load(p.options.config, stderr);
	if (w->conf == NULL)
		return 2;
	status = 0;
	if (p.options.print)
		conf_print(w->conf, stdout);
	if (p.options.print || p.options.check)
		goto out;
	status = 1;
	log_set_level(w->conf->log_level);
	crypto_start();
	db_start();
	transport_global_start();
	w->keyring = keyring_load(w->conf->key_file);
	if (w->keyring != NULL)
		status = program_run(&p);
out:
	keyring_free(w->keyring);
	for (size_t i = 0; i < p.old_len; i++)
		conf_free(p.old[i]);
	free(p.old);
	conf_free(w->conf);
	return status;
}
