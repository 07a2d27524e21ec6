/* The loader reports every fault with its line, and printed configuration loads to the same values.
 */
#include "lib/conf.h"

#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/tap.h"

#define LEAST "[instance]\npublic_url = https://pins.example/\nkey_file = /etc/keys\n"

static char dir[] = "/tmp/test_conf.XXXXXX";

static const char *
path_of(const char *name, char out[200])
{
	snprintf(out, 200, "%s/%s", dir, name);
	return out;
}

static void
write_file(const char *name, const char *text)
{
	char path[200];
	FILE *out = fopen(path_of(name, path), "w");

	if (out == NULL || fchmod(fileno(out), 0600) != 0)
		abort();
	fputs(text, out);
	fclose(out);
}

/* Loads `text`; messages go to *said (to be freed). */
static struct conf *
load(const char *text, char **said)
{
	char path[200];
	size_t len;
	FILE *err = open_memstream(said, &len);
	struct conf *c;

	write_file("c", text);
	c = conf_load(path_of("c", path), err);
	fclose(err);
	return c;
}

static void
test_defaults(void)
{
	char *said;
	struct conf *c = load(LEAST, &said);

	is_str(said, "", "a minimal configuration loads without a message");
	free(said);
	if (!ok(c != NULL, "a minimal configuration loads"))
		return;
	is_str(c->public_url, "https://pins.example", "a trailing slash of public_url is removed");
	is_int(c->registration, REGISTRATION_CLOSED, "default registration");
	is_int(c->threads, 8, "default threads");
	is_int(c->session_s, 86400, "default session_s");
	is_int(c->publish_window_s, 604800, "default publish_window_s");
	is_str(c->db_app.socket, "/run/mysqld/mysqld.sock", "the default socket");
	is_str(c->db_worker.user, "pintempo", "the default user");
	is_str(c->db_app.database, "pintempo", "the default database");
	ok(c->sandbox_database_name == NULL && c->db_sandbox.database == NULL,
	    "no simulator by default");
	is_int(c->upstream[ENV_PRODUCTION].pace.capacity, 5, "default production burst");
	is_int(
	    c->upstream[ENV_PRODUCTION].pace.interval_us, 60000000, "default production interval");
	is_int(c->upstream[ENV_PRODUCTION].daily_cap, 50, "default production daily cap");
	is_int(c->upstream[ENV_PRODUCTION].host_gap_ms, 600000, "default production host gap");
	is_int(c->upstream[ENV_PRODUCTION].spam_slowdown_max, 4, "default production slow-down");
	is_int(c->upstream[ENV_SANDBOX].host_gap_ms, 0, "default sandbox host gap");
	is_int(c->upstream[ENV_SANDBOX].spam_slowdown_max, 1, "default sandbox slow-down");
	is_int(c->upstream[ENV_PRODUCTION].spam_hold_ms[2], 86400000,
	    "default production third spam hold");
	is_int(c->upstream[ENV_SANDBOX].pace.capacity, 50, "default sandbox burst");
	is_int(c->upstream[ENV_SANDBOX].pace.interval_us, 1000000, "default sandbox interval");
	is_int(c->upstream[ENV_SANDBOX].spam_hold_ms[2], 12000, "default sandbox third spam hold");
	ok(c->upstream[ENV_PRODUCTION].base_url == NULL, "no production base_url by default");
	is_str(c->upstream[ENV_PRODUCTION].oauth_url, "https://www.pinterest.com/oauth",
	    "default production oauth_url");
	ok(c->upstream[ENV_SANDBOX].oauth_url == NULL, "no sandbox oauth_url by default");
	is_int(c->global_pace.interval_us, 1562, "the default global pace is 640 per second");
	is_int((int64_t)c->webhook.steps_len, 10, "ten retry delays by default");
	is_int(c->webhook.steps_ms[9], 86400000, "the default last retry delay");
	ok(!c->webhook.allow_http, "webhooks need https by default");
	is_int((int64_t)c->outbound.allow_len, 0, "no outbound address is allowed by default");
	conf_free(c);
}

static void
test_values(void)
{
	char text[2000], *said;
	struct conf *c;

	write_file("pw", "secret\n");
	write_file("apppw", "app secret\r\n");
	snprintf(text, sizeof text,
	    LEAST "registration = invite\nlog_level = debug\n"
		  "oauth_return_prefixes = https://a.example/,\n  https://b.example/\n"
		  "[database]\nhost = h1:3306,h2:3306\nport=3307\npassword_file = %s/pw\n"
		  "app_user = app\napp_password_file = %s/apppw\nsandbox_name = simulator\n"
		  "migrate_user = root\n"
		  "[outbound]\nallow = 127.0.0.1:8099, 10.0.0.0/8\n"
		  "[production]\nbase_url = http://127.0.0.1:9/v5//\nclient_secret_file = %s/pw\n"
		  "interval_ms = 1500 ; slow\n# a comment\n; another\n"
		  "[webhooks]\nallow_http = yes\nretry_delays_s = 0,1, 2\n",
	    dir, dir, dir);
	c = load(text, &said);
	is_str(said, "", "a full configuration loads without a message");
	free(said);
	if (!ok(c != NULL, "a full configuration loads"))
		return;
	is_int(c->registration, REGISTRATION_INVITE, "registration is read");
	is_int(c->log_level, LOG_LVL_DEBUG, "log_level is read");
	is_str(c->oauth_return_prefixes, "https://a.example/,https://b.example/",
	    "a list over two lines is joined");
	is_str(c->db_app.user, "app", "a program may have a separate user");
	is_str(
	    c->db_app.password, "app secret", "a separate password is read without its line end");
	is_str(c->db_worker.password, "secret", "other programs use the common password");
	is_str(c->db_migrate.user, "root", "migrate may have a separate user");
	is_str(c->db_sandbox.database, "simulator", "the simulator's database is read");
	is_str(c->db_ctl.host, "h1:3306,h2:3306", "several hosts are read");
	ok(c->db_ctl.socket == NULL, "no socket when hosts are given");
	is_int(c->db_ctl.port, 3307, "port is read");
	is_int((int64_t)c->outbound.allow_len, 2, "two outbound rules are read");
	is_int(c->outbound.allow[0].net.port, 8099, "the first outbound rule has a port");
	is_str(c->upstream[ENV_PRODUCTION].base_url, "http://127.0.0.1:9/v5",
	    "trailing slashes of base_url are removed");
	is_str(c->upstream[ENV_PRODUCTION].client_secret, "secret",
	    "the app's secret is read from its file");
	is_int(c->upstream[ENV_PRODUCTION].pace.interval_us, 1500000,
	    "a comment after a value is ignored");
	ok(c->webhook.allow_http, "allow_http is read");
	is_int((int64_t)c->webhook.steps_len, 3, "three retry delays are read");
	is_int(c->webhook.steps_ms[2], 2000, "retry delays are stored in milliseconds");
	conf_free(c);
}

/* Every kind of fault: the text after LEAST (from line 4 on), and a part of the expected message.
 */
static const struct {
	const char *name, *text, *want;
} faults[] = {
	{ "unknown key", "[app]\nthreds = 3\n",
	    ":5: [app] threds: unknown key; allowed: threads, " },
	{ "unknown section", "[ap]\nthreads = 3\n",
	    ":4: [ap]: unknown section; allowed: instance, " },
	{ "key twice", "[app]\nthreads = 3\nthreads = 4\n",
	    ":6: [app] threads: set twice (first: line 5); allowed: once" },
	{ "section twice", "[app]\n[worker]\n[app]\n",
	    ":6: [app]: set twice (first: line 4); allowed: once" },
	{ "too small", "[app]\nthreads = 0\n",
	    ":5: [app] threads: is out of range; allowed: 1..64" },
	{ "too large", "[app]\nthreads = 65\n",
	    ":5: [app] threads: is out of range; allowed: 1..64" },
	{ "no number", "\n[app]\nthreads = four\n",
	    ":6: [app] threads: is not a whole number; allowed: 1..64" },
	{ "number and more", "[app]\nthreads = 4 x\n", ":5: [app] threads: is not a whole number" },
	{ "no flag", "[webhooks]\nallow_http = maybe\n",
	    ":5: [webhooks] allow_http: is neither yes nor no; allowed: yes, no" },
	{ "no word", "registration = shut\n",
	    ":4: [instance] registration: is not a known word; allowed: closed, invite, open" },
	{ "no level", "log_level = loud\n",
	    ":4: [instance] log_level: is not a known word; allowed: error, warn, info, debug" },
	{ "no URL", "[production]\nbase_url = ftp://x/\n", ":5: [production] base_url: " },
	{ "no rule", "[outbound]\nallow = 10.0.0.0/8, 300.1.1.1\n",
	    ":5: [outbound] allow: 300.1.1.1 is no address rule; allowed: " },
	{ "a name with controls", "[app]\nth\x1b[2Jreads = 1\n",
	    ":5: [app] th\\x1b[2Jreads: unknown" },
	{ "a control",
	    "[production]\nclient_id = 12\x1b"
	    "3\n",
	    ":5: [production] client_id: must not contain U+001B (a control character)" },
	{ "unseen at the end", "[production]\nclient_id = 123\xe2\x80\x8b\n",
	    ":5: [production] client_id: begins or ends with a blank or what cannot be seen" },
	{ "no prefix", "oauth_return_prefixes = https://a.example/, b.example\n",
	    ":4: [instance] oauth_return_prefixes: b.example must begin with http:// or https://" },
	{ "unseen in a prefix", "oauth_return_prefixes = https://a.example\xc2\xa0/\n",
	    "cannot be seen: U+00A0 at character 18" },
	{ "any origin", "[app]\ncors_origins = *\n",
	    ":5: [app] cors_origins: * must begin with http:// or https://" },
	{ "the origin null", "[app]\ncors_origins = https://a.example, null\n",
	    ":5: [app] cors_origins: null must begin with http:// or https://" },
	{ "an origin with a path", "[app]\ncors_origins = https://a.example/\n",
	    ":5: [app] cors_origins: https://a.example/ is no origin: scheme, host in lower case" },
	{ "an origin in capitals", "[app]\ncors_origins = https://A.example\n",
	    ":5: [app] cors_origins: https://A.example is no origin: scheme, host in lower case" },
	{ "an origin with wildcards", "[app]\ncors_origins = https://*.a.example\n",
	    ":5: [app] cors_origins: https://*.a.example" },
	{ "an origin with the usual port", "[app]\ncors_origins = https://a.example:443\n",
	    ":5: [app] cors_origins: https://a.example:443 is no origin: browsers leave out" },
	{ "steps not from 0", "[webhooks]\nretry_delays_s = 5,6\n",
	    ":5: [webhooks] retry_delays_s: does not begin with 0; allowed: 1 to 16 numbers" },
	{ "step out of range", "[webhooks]\nretry_delays_s = 0,-6\n",
	    ":5: [webhooks] retry_delays_s: -6 is no number in range; allowed: 1 to 16 numbers" },
	{ "too many steps",
	    "[webhooks]\nretry_delays_s = 0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16\n",
	    ":5: [webhooks] retry_delays_s: has too many numbers" },
	{ "no such file", "[sandbox]\nclient_secret_file = /no/such\n",
	    ":5: [sandbox] client_secret_file: /no/such: No such file or directory; allowed: a "
	    "file" },
	{ "no such authorities", "[outbound]\nca_file = /no/such\n",
	    ":5: [outbound] ca_file: /no/such: No such file or directory; allowed: a file with "
	    "certificates in PEM" },
	{ "no authorities", "[outbound]\nca_file = /dev/null\n",
	    ":5: [outbound] ca_file: /dev/null: holds no certificate" },
	{ "authorities that are no text", "[outbound]\nca_file = /proc/self/environ\n",
	    ":5: [outbound] ca_file: /proc/self/environ: is not PEM" },
	{ "empty secret", "[database]\npassword_file = /dev/null\n",
	    ":5: [database] password_file: /dev/null: is not a regular file" },
	{ "no setting", "[app]\nthreads\n", ":5: not a setting; allowed: " },
	{ "indented key", "[app]\nthreads = 3\n  call_timeout_ms = 4\n",
	    ":6: [app] threads: an indented line continues the one above; allowed: lists only" },
	{ "socket and host", "[database]\nsocket = /s\nhost = h\n",
	    ":4: [database] host: cannot be set together with socket" },
	{ "renewed too late", "[worker]\nlease_ms = 8000\n",
	    ":4: [worker] lease_renew_ms: is over half" },
	{ "connect over all", "[webhooks]\ntimeout_ms = 1000\n",
	    ":4: [webhooks] connect_timeout_ms: is over timeout_ms; allowed: at most 1000" },
	{ "base over cap", "[sandbox]\nretry_base_ms = 6000\n",
	    ":4: [sandbox] retry_base_ms: is over retry_cap_ms; allowed: at most 5000" },
};

static void
test_faults(void)
{
	char text[1000], *said;
	struct conf *c;
	size_t i;

	for (i = 0; i < sizeof faults / sizeof faults[0]; i++) {
		snprintf(text, sizeof text, LEAST "%s", faults[i].text);
		c = load(text, &said);
		ok(c == NULL, "%s: the configuration is refused", faults[i].name);
		if (!ok(strstr(said, faults[i].want) != NULL, "%s: the fault is reported",
			faults[i].name))
			printf("# said %s", said);
		ok(strncmp(said, dir, strlen(dir)) == 0, "%s: the message names the file",
		    faults[i].name);
		conf_free(c);
		free(said);
	}
}

static void
test_more_faults(void)
{
	char text[1000], *said;
	struct conf *c;

	c = load("[instance]\n\npublic_url = https://a.example\n[app]\nthreads = x\n", &said);
	ok(c == NULL && strstr(said, ":1: [instance] key_file: is missing; allowed: text") != NULL,
	    "a missing key is reported at its section");
	ok(strstr(said, ":5: [app] threads") != NULL,
	    "a missing key is reported with the other faults");
	free(said);
	c = load("threads = 3\n" LEAST, &said);
	ok(c == NULL && strstr(said, ":1: threads: is outside of any section") != NULL,
	    "a key before any section is refused");
	free(said);
	snprintf(text, sizeof text, LEAST "wakeup_socket = /%0300d\nsession_s = 1\n", 0);
	c = load(text, &said);
	ok(c == NULL && strstr(said, ":4: line too long; allowed: ") != NULL,
	    "an overlong line is refused");
	ok(strstr(said, ":5: [instance] session_s") != NULL,
	    "lines after an overlong line are counted correctly");
	free(said);
	c = conf_load("/no/such/file", stderr);
	ok(c == NULL, "a missing file is refused");
	c = load(LEAST "oauth_return_prefixes =\nwakeup_socket =\n", &said);
	ok(c != NULL && c->oauth_return_prefixes == NULL && c->wakeup_socket == NULL,
	    "an empty value counts as unset");
	conf_free(c);
	free(said);
}

static void
test_barred(void)
{
	char text[1000], path[200], *said;
	struct conf *c;

	write_file("barred", "x\n");
	chmod(path_of("barred", path), 0);
	if (access(path, R_OK) == 0) {
		ok(true, "root reads everything # SKIP");
		return;
	}
	snprintf(text, sizeof text, LEAST "[database]\napp_password_file = %s\n", path);
	c = load(text, &said);
	ok(c != NULL && c->db_app.password == NULL,
	    "another program's unreadable password is ignored");
	conf_free(c);
	free(said);
}

static char *
print(const struct conf *c)
{
	char *text;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	conf_print(c, out);
	fclose(out);
	return text;
}

static void
test_print(void)
{
	static const char odd[] =
	    LEAST "[outbound]\nallow = 10.0.0.0/8,192.168.0.0/16,172.16.0.0/12,127.0.0.1:8099,\n"
		  "  10.1.0.0/16,10.2.0.0/16,10.3.0.0/16,10.4.0.0/16,10.5.0.0/16,10.6.0.0/16,\n"
		  "  10.7.0.0/16,10.8.0.0/16,10.9.0.0/16,10.10.0.0/16,10.11.0.0/16,[fd00::]/8\n"
		  "[worker]\nglobal_per_s = 77\n[sandbox]\njitter_pct = 3\n";
	char *said, *first, *second;
	struct conf *c = load(odd, &said), *again;

	is_str(said, "", "a configuration with changed values loads");
	free(said);
	if (c == NULL)
		return;
	first = print(c);
	again = load(first, &said);
	is_str(said, "", "printed configuration loads without a message");
	free(said);
	if (again != NULL) {
		second = print(again);
		is_str(second, first, "loaded again, the configuration prints the same");
		is_int((int64_t)again->outbound.allow_len, 16, "a long list keeps all its entries");
		is_int(
		    again->global_pace.interval_us, c->global_pace.interval_us, "a rate survives");
		is_int(again->upstream[ENV_SANDBOX].jitter_pct, 3, "a number survives");
		is_int(again->webhook.steps_ms[9], 86400000, "the last retry delay survives");
		free(second);
	}
	ok(strstr(first, "\nthreads = 8\n") != NULL, "defaults are printed as values");
	ok(strstr(first, "\n# wakeup_socket =\n") != NULL, "unset keys are printed as comments");
	free(first);
	conf_free(c);
	conf_free(again);
}

static void
clean_up(void)
{
	static const char *const names[] = { "c", "pw", "apppw", "barred" };
	char path[200];
	size_t i;

	for (i = 0; i < sizeof names / sizeof names[0]; i++)
		unlink(path_of(names[i], path));
	rmdir(dir);
}

int
main(void)
{
	if (mkdtemp(dir) == NULL)
		return 1;
	test_defaults();
	test_values();
	test_faults();
	test_more_faults();
	test_barred();
	test_print();
	clean_up();
	return tap_done();
}
