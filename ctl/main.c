/* The operator's command: finds the subcommand in the table and sets up what it needs. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config.h"
#include "ctl/app.h"
#include "ctl/sessions.h"
#include "ctl/settings.h"
#include "ctl/accounts.h"
#include "ctl/checks.h"
#include "ctl/ctl.h"
#include "ctl/init.h"
#include "ctl/keys.h"
#include "ctl/late.h"
#include "ctl/limits.h"
#include "ctl/logins.h"
#include "ctl/mail.h"
#include "ctl/members.h"
#include "ctl/pause.h"
#include "ctl/users.h"
#include "ctl/recover.h"
#include "ctl/retry.h"
#include "ctl/rotate.h"
#include "ctl/screen.h"
#include "ctl/status.h"
#include "ctl/why.h"
#include "lib/crypto.h"
#include "lib/version.h"
#include "sql/stmt.h"
#include "sql/store.h"

#ifndef SYSCONFDIR
#define SYSCONFDIR "/etc"
#endif
#define EXIT_USAGE 2
#define GO_ON (-1)
#define HELP_WIDTH 80
#define HELP_INDENT 6
#define DEFAULT_CONF SYSCONFDIR "/pintempo/pintempo.conf"

static int show_version(struct ctl *c, int argc, char **argv);
static int show_help(struct ctl *c, int argc, char **argv);

static const struct ctl_command commands[] = {
	{ "init",
	    "[--url URL [--socket PATH]] [--owner EMAIL [--password-file FILE]] "
	    "[--replace-key]",
	    "Create what is missing: configuration, key, databases, schema, database users; may be "
	    "run again. --url, --socket: for a first configuration, the address that clients use "
	    "and the socket of MariaDB. --owner: the first user, with a password as in `user add`. "
	    "--replace-key: a new instance key for one that is lost for good; what it sealed is "
	    "given up",
	    false, false, init_run },
	{ "migrate", "", "Bring the schema up to date", true, false, init_migrate },
	{ "config check", "[--offline]",
	    "Check all that the programs depend on: configuration, files, the database as each "
	    "program sees it, the instance key, what answers as Pinterest, clocks. --offline: "
	    "without connecting. Exit code 0: well, 1: warnings, 2: faults",
	    false, false, checks_run },
	{ "config print", "", "Every setting in force, with its default and meaning", true, false,
	    settings_print },
	{ "user add", "EMAIL [--name NAME] [--password-file FILE]",
	    "A user with an organization and a production project. The password is asked for "
	    "twice, or is the first line of stdin or of FILE",
	    true, true, users_add },
	{ "user list", "", "All users: id, address, whether they can log in, organizations", true,
	    true, logins_list },
	{ "user password", "EMAIL [--password-file FILE]",
	    "A new password, as in `user add`; ends the user's sessions", true, true,
	    logins_password },
	{ "user password-link", "EMAIL",
	    "A link with which the user sets a new password: good once, for one hour. For an "
	    "instance without a mail server",
	    true, true, mail_password_link },
	{ "user disable", "EMAIL [--keys] [--sole-owner]",
	    "The user cannot log in, and sessions end at once. API keys that the user made still "
	    "work, unless --keys revokes them. --sole-owner: even if an organization has no other "
	    "owner",
	    true, true, logins_disable },
	{ "user enable", "EMAIL", "A disabled user can log in again", true, true, logins_enable },
	{ "member list", "[--project ID]",
	    "Members of all organizations: organization, address, role, whether they can log in, a "
	    "project of it. --project: of the organization of that project",
	    true, true, members_list },
	{ "member role", "EMAIL ROLE [--project ID]",
	    "Give a member another role: owner, admin, editor or viewer. --project: in the "
	    "organization of that project, if the person is in several. The last owner stays",
	    true, true, members_role },
	{ "session list", "[EMAIL]",
	    "Who is logged in: id, address, network, last use, program. EMAIL: of one user", true,
	    true, sessions_list },
	{ "session revoke", "EMAIL|ID", "End all sessions of a user, or one session", true, true,
	    sessions_revoke },
	{ "project list", "", "All projects: id, environment, accounts, keys, owners", true, true,
	    keys_list_projects },
	{ "account list", "[--project ID]",
	    "Connected Pinterest accounts: id, project, whether they need their owner, pins that "
	    "wait",
	    true, true, accounts_list },
	{ "key add", "--project ID --name NAME [--scopes read,write]",
	    "An API key, shown once. Scopes: read, write, destructive", true, true, users_key_add },
	{ "key list", "[--project ID] [--user EMAIL] [--all]",
	    "API keys: id, project, scopes, last use. --user: those that this user made. --all: "
	    "also those that were revoked",
	    true, true, keys_list },
	{ "key revoke", "ID", "Revoke a key, effective at once; ID may be the key itself", true,
	    true, keys_revoke },
	{ "invite", "[EMAIL]", "An invitation to register, good once for 7 days", true, true,
	    users_invite },
	{ "mail list", "[--all]",
	    "Mails that wait to be sent: id, address, why not yet. --all: also what was sent or "
	    "given up",
	    true, true, mail_list },
	{ "mail show", "ID",
	    "A mail that waits, with its link, to be passed on to its receiver. Needs the instance "
	    "key",
	    true, true, mail_show },
	{ "status", "[--json] [--strict]",
	    "What needs attention, what waits and why, workers, table sizes. Exit code: 0 all is "
	    "well, 1 somebody has to look, 2 broken. --json: the findings only. --strict: notes, "
	    "which are the tenants' matter, count as 1, too",
	    true, true, status_run },
	{ "limits", "PROJECT [NAME=VALUE|NAME=default]...",
	    "What a project may have; with values, limits of its own instead of those of [limits], "
	    "at once",
	    true, true, limits_run },
	{ "why", "ID", "One pin or schedule: its state, what it waits for, its attempts", true,
	    true, why_run },
	{ "late", "[--since 8h] [--by 60s]",
	    "What had its time within --since (default 24h) and went later than --by, or has not "
	    "gone: with the sentence of `why`",
	    true, true, late_run },
	{ "pause account", "ID",
	    "Pause an account: its waiting pins are deferred, until their deadlines", true, true,
	    pause_account },
	{ "pause project", "ID", "Pause a project", true, true, pause_project },
	{ "resume account", "ID", "Resume an account, at its pace", true, true, pause_account_end },
	{ "resume project", "ID", "Resume a project", true, true, pause_project_end },
	{ "resume app", "production|sandbox",
	    "After what stopped the Pinterest app is mended: try it at once with the next pin, and "
	    "tell the outcome",
	    true, true, app_try_again },
	{ "retry", "--since TIME --code CODE[,CODE] [--project ID] [--env ENV] [--yes]",
	    "Put back failed pins, when what failed them was the operator's to mend and is mended: "
	    "those that failed since TIME (RFC 3339) with this error code. Shows which; asks, or "
	    "does it with --yes. ENV: production or sandbox",
	    true, true, retry_run },
	{ "recover", "--since TIME [--at-most PINS]",
	    "After a restore from backup or a failover to a replica that was behind: look up on "
	    "Pinterest what may have been sent since TIME (RFC 3339, when the backup was taken) "
	    "before sending it again. --at-most: how many pins one account can have published "
	    "since, for its daily cap. Workers must be stopped",
	    true, true, recover_run },
	{ "rotate-key", "[--prepare | --retire]",
	    "A new instance key; tokens and webhook secrets are sealed anew, while the programs "
	    "work. May be interrupted and run again. --prepare: only add the next key to the "
	    "file, to be copied to the other machines first. --retire: take the older keys out, "
	    "once nothing needs them",
	    true, true, rotate_run },
	{ "version", "", "Print the version", false, false, show_version },
	{ "help", "[COMMAND]", "Print this, or one command's line", false, false, show_help },
};

/* The words of a text, the first at this column, in lines of a terminal's width. */
static void
print_wrapped(int column, const char *text)
{
	const char *blank = "";
	int len;

	for (; *text != '\0'; text += len, text += strspn(text, " ")) {
		len = (int)strcspn(text, " ");
		if (column + (int)strlen(blank) + len > HELP_WIDTH) {
			column = printf("\n%*s", HELP_INDENT, "") - 1;
			blank = "";
		}
		column += printf("%s%.*s", blank, len, text);
		blank = " ";
	}
	putchar('\n');
}

static void
print_command(const struct ctl_command *k)
{
	print_wrapped(printf("  %s%s", k->name, k->args[0] != '\0' ? " " : ""), k->args);
	print_wrapped(printf("%*s", HELP_INDENT, ""), k->help);
}

/* Do these words name the command, or the first word of it? */
static bool
command_begins(const char *name, int argc, char **argv)
{
	size_t len;
	int i;

	for (i = 0; i < argc; i++) {
		len = strlen(argv[i]);
		if (strncmp(name, argv[i], len) != 0 || (name[len] != ' ' && name[len] != '\0'))
			return false;
		name += name[len] == ' ' ? len + 1 : len;
	}
	return true;
}

static int
show_help(struct ctl *c, int argc, char **argv)
{
	bool found = false;
	size_t i;

	(void)c;
	if (argc == 0)
		printf("usage: pintempo [-c FILE] COMMAND\n"
		       "The configuration is FILE, else $PINTEMPO_CONF, else\n%s.\n\n",
		    DEFAULT_CONF);
	for (i = 0; i < DB_LEN(commands); i++) {
		if (argc > 0 && !command_begins(commands[i].name, argc, argv))
			continue;
		print_command(&commands[i]);
		found = true;
	}
	if (found || argc == 0)
		return CTL_OK;
	ctl_fail("no command \"%s\"; `pintempo help` lists them", argv[0]);
	return CTL_USAGE;
}

static int
show_version(struct ctl *c, int argc, char **argv)
{
	(void)c;
	(void)argc;
	(void)argv;
	printf("pintempo %s, schema %d\n", version_text(), SCHEMA_VERSION);
	return CTL_OK;
}

/* How many arguments the name takes; 0: another command. */
static int
command_matches(const char *name, int argc, char **argv)
{
	const char *blank = strchr(name, ' ');
	size_t first = blank == NULL ? strlen(name) : (size_t)(blank - name);

	if (argc < 1 || strlen(argv[0]) != first || strncmp(argv[0], name, first) != 0)
		return 0;
	if (blank == NULL)
		return 1;
	return argc > 1 && strcmp(argv[1], blank + 1) == 0 ? 2 : 0;
}

/* It also runs without configuration or database, and says so. */
static bool
command_reports(const struct ctl_command *k)
{
	return k->run == status_run;
}

static int
command_run_with_db(struct ctl *c, const struct ctl_command *k, int argc, char **argv)
{
	const char *why;
	int rc;

	c->db = db_open(&c->conf->db_ctl, sql_stmts, SQL__COUNT, DB_USER_CTL);
	db_use(c->db, c->mem);
	if (db_check(c->db, SCHEMA_VERSION, &why) != DB_OK)
		c->down = why;
	rc =
	    c->down == NULL || command_reports(k) ? k->run(c, argc, argv) : ctl_fail("%s", c->down);
	db_close(c->db);
	return rc;
}

/* What logs in as the operator's user opens none of the secrets of other programs. */
static int
command_run_with_conf(struct ctl *c, const struct ctl_command *k, int argc, char **argv)
{
	c->conf = k->needs_db ? conf_load_operator(c->conf_path, stderr)
			      : conf_load(c->conf_path, stderr);
	if (c->conf != NULL)
		return k->needs_db ? command_run_with_db(c, k, argc, argv) : k->run(c, argc, argv);
	c->down = arena_printf(c->mem, "the configuration %s cannot be used", c->conf_path);
	return command_reports(k) ? k->run(c, argc, argv) : ctl_fail("%s", c->down);
}

/* Options that every command has, and arguments that this one has not. GO_ON: run it. */
static int
command_arguments(const struct ctl_command *k, int argc, char **argv)
{
	int i;

	for (i = 0; i < argc; i++) {
		if (strcmp(argv[i], "--help") != 0 && strcmp(argv[i], "-h") != 0)
			continue;
		print_command(k);
		return CTL_OK;
	}
	if (k->args[0] != '\0' || argc == 0)
		return GO_ON;
	ctl_fail("unexpected argument \"%s\"", argv[0]);
	return CTL_USAGE;
}

static int
command_run(struct ctl *c, const struct ctl_command *k, int argc, char **argv)
{
	int rc = command_arguments(k, argc, argv);

	if (rc == GO_ON) {
		db_start();
		crypto_start();
		c->mem = arena_new();
		rc =
		    k->needs_conf ? command_run_with_conf(c, k, argc, argv) : k->run(c, argc, argv);
		conf_free(c->conf);
		arena_free(c->mem);
	}
	if (rc == CTL_USAGE && !command_reports(k))
		fprintf(stderr, "usage: pintempo %s %s\n", k->name, k->args);
	return rc;
}

/* No command, or the first word of several. */
static int
command_unknown(struct ctl *c, int argc, char **argv)
{
	bool group = false;
	size_t i;

	if (argc == 0) {
		(void)show_help(c, 0, NULL);
		return CTL_USAGE;
	}
	for (i = 0; i < DB_LEN(commands); i++)
		group |= command_begins(commands[i].name, 1, argv);
	if (!group)
		ctl_fail("unknown %s \"%s\"; `pintempo help` lists all",
		    argv[0][0] == '-' ? "option" : "command", argv[0]);
	else if (argc == 1)
		ctl_fail("%s: what? It is one of these:", argv[0]);
	else
		ctl_fail("unknown command \"%s %s\"; there are:", argv[0], argv[1]);
	for (i = 0; i < DB_LEN(commands); i++)
		if (command_begins(commands[i].name, 1, argv))
			fprintf(
			    stderr, "usage: pintempo %s %s\n", commands[i].name, commands[i].args);
	return CTL_USAGE;
}

static int
command_line(int argc, char **argv)
{
	struct ctl c = { .conf_path = getenv("PINTEMPO_CONF") };
	size_t i;
	int at = 1, words;

	if (c.conf_path == NULL || c.conf_path[0] == '\0')
		c.conf_path = DEFAULT_CONF;
	if (argc > 1 && (strcmp(argv[1], "-c") == 0 || strcmp(argv[1], "--config") == 0)) {
		if (argc == 2) {
			ctl_fail("%s needs a FILE", argv[1]);
			return CTL_USAGE;
		}
		c.conf_path = argv[2];
		at = 3;
	}
	if (argc > at && (strcmp(argv[at], "--help") == 0 || strcmp(argv[at], "-h") == 0))
		return show_help(&c, 0, NULL);
	if (argc > at && (strcmp(argv[at], "--version") == 0 || strcmp(argv[at], "-V") == 0))
		return show_version(&c, 0, NULL);
	for (i = 0; i < DB_LEN(commands); i++) {
		words = command_matches(commands[i].name, argc - at, argv + at);
		if (words > 0)
			return command_run(&c, &commands[i], argc - at - words, argv + at + words);
	}
	return command_unknown(&c, argc - at, argv + at);
}

int
main(int argc, char **argv)
{
	int rc;

	screen_open();
	log_open("pintempo", LOG_LVL_WARN);
	rc = command_line(argc, argv);
	if (screen_close() == -1 && rc == CTL_OK)
		rc = CTL_FAILED;
	return rc == CTL_USAGE ? EXIT_USAGE : rc;
}
