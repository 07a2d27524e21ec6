#ifndef CTL_HEALTH_H
#define CTL_HEALTH_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/db/db.h"
#include "lib/uuid.h"
#include "lib/wait.h"

struct ctl;

#define HEALTH_LISTED 20

/*
 * What `pintempo status` says first, and its exit code. A finding that is WELL is a note: what a
 * tenant has to see to.
 */
enum health_level { HEALTH_WELL = 0, HEALTH_LOOK = 1, HEALTH_BROKEN = 2 };

struct health_finding {
	enum health_level level;
	const char *code; /* for machines, "no_worker" */
	const char *text; /* a sentence; what it is about has a section below */
	struct health_finding *next;
};
struct health_waiting {
	int64_t code, pins, production, accounts, oldest_us, soonest_us;
	struct uuid account_id, project_id; /* that with most of the pins */
	const char *username, *project;
};
struct health_account {
	struct uuid id, project_id;
	const char *username, *code, *project;
	int64_t since_us, total;
};
struct health_webhook {
	struct uuid id, project_id;
	const char *url, *reason, *error, *project;
	int64_t is_enabled, failing_since_us, disabled_at_us, total;
};

struct health_deliveries {
	int64_t failing, disabled; /* webhooks */
	int64_t concerned, tried,
	    cut_off; /* organizations with such; tried lately; where none works */
};

struct health {
	struct ctl *c;
	int64_t now_us; /* the database's clock */
	enum health_level worst;
	struct health_finding *findings; /* the worst first, else in the order of the checks */
	struct health_waiting waiting[WAIT__COUNT];
	struct health_account accounts[HEALTH_LISTED]; /* the first of `total` */
	struct health_webhook webhooks[HEALTH_LISTED];
	size_t waiting_len, accounts_len, webhooks_len;
	int64_t resident, alive, overdue_us; /* workers; how late work may be */
	struct health_waiting waiting_row;   /* being read */
	struct health_account account_row;
	struct health_webhook webhook_row;
	int64_t n[3], at[4];
	const char *text[2];
};

/* Fills all of it. With c->down only that is known. Not DB_OK: that is a finding, too. */
enum db_rc health_examine(struct health *h);
/* Notes are to be looked at, too: `worst` is LOOK if there are any. */
void health_strict(struct health *h);
/* The headline and one line for each other finding. */
void health_print(const struct health *h);
/* The same as a JSON object. */
void health_print_json(const struct health *h);

#endif
