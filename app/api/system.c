/* Root, liveness and readiness. */
#include "config.h"

#include <string.h>

#include "app/api/handlers.h"
#include "app/http/call.h"
#include "lib/json.h"
#include "lib/log.h"
#include "lib/wait.h"
#include "sql/instance_key.h"
#include "sql/stmt.h"

static struct json_object *
status_json(const struct call *c)
{
	struct json_object *o = json_object_new_object();

	json_put_text(o, "status", "ok");
	json_put_text(o, "version", PACKAGE_VERSION);
	json_put_text(o, "environment",
	    c->app->conf->upstream[ENV_PRODUCTION].base_url != NULL ? "production" : "sandbox");
	return o;
}

/* GET / */
void
system_root(struct call *c)
{
	struct json_object *o = json_object_new_object();

	json_put_text(o, "service", "Pintempo");
	json_put_text(o, "version", PACKAGE_VERSION);
	json_put_text(o, "docs", "docs/api.md");
	reply_json(&c->reply, 200, o);
}

/* GET /healthz: this process answers; nothing else is checked. */
void
system_healthz(struct call *c)
{
	struct json_object *o = status_json(c), *checks = json_object_new_object();

	json_put_text(checks, "process", "ok");
	json_put(o, "checks", checks);
	reply_json(&c->reply, 200, o);
}

static void
reply_not_ready(struct call *c, const char *message, const char *remediation)
{
	const struct problem p = { .status = 503,
		.code = "service_unavailable",
		.message = message,
		.remediation = remediation,
		.retry_after_s = 5 };

	reply_problem(&c->reply, &p);
}

/* False: the reply names the check that failed. */
static bool
check_database(struct call *c)
{
	const char *why;

	switch (db_check(c->db, SCHEMA_VERSION, &why)) {
	case DB_OK: return true;
	case DB_FAIL:
		log_warn("event=not_ready request=%s why=\"%s\"", c->req->id, why);
		reply_not_ready(c, "Not ready: schema.",
		    "This version cannot work with the database; the log says why. After an "
		    "upgrade "
		    "run: pintempo migrate");
		return false;
	case DB_NONE:
	case DB_DUP:
	case DB_RETRY:
	case DB_DOWN:
	case DB_UNKNOWN: break;
	}
	reply_not_ready(c, "Not ready: database.", "The database cannot be reached.");
	return false;
}

/* Another database may have been put in place since the start, or another key noted in it. */
static bool
check_key(struct call *c)
{
	struct instance_key key;
	enum db_rc rc = instance_key_check(c->db, c->app->keys, false, &key);

	if (!call_found(c, rc, NULL))
		return false;
	if (key.state == INSTANCE_KEY_RIGHT)
		return true;
	log_warn("event=not_ready request=%s why=\"%s\"", c->req->id,
	    instance_key_why(&key, c->app->conf->key_file, c->mem));
	reply_not_ready(c, "Not ready: key.",
	    "The application runs with another instance key than this database's; the log says "
	    "which. Put the right key file back and restart pintempo and pintempo-worker.");
	return false;
}

/* `?worker=1`: is a missing worker a reason to be not ready? False: the reply is set to a 422. */
static bool
read_worker_wanted(struct call *c, int *wanted)
{
	struct problem why = { 0 };

	*wanted = 0;
	return call_query_bool(c, "worker", wanted, &why) || !call_refused(c, &why);
}

/* False: the reply says why it is not known whether a worker is there. */
static bool
count_workers(struct call *c, int64_t *alive)
{
	enum db_rc rc =
	    db_row(c->db, SQL_IN(worker_alive), SQL_OUT(worker_alive, .alive = db_get_int(alive)));

	return call_found(c, rc, NULL);
}

struct app_states {
	const struct call *c;
	struct json_object *o;
	int64_t environment, stop_code;
};

static void
on_app_state(void *arg)
{
	struct app_states *s = arg;
	enum environment e = (enum environment)s->environment;
	const char *code = wait_wire_code((enum wait_code)s->stop_code);

	if (s->c->app->conf->upstream[e].base_url != NULL)
		json_put_text(s->o, conf_environment_name(e), code != NULL ? code : "ok");
}

/* For each environment that is configured: ok, or the code of why its pins wait. NULL: the reply is
 * set. */
static struct json_object *
pinterest_states(struct call *c)
{
	struct app_states s = { .c = c, .o = json_object_new_object() };
	enum db_rc rc = db_each(c->db, SQL_IN(app_states),
	    SQL_OUT(app_states, .environment = db_get_int(&s.environment),
		.stop_code = db_get_int(&s.stop_code)),
	    on_app_state, &s);

	if (call_found(c, rc, NULL))
		return s.o;
	json_object_put(s.o);
	return NULL;
}

/*
 * GET /readyz: can this application take requests? It does without a worker, which publishes later
 * what was accepted; so that is shown, and a 503 only where it is asked for.
 */
void
system_readyz(struct call *c)
{
	struct json_object *o, *checks, *apps;
	int64_t alive = 0;
	int wanted;

	if (!read_worker_wanted(c, &wanted) || !check_database(c) || !check_key(c) ||
	    !count_workers(c, &alive))
		return;
	if (wanted && alive == 0) {
		reply_not_ready(c, "Not ready: worker.",
		    "No worker is running and none is expected soon: start pintempo-worker or its "
		    "cron job.");
		return;
	}
	apps = pinterest_states(c);
	if (apps == NULL)
		return;
	o = status_json(c);
	json_put_text(o, "database", "ok");
	json_put_text(o, "worker", alive > 0 ? "ok" : "away");
	checks = json_object_new_object();
	json_put_text(checks, "database", "ok");
	json_put_text(checks, "schema", "ok");
	json_put_text(checks, "key", "ok");
	json_put_text(checks, "worker", alive > 0 ? "ok" : "away");
	json_put(checks, "pinterest", apps);
	json_put(o, "checks", checks);
	reply_json(&c->reply, 200, o);
}
