/* The table of settings: name, type, place, default, bounds, doc. */
#include "lib/conf_table.h"

#include <inttypes.h>

#include "lib/arena.h"

#define HERE(member) offsetof(struct conf_store, member)
#define UP(member) offsetof(struct upstream, member)
#define HOUR_MS (3600 * 1000LL)
#define DAY_S (24 * 3600LL)

#define TEXT(n, place, d, about)                                                                   \
	{                                                                                          \
		.name = n, .type = CONF_TEXT, .at = place, .def = d, .doc = about                  \
	}
#define LIST(n, place, d, about)                                                                   \
	{                                                                                          \
		.name = n, .type = CONF_LIST, .at = place, .def = d, .doc = about                  \
	}
#define URL(n, place, d, about)                                                                    \
	{                                                                                          \
		.name = n, .type = CONF_URL, .at = place, .def = d, .doc = about                   \
	}
#define SECRET(n, place, about)                                                                    \
	{                                                                                          \
		.name = n, .type = CONF_SECRET, .at = place, .doc = about                          \
	}
#define NUMBER(kind, n, place, d, lo, hi, about)                                                   \
	{                                                                                          \
		.name = n, .type = kind, .at = place, .def = d, .min = lo, .max = hi, .doc = about \
	}
#define BOTH(kind, n, place, d, sd, lo, hi, about)                                                 \
	{                                                                                          \
		.name = n, .type = kind, .at = place, .def = d, .sandbox_def = sd, .min = lo,      \
		.max = hi, .doc = about                                                            \
	}
#define LOGIN(who, about)                                                                          \
	TEXT(#who "_user", HERE(who.user), NULL, "Database user of " about "; default: user"),     \
	{                                                                                          \
		.name = #who "_password_file", .type = CONF_SECRET, .at = HERE(who.password),      \
		.others_secret = true,                                                             \
		.doc = "File with that user's password; default: password_file"                    \
	}

static const struct conf_key instance_keys[] = {
	{ .name = "public_url",
	    .type = CONF_URL,
	    .at = HERE(conf.public_url),
	    .required = true,
	    .doc = "Base URL at which clients and browsers reach this instance" },
	{ .name = "key_file",
	    .type = CONF_TEXT,
	    .at = HERE(conf.key_file),
	    .required = true,
	    .doc = "File with the instance keys, which seal tokens and webhook secrets" },
	{ .name = "registration",
	    .type = CONF_REGISTRATION,
	    .at = HERE(conf.registration),
	    .def = "closed",
	    .doc = "Who may register over the API" },
	{ .name = "log_level",
	    .type = CONF_LEVEL,
	    .at = HERE(conf.log_level),
	    .def = "info",
	    .doc = "Minimum level that is logged" },
	TEXT("wakeup_socket", HERE(conf.wakeup_socket), NULL,
	    "Unix datagram socket through which the application wakes the worker"),
	{ .name = "oauth_return_prefixes",
	    .type = CONF_URLS,
	    .at = HERE(conf.oauth_return_prefixes),
	    .doc = "URL prefixes that OAuth results may be sent to" },
	NUMBER(CONF_INT, "session_s", HERE(conf.session_s), "86400", 60, 366 * DAY_S,
	    "Lifetime of a session token, seconds"),
	NUMBER(CONF_INT, "publish_window_s", HERE(conf.publish_window_s), "604800", 60, 366 * DAY_S,
	    "Default deadline: a pin not sent this long after its time fails, seconds"),
};

static const struct conf_key database_keys[] = {
	TEXT("socket", HERE(db.socket), NULL,
	    "Path of the server's socket; /run/mysqld/mysqld.sock if host is unset too"),
	TEXT("host", HERE(db.host), NULL, "Server, or several as h1:3306,h2:3306; not with socket"),
	NUMBER(CONF_UINT, "port", HERE(db.port), "3306", 1, 65535, "Port of host"),
	TEXT("name", HERE(conf.database_name), "pintempo", "Database"),
	TEXT("sandbox_name", HERE(conf.sandbox_database_name), NULL,
	    "Database of the simulator; unset: no simulator"),
	TEXT("user", HERE(db.user), "pintempo", "User"),
	SECRET("password_file", HERE(db.password), "File with the password; unset: none"),
	LOGIN(app, "the application"),
	LOGIN(worker, "the worker"),
	LOGIN(ctl, "the operator's command"),
	LOGIN(sandbox, "the simulator"),
	LOGIN(migrate, "pintempo init and migrate"),
	NUMBER(CONF_UINT, "timeout_s", HERE(db.timeout_s), "15", 1, 3600,
	    "Timeout of reads and writes, seconds"),
};

static const struct conf_key app_keys[] = {
	NUMBER(CONF_INT, "threads", HERE(conf.threads), "8", 1, 64,
	    "Threads, each with its own database connection"),
	NUMBER(CONF_INT, "client_patience_s", HERE(conf.client_patience_s), "10", 1, 300,
	    "A client that sends or takes nothing is given up after this, seconds"),
	NUMBER(CONF_INT, "client_min_kib_s", HERE(conf.client_min_kib_s), "64", 1, 1048576,
	    "And one that is slower than this for longer, KiB each second"),
	NUMBER(CONF_INT, "max_body_bytes", HERE(conf.max_body_bytes), "65536", 1024, 16777216,
	    "Largest request body"),
	NUMBER(CONF_INT, "max_import_bytes", HERE(conf.max_import_bytes), "4194304", 1024, 67108864,
	    "Largest import"),
	{ .name = "cors_origins",
	    .type = CONF_ORIGINS,
	    .at = HERE(conf.cors_origins),
	    .doc = "Origins whose web pages may read answers; unset: no others" },
	NUMBER(CONF_INT, "call_timeout_ms", HERE(conf.call_timeout_ms), "8000", 100, 60000,
	    "Total time of a call to Pinterest that a user waits for, milliseconds"),
	NUMBER(CONF_INT, "board_cache_s", HERE(conf.board_cache_s), "300", 0, DAY_S,
	    "Lifetime of cached boards, seconds"),
	NUMBER(CONF_INT, "login_burst", HERE(conf.login_pace.capacity), "30", 1, 1000000,
	    "Failed logins of one network (/24, /64) in a row"),
	NUMBER(CONF_MS_AS_US, "login_interval_ms", HERE(conf.login_pace.interval_us), "20000", 1,
	    DAY_S * 1000, "Time until it may fail once more, milliseconds"),
	NUMBER(CONF_INT, "register_burst", HERE(conf.register_pace.capacity), "60", 1, 1000000,
	    "Registrations of one network in a row"),
	NUMBER(CONF_MS_AS_US, "register_interval_ms", HERE(conf.register_pace.interval_us), "60000",
	    1, DAY_S * 1000, "Time until it may register once more, milliseconds"),
};

static const struct conf_key worker_keys[] = {
	NUMBER(CONF_INT, "poll_ms", HERE(conf.poll_ms), "250", 10, 60000,
	    "Maximum time between two polls for due work, milliseconds"),
	NUMBER(CONF_INT, "lease_ms", HERE(conf.lease_ms), "15000", 1000, 600000,
	    "Another worker may take over after this one was silent for this long, milliseconds"),
	NUMBER(CONF_INT, "lease_renew_ms", HERE(conf.lease_renew_ms), "5000", 200, 200000,
	    "Time between renewals of leases, milliseconds; at most half of lease_ms"),
	NUMBER(CONF_INT, "max_in_flight", HERE(conf.max_in_flight), "1000", 1, 20000,
	    "Maximum number of concurrent creates; a quarter of them for the sandbox, of each half "
	    "for one project"),
	TEXT("host_id_file", HERE(conf.host_id_file), NULL,
	    "Random host id, with which a restarted worker takes its leases back at once"),
	NUMBER(CONF_INT, "global_burst", HERE(conf.global_pace.capacity), "6400", 64, 1000000000,
	    "Burst of creates over all accounts"),
	NUMBER(CONF_PER_S, "global_per_s", HERE(conf.global_pace.interval_us), "640", 1, 1000000,
	    "Creates per second, over all accounts"),
};

static const struct conf_key analytics_keys[] = {
	NUMBER(CONF_INT, "cache_s", HERE(conf.analytics_cache_s), "300", 0, 3600,
	    "Lifetime of cached figures of Pinterest, seconds; 0: none are cached"),
	{ .name = "store",
	    .type = CONF_OFF,
	    .at = HERE(conf.analytics_store),
	    .def = "off",
	    .doc = "Store figures for longer: off, since Pinterest's developer guidelines want "
		   "data of the API fetched anew; there is no other value" },
};

static const struct conf_key outbound_keys[] = {
	{ .name = "allow",
	    .type = CONF_RULES,
	    .at = HERE(conf.outbound),
	    .doc =
		"Private addresses, and those of this host, that outgoing calls may reach, such as "
		"10.0.0.0/8:443" },
	{ .name = "ca_file",
	    .type = CONF_CERTS,
	    .at = HERE(conf.outbound_ca),
	    .doc = "File with certificates of private authorities, trusted for webhooks and "
		   "images of sandbox pins besides the system's; not for Pinterest" },
	{ .name = "check_images",
	    .type = CONF_BOOL,
	    .at = HERE(conf.check_images),
	    .def = "yes",
	    .doc = "Fetch the first 64 KiB of images for validate, and of those that Pinterest "
		   "refused" },
	NUMBER(CONF_INT, "image_timeout_ms", HERE(conf.image_timeout_ms), "5000", 100, 30000,
	    "Total time of such a fetch with its redirects, milliseconds"),
};

static const struct conf_key upstream_keys[] = {
	URL("base_url", UP(base_url), NULL,
	    "Pinterest API such as https://api.pinterest.com/v5; unset: not configured"),
	BOTH(CONF_URL, "oauth_url", UP(oauth_url), "https://www.pinterest.com/oauth", "", 0, 0,
	    "Authorization page"),
	TEXT("client_id", UP(client_id), NULL, "Id of the Pinterest app"),
	SECRET("client_secret_file", UP(client_secret), "File with the secret of the app"),
	BOTH(CONF_LIST, "scopes", UP(scopes),
	    "boards:read,boards:write,pins:read,pins:write,user_accounts:read",
	    "ads:read,boards:read,boards:write,pins:read,pins:write,user_accounts:read", 0, 0,
	    "Scopes that are requested; secret boards also need boards:read_secret, "
	    "boards:write_secret, pins:read_secret, pins:write_secret, related terms ads:read"),
	BOTH(CONF_INT, "burst", UP(pace.capacity), "5", "50", 1, 1000000,
	    "Burst of pins of one account"),
	BOTH(CONF_MS_AS_US, "interval_ms", UP(pace.interval_us), "60000", "1000", 1, 24 * HOUR_MS,
	    "Time until one more pin may be sent, milliseconds"),
	BOTH(CONF_INT, "jitter_pct", UP(jitter_pct), "20", "0", 0, 100,
	    "Random lengthening of waits, up to this percentage"),
	BOTH(CONF_INT, "daily_cap", UP(daily_cap), "50", "0", 0, 1000000,
	    "Pins of one account in any 24 hours; 0: no cap"),
	BOTH(CONF_INT, "host_gap_ms", UP(host_gap_ms), "600000", "0", 0, 24 * HOUR_MS,
	    "Minimum time between two pins that link to the same host, milliseconds"),
	NUMBER(CONF_INT, "create_timeout_ms", UP(create_timeout_ms), "30000", 1000, 300000,
	    "Total time of one create, milliseconds"),
	NUMBER(CONF_INT, "max_send_delay_ms", UP(max_send_delay_ms), "2000", 100, 60000,
	    "A create not sent within this time after its intent is not sent, milliseconds"),
	BOTH(CONF_INT, "verify_after_ms", UP(verify_after_ms), "600000", "2000", 100, 24 * HOUR_MS,
	    "Minimum time before an unknown outcome is looked up, milliseconds"),
	BOTH(CONF_INT, "verify_gap_ms", UP(verify_gap_ms), "120000", "1000", 100, 24 * HOUR_MS,
	    "Time between the two listings that prove absence, milliseconds"),
	BOTH(CONF_INT, "retry_base_ms", UP(retry_base_ms), "60000", "1000", 1, 24 * HOUR_MS,
	    "Wait before the second try, milliseconds; doubled each time"),
	BOTH(CONF_INT, "retry_cap_ms", UP(retry_cap_ms), "3600000", "5000", 1, 7 * 24 * HOUR_MS,
	    "Maximum wait between tries, milliseconds"),
	BOTH(CONF_INT, "retry_max", UP(retry_max), "8", "6", 1, 100,
	    "Maximum number of tries of one pin"),
	BOTH(CONF_INT, "cooldown_min_ms", UP(cooldown_min_ms), "60000", "1000", 1, 24 * HOUR_MS,
	    "Minimum wait after a rate limit, milliseconds"),
	BOTH(CONF_INT, "spam_hold_1_ms", UP(spam_hold_ms[0]), "3600000", "3000", 1,
	    30 * 24 * HOUR_MS, "Hold after the first spam block, milliseconds"),
	BOTH(CONF_INT, "spam_hold_2_ms", UP(spam_hold_ms[1]), "21600000", "6000", 1,
	    30 * 24 * HOUR_MS, "Hold after the second, milliseconds"),
	BOTH(CONF_INT, "spam_hold_3_ms", UP(spam_hold_ms[2]), "86400000", "12000", 1,
	    30 * 24 * HOUR_MS, "Hold after the third and later, milliseconds"),
	BOTH(CONF_INT, "spam_slowdown_max", UP(spam_slowdown_max), "4", "1", 1, 1000,
	    "Each spam block of the last 7 days halves the pace, at most to 1 / this; 1: off"),
};

static const struct conf_key webhook_keys[] = {
	{ .name = "allow_http",
	    .type = CONF_BOOL,
	    .at = HERE(conf.webhook.allow_http),
	    .def = "no",
	    .doc = "Accept endpoints without TLS" },
	NUMBER(CONF_INT, "timeout_ms", HERE(conf.webhook.timeout_ms), "15000", 100, 120000,
	    "Total time of one delivery, milliseconds"),
	NUMBER(CONF_INT, "connect_timeout_ms", HERE(conf.webhook.connect_timeout_ms), "5000", 100,
	    120000, "Time to connect, milliseconds"),
	NUMBER(CONF_INT, "max_in_flight", HERE(conf.webhook.max_in_flight), "200", 1, 10000,
	    "Maximum number of concurrent deliveries; at most a quarter of them for one tenant"),
	NUMBER(CONF_INT, "per_endpoint_in_flight", HERE(conf.webhook.per_endpoint_in_flight), "10",
	    1, 1000, "Of these, to one endpoint; fewer if it takes longer than a second to answer"),
	NUMBER(CONF_INT, "per_host_in_flight", HERE(conf.webhook.per_host_in_flight), "20", 1,
	    10000,
	    "Of these, to one host, over all tenants; at most three quarters of them for one "
	    "tenant"),
	NUMBER(CONF_INT, "max_endpoints", HERE(conf.webhook.max_endpoints), "20", 1, 1000,
	    "Endpoints of one project"),
	NUMBER(CONF_INT, "deadline_s", HERE(conf.webhook.deadline_s), "345600", 60, 366 * DAY_S,
	    "Time after which an event is given up, seconds"),
	NUMBER(CONF_STEPS, "retry_delays_s", HERE(conf.webhook),
	    "0,5,300,1800,7200,18000,36000,50400,72000,86400", 0, 30 * DAY_S,
	    "Wait before each attempt, seconds"),
};

static const struct conf_key mail_keys[] = {
	{ .name = "url",
	    .type = CONF_SMTP,
	    .at = HERE(conf.mail.url),
	    .doc =
		"Mail server, such as smtp://mail.example.com:587 (STARTTLS) or "
		"smtps://mail.example.com:465; unset: no mail is sent, and `pintempo mail` shows "
		"what waits" },
	TEXT("user", HERE(conf.mail.user), NULL, "Name to log in with; unset: no login"),
	{ .name = "password_file",
	    .type = CONF_SECRET,
	    .at = HERE(conf.mail.password),
	    .others_secret = true,
	    .doc = "File with its password" },
	{ .name = "from",
	    .type = CONF_EMAIL,
	    .at = HERE(conf.mail.from),
	    .doc = "Address that mails come from; needed with url" },
	TEXT("from_name", HERE(conf.mail.from_name), "Pintempo", "Name that mails come from"),
	{ .name = "require_tls",
	    .type = CONF_BOOL,
	    .at = HERE(conf.mail.require_tls),
	    .def = "yes",
	    .doc = "Send nothing over a connection that is not encrypted; no: only if the server "
		   "offers STARTTLS, for a server on this machine" },
	{ .name = "ca_file",
	    .type = CONF_CERTS,
	    .at = HERE(conf.mail.ca),
	    .doc = "File with certificates of private authorities, trusted for the mail server "
		   "besides the system's" },
	NUMBER(CONF_INT, "timeout_ms", HERE(conf.mail.timeout_ms), "30000", 1000, 300000,
	    "Total time to send one mail, milliseconds"),
};

static const struct conf_key limits_keys[] = {
	NUMBER(CONF_INT, "requests_burst", HERE(conf.limits.requests.capacity), "6000", 1,
	    1000000000,
	    "Requests that an API key, or a person with all sessions, may send at once"),
	NUMBER(CONF_PER_S, "requests_per_s", HERE(conf.limits.requests.interval_us), "100", 1,
	    1000000, "Requests per second afterwards; each process counts for itself"),
	NUMBER(CONF_INT, "requests_in_hand", HERE(conf.limits.requests_in_hand), "0", 0, 64,
	    "Requests of one project that are answered at the same time; 0: half of [app] threads"),
	NUMBER(CONF_INT, "long_in_hand", HERE(conf.limits.long_in_hand), "0", 0, 64,
	    "Of these, searches, exports, imports and bulk requests; 0: a quarter of the threads"),
	NUMBER(CONF_INT, "statement_ms", HERE(conf.limits.statement_ms), "2000", 10, 60000,
	    "Time of one statement of a list, milliseconds; a search that takes longer is refused"),
	NUMBER(CONF_INT, "accounts", HERE(conf.limits.accounts), "500", 1, 1000000,
	    "Connected Pinterest accounts of one project"),
	NUMBER(CONF_INT, "api_keys", HERE(conf.limits.api_keys), "100", 1, 100000,
	    "API keys of one project that are not revoked"),
	NUMBER(CONF_INT, "import_rows", HERE(conf.limits.import_rows), "50000", 500, 10000000,
	    "Rows of imports of one project that wait to be processed"),
	NUMBER(CONF_INT, "invitations", HERE(conf.limits.invitations), "50", 1, 1000,
	    "Invitations into one organization that can still be accepted"),
	NUMBER(CONF_INT, "invitations_per_day", HERE(conf.limits.invitations_per_day), "50", 1,
	    100000, "Invitations, and those sent again, of one organization a day (UTC)"),
	NUMBER(CONF_INT, "members", HERE(conf.limits.members), "100", 1, 1000,
	    "Members of one organization; 1: nobody can be invited"),
	NUMBER(CONF_INT, "pending_pins", HERE(conf.limits.pending_pins), "100000", 1, 100000000,
	    "Pins of one project that wait to be sent"),
	NUMBER(CONF_INT, "pending_schedules", HERE(conf.limits.pending_schedules), "100000", 1,
	    100000000, "Schedules of one project that wait for their time"),
	NUMBER(CONF_INT, "sessions", HERE(conf.limits.sessions), "20", 2, 10000,
	    "Sessions of one person; one more ends the oldest"),
	NUMBER(CONF_INT, "stored_replies", HERE(conf.limits.stored_replies), "200000", 1, 100000000,
	    "Replies of Idempotency-Key headers of one project"),
};

#define DAYS(n, d, lo, about) NUMBER(CONF_INT, #n, HERE(conf.retention.n), d, lo, 10000, about)
static const struct conf_key retention_keys[] = {
	DAYS(events_days, "30", 0, "Events with their deliveries, days; 0: for ever"),
	DAYS(activity_days, "90", 0, "Activity log, days; 0: for ever"),
	DAYS(finished_days, "0", 0,
	    "Finished pins and schedules, with attempts and idempotency keys, days; 0: for ever"),
	DAYS(import_rows_days, "30", 0, "Rows of finished imports, days; 0: for ever"),
	DAYS(replies_days, "1", 1, "Stored replies of Idempotency-Key headers, days"),
	DAYS(oauth_states_days, "1", 1, "Used OAuth states, days"),
	DAYS(workers_days, "7", 1, "Workers that are gone, days"),
	DAYS(mails_days, "30", 1, "Mails, without their texts, days"),
};

#define KEYS(list) .keys = list, .len = sizeof list / sizeof list[0]

const struct conf_section conf_table[CONF_SECTIONS] = {
	{ .name = "instance", .doc = "This installation", KEYS(instance_keys) },
	{ .name = "database", .doc = "MariaDB 10.6 or later", KEYS(database_keys) },
	{ .name = "app", .doc = "The FastCGI application", KEYS(app_keys) },
	{ .name = "analytics", .doc = "Figures that Pinterest tells", KEYS(analytics_keys) },
	{ .name = "worker", .doc = "The worker", KEYS(worker_keys) },
	{ .name = "outbound", .doc = "Where outgoing calls may go", KEYS(outbound_keys) },
	{ .name = "production",
	    .doc = "Upstream of production projects",
	    KEYS(upstream_keys),
	    .base = HERE(conf.upstream[ENV_PRODUCTION]) },
	{ .name = "sandbox",
	    .doc = "Upstream of sandbox projects: the simulator",
	    KEYS(upstream_keys),
	    .base = HERE(conf.upstream[ENV_SANDBOX]),
	    .sandbox = true },
	{ .name = "webhooks", .doc = "Deliveries of events", KEYS(webhook_keys) },
	{ .name = "mail", .doc = "The mail server, for what is sent to persons", KEYS(mail_keys) },
	{ .name = "limits",
	    .doc = "Fair shares: what one credential and one project may have",
	    KEYS(limits_keys) },
	{ .name = "retention",
	    .doc = "How long rows are kept after their last use",
	    KEYS(retention_keys) },
};

_Static_assert(
    sizeof upstream_keys / sizeof upstream_keys[0] <= CONF_KEYS_MAX, "raw[] is too small");
_Static_assert(
    sizeof database_keys / sizeof database_keys[0] <= CONF_KEYS_MAX, "raw[] is too small");

const char *
conf_table_default(const struct conf_section *s, const struct conf_key *k)
{
	const char *def = s->sandbox && k->sandbox_def != NULL ? k->sandbox_def : k->def;

	return def != NULL && def[0] != '\0' ? def : NULL;
}

const char *
conf_table_allowed(const struct conf_key *k, struct arena *mem)
{
	switch (k->type) {
	case CONF_TEXT: return "text";
	case CONF_LIST: return "comma-separated text";
	case CONF_URLS: return "comma-separated http or https URLs";
	case CONF_ORIGINS: return "comma-separated origins such as https://app.example.com";
	case CONF_URL: return "an http or https URL";
	case CONF_SMTP: return "smtp://HOST[:PORT] or smtps://HOST[:PORT]";
	case CONF_EMAIL: return "an e-mail address";
	case CONF_SECRET: return "a file that others can neither read nor write";
	case CONF_CERTS: return "a file with certificates in PEM";
	case CONF_INT:
	case CONF_UINT:
	case CONF_MS_AS_US:
	case CONF_PER_S: return arena_printf(mem, "%" PRId64 "..%" PRId64, k->min, k->max);
	case CONF_BOOL: return "yes, no";
	case CONF_OFF: return "off";
	case CONF_REGISTRATION: return "closed, invite, open";
	case CONF_LEVEL: return "error, warn, info, debug";
	case CONF_RULES:
		return "comma-separated addresses such as 10.0.0.0/8, 127.0.0.1:8099, [fd00::]/8";
	case CONF_STEPS:
		return arena_printf(
		    mem, "1 to 16 numbers, the first 0, each up to %" PRId64, k->max);
	}
	return "";
}
