/*
 * What is wrong, from the tables alone: no secret is opened. BROKEN is what keeps pins from being
 * published for everybody, LOOK what the operator has to see to, a note what one tenant has to.
 */
#include "ctl/health.h"

#include <errno.h>
#include <inttypes.h>
#include <json-c/json.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "ctl/ctl.h"
#include "ctl/disk.h"
#include "ctl/format.h"
#include "ctl/recover.h"
#include "lib/clock.h"
#include "lib/escape.h"
#include "lib/json.h"
#include "lib/keyring.h"
#include "lib/wait.h"
#include "sql/instance_key.h"
#include "sql/stmt.h"

#define WAITING_MOST 100000
/* A worker that works is late by milliseconds; cron may come a few minutes apart. */
#define OVERDUE_US (120 * US_PER_S)
#define OVERDUE_CRON_US (900 * US_PER_S)
#define CUT_OFF_FEWEST 2 /* organizations: fewer tell nothing of this machine */

static const char *const level_words[] = { "well", "look", "broken" };
static const char *const finding_words[] = { "note", "look", "broken" };
static const char *const finding_marks[] = { "NOTE", "LOOK", "BROKEN" };

static void __attribute__((format(printf, 4, 5)))
note_finding(struct health *h, enum health_level level, const char *code, const char *fmt, ...)
{
	struct health_finding *f = arena_alloc(h->c->mem, sizeof(*f)), **at = &h->findings;
	char raw[1024], text[1024];
	size_t left, len;
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(raw, sizeof(raw), fmt, ap);
	va_end(ap);
	/* Here, so that JSON is not escaped a second time where it is printed. */
	len = escape_append(text, 0, sizeof(text) - 1, raw, strlen(raw), &left);
	text[len] = '\0';
	f->level = level;
	f->code = code;
	f->text = arena_strdup(h->c->mem, text);
	while (*at != NULL && (*at)->level >= level)
		at = &(*at)->next;
	f->next = *at;
	*at = f;
	if (level > h->worst)
		h->worst = level;
}

static const char *
plural(int64_t n, const char *one, const char *more)
{
	return n == 1 ? one : more;
}

/* ---- BROKEN ---- */

static enum db_rc
examine_recovery(struct health *h)
{
	const struct uuid owner = recover_owner();
	enum db_rc rc = db_row(h->c->db, SQL_IN(shard_count_owned, .owner = db_uuid(&owner)),
	    SQL_OUT(shard_count_owned, .owned = db_get_int(&h->n[0])));

	if (rc == DB_OK && h->n[0] > 0)
		note_finding(h, HEALTH_BROKEN, "recover",
		    "RECOVER is running or was interrupted: nothing is published until `pintempo "
		    "recover` completes. If it is not running, run it again.");
	return rc;
}

/* Who may not read the key file is told nothing of it. */
static enum db_rc
examine_key(struct health *h)
{
	const char *path = h->c->conf->key_file;
	char fault[KEYRING_WHY_SIZE];
	struct instance_key key;
	struct keyring *keys;
	enum db_rc rc;

	if (access(path, R_OK) != 0 && errno == EACCES)
		return DB_OK;
	keys = keyring_read(path, fault);
	if (keys == NULL) {
		note_finding(h, HEALTH_BROKEN, "key", "key_file %s: %s: the programs do not start.",
		    path, fault);
		return DB_OK;
	}
	rc = instance_key_check(h->c->db, keys, true, &key);
	keyring_free(keys);
	if (rc == DB_OK && key.state != INSTANCE_KEY_RIGHT)
		note_finding(h, HEALTH_BROKEN, "key",
		    "Wrong instance key: %s: the programs do not start.",
		    instance_key_why(&key, path, h->c->mem));
	return rc;
}

static enum db_rc
examine_workers(struct health *h)
{
	int64_t silent = 0, seen = TIME_NONE;
	enum db_rc rc = db_row(h->c->db, SQL_IN(worker_health),
	    SQL_OUT(worker_health, .resident = db_get_int(&h->resident),
		.alive = db_get_int(&h->alive), .silent = db_get_int(&silent),
		.seen = db_get_time(&seen)));

	h->overdue_us = h->resident > 0 ? OVERDUE_US : OVERDUE_CRON_US;
	if (rc != DB_OK)
		return rc;
	if (h->alive == 0 && seen == TIME_NONE)
		note_finding(h, HEALTH_BROKEN, "no_worker",
		    "No worker runs: nothing is published. Start pintempo-worker.");
	else if (h->alive == 0)
		note_finding(h, HEALTH_BROKEN, "no_worker",
		    "No worker runs%s, the last was seen %s: nothing is published. Start "
		    "pintempo-worker, or restart it if it hangs.",
		    silent > 0 ? " (one is silent)" : "",
		    format_distance(h->c->mem, seen, h->now_us));
	else if (silent > 0)
		note_finding(h, HEALTH_LOOK, "worker_silent",
		    "%" PRId64 " %s silent, beside others that work: hanging, or killed.", silent,
		    plural(silent, "worker is", "workers are"));
	return DB_OK;
}

static void
on_stopped_app(void *arg)
{
	struct health *h = arg;
	const char *env = format_environment(h->n[0]);

	if (h->at[0] != TIME_NONE)
		note_finding(h, HEALTH_BROKEN,
		    h->n[1] == WAIT_NOT_PINTEREST ? "not_pinterest" : "app_stopped",
		    "The Pinterest app of %s is STOPPED: %s", env,
		    h->text[0] != NULL ? h->text[0] : wait_message((enum wait_code)h->n[1]));
	if (h->at[1] != TIME_NONE && h->at[1] > h->now_us)
		note_finding(h, HEALTH_LOOK, "app_held",
		    "The Pinterest app of %s is held: a limit of the whole app is used up.", env);
	if (h->at[0] == TIME_NONE && h->at[3] != TIME_NONE &&
	    h->now_us - h->at[3] < 3600 * US_PER_S)
		note_finding(h, HEALTH_LOOK, "answered_by_others",
		    "NOT PINTEREST answered for %s within the hour: %s", env,
		    h->text[1] != NULL ? h->text[1] : "see `pintempo status`");
}

static enum db_rc
examine_apps(struct health *h)
{
	return db_each(h->c->db, SQL_IN(app_list_stopped),
	    SQL_OUT(app_list_stopped, .environment = db_get_int(&h->n[0]),
		.stopped_at = db_get_time(&h->at[0]), .hold_until = db_get_time(&h->at[1]),
		.stop_code = db_get_int(&h->n[1]), .message = db_get_text(&h->text[0]),
		.answers = db_get_int(&h->n[2]), .probe_at = db_get_time(&h->at[2]),
		.foreign_at = db_get_time(&h->at[3]), .foreign_message = db_get_text(&h->text[1])),
	    on_stopped_app, h);
}

static bool
is_overdue(const struct health *h, int64_t oldest_us)
{
	return oldest_us != TIME_NONE && h->now_us - oldest_us > h->overdue_us;
}

static enum db_rc
examine_schedules(struct health *h)
{
	enum db_rc rc = db_row(h->c->db, SQL_IN(schedule_overdue_summary),
	    SQL_OUT(schedule_overdue_summary, .oldest = db_get_time(&h->at[0]),
		.overdue = db_get_int(&h->n[0])));

	if (rc == DB_OK && h->alive > 0 && is_overdue(h, h->at[0]))
		note_finding(h, HEALTH_BROKEN, "schedules_overdue",
		    "%" PRId64 " %s due and not taken up, the oldest since %s.", h->n[0],
		    plural(h->n[0], "schedule is", "schedules are"),
		    format_distance(h->c->mem, h->at[0], h->now_us));
	return rc;
}

static enum db_rc
examine_lanes(struct health *h)
{
	int64_t total, due, later, held, busy;
	enum db_rc rc = db_row(h->c->db, SQL_IN(lane_summary),
	    SQL_OUT(lane_summary, .total = db_get_int(&total), .due = db_get_int(&due),
		.later = db_get_int(&later), .held = db_get_int(&held), .busy = db_get_int(&busy),
		.oldest = db_get_time(&h->at[0])));

	if (rc == DB_OK && h->alive > 0 && is_overdue(h, h->at[0]))
		note_finding(h, HEALTH_BROKEN, "pins_overdue",
		    "Pins are due and not sent: %" PRId64 " %s for a turn, the first since %s.",
		    due, plural(due, "lane waits", "lanes wait"),
		    format_distance(h->c->mem, h->at[0], h->now_us));
	return rc;
}

/* ---- LOOK ---- */

static enum db_rc
examine_deliveries(struct health *h)
{
	enum db_rc rc = db_row(h->c->db, SQL_IN(delivery_summary),
	    SQL_OUT(delivery_summary, .pending = db_get_int(&h->n[0]),
		.overdue = db_get_int(&h->n[1]), .oldest = db_get_time(&h->at[0])));

	if (rc == DB_OK && h->alive > 0 && is_overdue(h, h->at[0]))
		note_finding(h, HEALTH_LOOK, "deliveries_overdue",
		    "%" PRId64 " %s overdue, the first since %s.", h->n[1],
		    plural(h->n[1], "delivery of a webhook is", "deliveries of webhooks are"),
		    format_distance(h->c->mem, h->at[0], h->now_us));
	return rc;
}

static enum db_rc
examine_imports(struct health *h)
{
	enum db_rc rc = db_row(h->c->db, SQL_IN(import_overdue_summary),
	    SQL_OUT(import_overdue_summary, .oldest = db_get_time(&h->at[0])));

	if (rc == DB_OK && h->alive > 0 && is_overdue(h, h->at[0]))
		note_finding(h, HEALTH_LOOK, "imports_overdue",
		    "An import is overdue, the first since %s.",
		    format_distance(h->c->mem, h->at[0], h->now_us));
	return rc;
}

static void
on_waiting_reason(void *arg)
{
	struct health *h = arg;
	const struct health_waiting *w = &h->waiting_row;

	if (h->waiting_len < DB_LEN(h->waiting))
		h->waiting[h->waiting_len++] = *w;
	if (w->code == WAIT_KEY_MISMATCH)
		note_finding(h, HEALTH_BROKEN, "token_unreadable",
		    "%" PRId64 " %s: the key file does not open the account's token.", w->pins,
		    plural(w->pins, "pin waits", "pins wait"));
	else if (w->code == WAIT_UPSTREAM_DOWN)
		note_finding(h, w->production > 0 ? HEALTH_LOOK : HEALTH_WELL, "pinterest_away",
		    "Pinterest does not answer%s; %" PRId64 " %s.",
		    w->production > 0 ? "" : " in the sandbox", w->pins,
		    plural(w->pins, "pin waits", "pins wait"));
}

static enum db_rc
examine_waiting(struct health *h)
{
	struct health_waiting *w = &h->waiting_row;

	return db_each(h->c->db, SQL_IN(pin_waiting_summary, .most = db_int(WAITING_MOST)),
	    SQL_OUT(pin_waiting_summary, .wait_code = db_get_int(&w->code),
		.pins = db_get_int(&w->pins), .production = db_get_int(&w->production),
		.accounts = db_get_int(&w->accounts), .oldest = db_get_time(&w->oldest_us),
		.soonest = db_get_time(&w->soonest_us), .account_id = db_get_uuid(&w->account_id),
		.username = db_get_text(&w->username), .project_id = db_get_uuid(&w->project_id),
		.name = db_get_text(&w->project)),
	    on_waiting_reason, h);
}

static void
on_unwell_account(void *arg)
{
	struct health *h = arg;

	if (h->accounts_len < DB_LEN(h->accounts))
		h->accounts[h->accounts_len++] = h->account_row;
}

/* An account is its owner's matter, unless most organizations lose theirs at once. */
static enum db_rc
examine_reconnects(struct health *h)
{
	int64_t organizations, cut_off;
	enum db_rc rc = db_row(h->c->db, SQL_IN(account_unwell_summary),
	    SQL_OUT(account_unwell_summary, .organizations = db_get_int(&organizations),
		.cut_off = db_get_int(&cut_off)));

	if (rc == DB_OK && cut_off >= CUT_OFF_FEWEST && cut_off * 2 > organizations)
		note_finding(h, HEALTH_LOOK, "accounts_lost",
		    "All accounts of %" PRId64 " of %" PRId64
		    " organizations have to be connected again: look at the Pinterest app, its "
		    "client_id and client_secret_file.",
		    cut_off, organizations);
	return rc;
}

static enum db_rc
examine_accounts(struct health *h)
{
	struct health_account *a = &h->account_row;
	enum db_rc rc = db_each(h->c->db, SQL_IN(account_list_unwell),
	    SQL_OUT(account_list_unwell, .id = db_get_uuid(&a->id),
		.username = db_get_text(&a->username), .health_code = db_get_text(&a->code),
		.health_checked_at = db_get_time(&a->since_us),
		.project_id = db_get_uuid(&a->project_id), .name = db_get_text(&a->project),
		.total = db_get_int(&a->total)),
	    on_unwell_account, h);

	if (rc != DB_OK || h->accounts_len == 0)
		return rc;
	note_finding(h, HEALTH_WELL, "reconnect", "%" PRId64 " %s to be connected again by %s.",
	    a->total, plural(a->total, "account has", "accounts have"),
	    plural(a->total, "its owner", "their owners"));
	return examine_reconnects(h);
}

static void
on_failing_webhook(void *arg)
{
	struct health *h = arg;

	if (h->webhooks_len < DB_LEN(h->webhooks))
		h->webhooks[h->webhooks_len++] = h->webhook_row;
}

static enum db_rc
list_failing_webhooks(struct health *h)
{
	struct health_webhook *w = &h->webhook_row;

	return db_each(h->c->db, SQL_IN(webhook_list_failing),
	    SQL_OUT(webhook_list_failing, .id = db_get_uuid(&w->id), .url = db_get_text(&w->url),
		.is_enabled = db_get_int(&w->is_enabled),
		.disabled_reason = db_get_text(&w->reason),
		.failing_since = db_get_time(&w->failing_since_us),
		.disabled_at = db_get_time(&w->disabled_at_us),
		.last_error = db_get_text(&w->error), .project_id = db_get_uuid(&w->project_id),
		.name = db_get_text(&w->project), .total = db_get_int(&w->total)),
	    on_failing_webhook, h);
}

/* Receivers are their owners' matter, unless those of most organizations fail at once. */
static enum db_rc
examine_webhooks(struct health *h)
{
	struct health_deliveries d;
	enum db_rc rc = db_row(h->c->db, SQL_IN(webhook_summary),
	    SQL_OUT(webhook_summary, .failing = db_get_int(&d.failing),
		.disabled = db_get_int(&d.disabled), .concerned = db_get_int(&d.concerned),
		.tried = db_get_int(&d.tried), .cut_off = db_get_int(&d.cut_off)));

	if (rc != DB_OK || d.failing + d.disabled == 0)
		return rc;
	if (d.cut_off >= CUT_OFF_FEWEST && d.cut_off * 2 > d.tried)
		note_finding(h, HEALTH_LOOK, "webhooks",
		    "All webhooks of %" PRId64 " of %" PRId64
		    " organizations fail: look at this machine's network, DNS and certificates.",
		    d.cut_off, d.tried);
	note_finding(h, HEALTH_WELL, "webhooks_failing",
	    "%" PRId64 " %s, %" PRId64 " %s disabled in the last week, of %" PRId64 " %s.",
	    d.failing, plural(d.failing, "webhook fails", "webhooks fail"), d.disabled,
	    plural(d.disabled, "was", "were"), d.concerned,
	    plural(d.concerned, "organization", "organizations"));
	return list_failing_webhooks(h);
}

/* Without a mail server they are the operator's to pass on. */
static enum db_rc
examine_mails(struct health *h)
{
	enum health_level level = HEALTH_WELL;
	int64_t waiting, failing, given_up;
	enum db_rc rc = db_row(h->c->db, SQL_IN(mail_summary),
	    SQL_OUT(mail_summary, .waiting = db_get_int(&waiting), .failing = db_get_int(&failing),
		.given_up = db_get_int(&given_up), .oldest = db_get_time(&h->at[0]),
		.failing_since = db_get_time(&h->at[1]), .sent_at = db_get_time(&h->at[2]),
		.last_error = db_get_text(&h->text[0])));

	if (rc != DB_OK)
		return rc;
	if (h->c->conf->mail.url == NULL) {
		if (waiting > 0)
			note_finding(h, HEALTH_WELL, "mails_wait",
			    "%" PRId64 " %s, and there is no mail server ([mail] url): `pintempo "
			    "mail list`.",
			    waiting, plural(waiting, "mail waits", "mails wait"));
		return DB_OK;
	}
	/* While others go out it is the receivers' servers that refuse. */
	if (h->at[2] == TIME_NONE || h->at[2] < h->at[1])
		level = HEALTH_LOOK;
	if (failing > 0)
		note_finding(h, level, "mails_fail", "%" PRId64 " %s not sent so far: %s", failing,
		    plural(failing, "mail was", "mails were"), h->text[0]);
	else if (h->alive > 0 && is_overdue(h, h->at[0]))
		note_finding(h, HEALTH_LOOK, "mails_overdue",
		    "Mails are due and not sent, the first since %s.",
		    format_distance(h->c->mem, h->at[0], h->now_us));
	if (given_up > 0)
		note_finding(h, level, "mails_given_up",
		    "%" PRId64 " %s given up within a day: `pintempo mail list --all`.", given_up,
		    plural(given_up, "mail was", "mails were"));
	return DB_OK;
}

/* Only of a server on this machine. */
static enum db_rc
examine_disk(struct health *h)
{
	struct statvfs disk;
	enum db_rc rc;

	if (h->c->conf->db_ctl.socket == NULL)
		return DB_OK;
	rc = db_row(h->c->db, SQL_IN(server_data_folder),
	    SQL_OUT(server_data_folder, .folder = db_get_text(&h->text[0])));
	if (rc == DB_OK && h->text[0] != NULL && statvfs(h->text[0], &disk) == 0 &&
	    disk_nearly_full(
		(uint64_t)disk.f_bavail * disk.f_frsize, (uint64_t)disk.f_blocks * disk.f_frsize))
		note_finding(h, HEALTH_LOOK, "disk",
		    "The disk of the database (%s) is nearly full: %s left.", h->text[0],
		    format_bytes(h->c->mem, (int64_t)(disk.f_bavail * disk.f_frsize)));
	return rc;
}

enum db_rc
health_examine(struct health *h)
{
	static enum db_rc (*const checks[])(struct health *) = { examine_recovery, examine_key,
		examine_workers, examine_apps, examine_schedules, examine_lanes, examine_waiting,
		examine_accounts, examine_webhooks, examine_deliveries, examine_imports,
		examine_mails, examine_disk };
	enum db_rc rc;
	size_t i;

	if (h->c->down != NULL) {
		note_finding(h, HEALTH_BROKEN, h->c->conf == NULL ? "configuration" : "database",
		    "%s", h->c->down);
		return DB_DOWN;
	}
	rc = db_now(h->c->db, &h->now_us);
	for (i = 0; i < DB_LEN(checks) && rc == DB_OK; i++)
		rc = checks[i](h);
	if (rc != DB_OK)
		note_finding(
		    h, HEALTH_BROKEN, "database", "The database does not answer what it is asked.");
	return rc;
}

void
health_strict(struct health *h)
{
	if (h->worst == HEALTH_WELL && h->findings != NULL)
		h->worst = HEALTH_LOOK;
}

void
health_print(const struct health *h)
{
	if (h->worst == HEALTH_WELL)
		puts("WELL        Nothing needs attention.");
	for (const struct health_finding *f = h->findings; f != NULL; f = f->next)
		printf("%-10s  %s\n", finding_marks[f->level], f->text);
}

void
health_print_json(const struct health *h)
{
	struct json_object *o = json_object_new_object(), *list = json_object_new_array();
	size_t len;

	for (const struct health_finding *f = h->findings; f != NULL; f = f->next) {
		struct json_object *one = json_object_new_object();

		json_put_text(one, "level", finding_words[f->level]);
		json_put_text(one, "code", f->code);
		json_put_text(one, "message", f->text);
		json_object_array_add(list, one);
	}
	json_put_text(o, "status", level_words[h->worst]);
	json_put(o, "findings", list);
	puts(json_dump(o, &len));
	json_object_put(o);
}
