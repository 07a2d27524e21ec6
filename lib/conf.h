#ifndef LIB_CONF_H
#define LIB_CONF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "lib/addr.h"
#include "lib/attr.h"
#include "lib/bucket.h"
#include "lib/db/db.h"
#include "lib/log.h"
#include "lib/mail_conf.h"

enum environment { ENV_PRODUCTION, ENV_SANDBOX, ENV__COUNT };
/* "production" or "sandbox". */
const char *conf_environment_name(enum environment e);
enum registration { REGISTRATION_CLOSED, REGISTRATION_INVITE, REGISTRATION_OPEN };

/* [production] and [sandbox]: same keys, different defaults. Strings live as long as the conf. */
struct upstream {
	const char *base_url;  /* ".../v5", no trailing slash; NULL: not configured */
	const char *oauth_url; /* authorization page */
	const char *client_id;
	const char *client_secret; /* read from client_secret_file */
	const char *scopes;        /* requested, comma-separated */
	struct bucket_rate pace;   /* per lane */
	int64_t jitter_pct;        /* waits are lengthened by up to this percentage */
	int64_t daily_cap;         /* creates per sliding 24 h and lane; 0: none */
	int64_t host_gap_ms;       /* between creates to one link host; 0: none */
	int64_t create_timeout_ms; /* whole transfer */
	int64_t max_send_delay_ms; /* maximum time from intent to gate */
	int64_t verify_after_ms;   /* earliest look-up after the intent */
	int64_t verify_gap_ms;     /* between the two complete listings that prove absence */
	int64_t retry_base_ms;
	int64_t retry_cap_ms;
	int64_t retry_max;         /* total tries of one pin */
	int64_t cooldown_min_ms;   /* after a 429 without a usable reset time */
	int64_t spam_hold_ms[3];   /* spam block: first, second, third and later hold */
	int64_t spam_slowdown_max; /* after spam blocks the pace is halved, at most to 1 / this; 1:
				      off */
};

struct webhook_conf {
	bool allow_http;
	int64_t timeout_ms;
	int64_t connect_timeout_ms;
	int64_t max_in_flight;
	int64_t per_endpoint_in_flight;
	int64_t per_host_in_flight; /* to one target host, over all tenants */
	int64_t max_endpoints;      /* per project */
	int64_t deadline_s;         /* an event is given up after this */
	int64_t steps_ms[16];       /* delay before each attempt, the first 0 */
	size_t steps_len;
};

/* Shares of the application, and what a project may have. */
struct limits_conf {
	struct bucket_rate requests; /* of one credential */
	int64_t requests_in_hand;    /* of one project; 0: half of the threads */
	int64_t long_in_hand;        /* of these, searches and other long ones; 0: a quarter */
	int64_t statement_ms;        /* of a list */
	/* of one project; sessions: of one person */
	int64_t accounts, api_keys, import_rows, pending_pins, pending_schedules, sessions;
	int64_t stored_replies;
	int64_t members, invitations, invitations_per_day; /* of one organization */
};

/* Rows are deleted this many days after their last use; 0: never. */
struct retention {
	int64_t events_days; /* with deliveries and their attempts */
	int64_t activity_days;
	int64_t finished_days; /* pins and schedules with attempts and keys */
	int64_t import_rows_days;
	int64_t replies_days;
	int64_t oauth_states_days;
	int64_t workers_days;
	int64_t mails_days;
};

struct conf {
	const char *path;
	/* [instance] */
	const char *public_url; /* no trailing slash */
	const char *key_file;
	enum registration registration;
	enum log_level log_level;
	const char *wakeup_socket; /* unix datagram: application -> worker */
	const char
	    *oauth_return_prefixes; /* allow-listed prefixes for OAuth results, comma-separated */
	int64_t session_s;
	int64_t publish_window_s; /* default deadline: run_at plus this */
	/* [database] */
	struct db_conf db_app, db_worker, db_ctl, db_sandbox, db_migrate;
	const char *database_name;
	const char *sandbox_database_name; /* NULL: no simulator here */
	/* [app] */
	int64_t threads;
	int64_t client_patience_s;
	int64_t client_min_kib_s;
	int64_t max_body_bytes, max_import_bytes;
	const char *cors_origins;                 /* comma-separated; NULL: none */
	int64_t call_timeout_ms;                  /* calls a user waits for */
	int64_t board_cache_s, analytics_cache_s; /* 0: off */
	struct bucket_rate login_pace;            /* failed logins of a network */
	struct bucket_rate register_pace;         /* registrations of a network */
	bool analytics_store;                     /* always false */
	/* [worker] */
	int64_t poll_ms;
	int64_t lease_ms;
	int64_t lease_renew_ms;
	int64_t max_in_flight;
	const char *host_id_file;
	struct bucket_rate global_pace; /* over all shards; each shard holds 1/64 */
	struct addr_policy outbound;    /* [outbound] allow = list of CIDR[:port] */
	char *outbound_ca;        /* certs_read() of ca_file: for addresses that tenants name */
	bool check_images;        /* fetch the heads of images */
	int64_t image_timeout_ms; /* of one, with its redirects */
	struct upstream upstream[ENV__COUNT];
	struct webhook_conf webhook;
	struct mail_conf mail;
	struct retention retention;
	struct limits_conf limits;
};

/*
 * Reads an INI file through one table of (section, key, type, default, bounds, doc). Unknown keys
 * and sections, duplicates, bad values and missing required keys each give one line on `err`,
 * "file:line: [section] key: what is wrong; allowed: ...". NULL if there was any. Secrets are kept
 * in separate files (`*_file` keys).
 */
MUST_CHECK struct conf *conf_load(const char *path, FILE *err);
/* The same for a person who may not read the secrets: opens none but the password of db_ctl. */
MUST_CHECK struct conf *conf_load_operator(const char *path, FILE *err);
void conf_free(struct conf *c);
/* The text in force of a setting ("database", "app_password_file"); NULL: unset or unknown. */
const char *conf_setting(const struct conf *c, const char *section, const char *key);
/* Calls `each` with every file of a secret that is set. */
void conf_each_secret(const struct conf *c,
    void (*each)(void *arg, const char *section, const char *key, const char *path), void *arg);
/*
 * For SIGHUP in a program whose threads share its configuration: takes the log level from the file,
 * and logs that or that the file is refused. The rest waits for a restart.
 */
void conf_reload_level(const char *path);
/* Every key with its effective value, its default and doc as comments. The output can be loaded. */
void conf_print(const struct conf *c, FILE *out);

#endif
