/* The operator's command: finds the subcommand in the table and sets up what it needs. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config.h"
#include "ctl/settings.h"
#include "ctl/ctl.h"
#include "ctl/init.h"
#include "ctl/pause.h"
#include "ctl/users.h"
#include "ctl/recover.h"
#include "ctl/status.h"
#include "ctl/why.h"
#include "lib/crypto.h"
#include "sql/stmt.h"
#include "sql/store.h"

#ifndef SYSCONFDIR
#define SYSCONFDIR "/etc"
#endif
#define DEFAULT_CONF SYSCONFDIR "/pintempo/pintempo.conf"

static int show_version(struct ctl *c, int argc, char **argv);
static int show_help(struct ctl *c, int argc, char **argv);

static const struct ctl_command commands[] = {
	{ "init", "[--url URL [--socket PATH]] [--owner EMAIL] [--replace-key]",
	    "Create what is missing: configuration, key, databases, schema, database users; may be "
	    "run again. --url, --socket: for a first configuration, the address that clients use "
	    "and the socket of MariaDB. --owner: the first user, password on stdin. --replace-key: "
	    "a new "
	    "instance key for one that is lost for good; what it sealed is given up",
	    false, false, init_run },
	{ "migrate", "", "Bring the schema up to date", true, false, init_migrate },
	{ "config check", "", "Check the configuration file", true, false, settings_check },
	{ "config print", "", "Every setting in force, with its default and meaning", true, false,
	    settings_print },
	{ "user add", "EMAIL [--name NAME]",
	    "A user with an organization and a production project; password on stdin", true, true,
	    users_add },
	{ "key add", "--project ID --name NAME [--scopes read,write]",
	    "An API key, shown once. Scopes: read, write, destructive", true, true, users_key_add },
	{ "invite", "[EMAIL]", "An invitation to register, good once for 7 days", true, true,
	    users_invite },
	{ "status", "", "What waits and why, workers, table sizes", true, true, status_run },
	{ "why", "ID", "One pin or schedule: its state, what it waits for, its attempts", true,
	    true, why_run },
	{ "pause account", "ID",
	    "Pause an account: its waiting pins are deferred, until their deadlines", true, true,
	    pause_account },
	{ "pause project", "ID", "Pause a project", true, true, pause_project },
	{ "resume account", "ID", "Resume an account, at its pace", true, true, pause_account_end },
	{ "resume project", "ID", "Resume a project", true, true, pause_project_end },
	{ "recover", "--since TIME [--at-most PINS]",
	    "After a restore from backup or a failover to a replica that was behind: look up on "
	    "Pinterest what may have been sent since TIME (RFC 3339, when the backup was taken) "
	    "before sending it again. --at-most: how many pins one account can have published "
	    "since, for its daily cap. Workers must be stopped",
	    true, true, recover_run },
	{ "version", "", "Print the version", false, false, show_version },
	{ "help", "[COMMAND]", "Print this, or one command's line", false, false, show_help },
};

static void
print_command(const struct ctl_command *k)
{
	printf("  %s%s%s\n      %s\n", k->name, k->args[0] != '\0' ? " " : "", k->args, k->help);
}

static int
show_help(struct ctl *c, int argc, char **argv)
{
	size_t i;

	(void)c;
	if (argc == 0)
		printf("usage: pintempo [-c FILE] COMMAND\n"
		       "The configuration is FILE, else $PINTEMPO_CONF, else %s.\n\n",
		    DEFAULT_CONF);
	for (i = 0; i < DB_LEN(commands); i++)
		if (argc == 0 || strncmp(commands[i].name, argv[0], strlen(argv[0])) == 0)
			print_command(&commands[i]);
	return CTL_OK;
}

static int
show_version(struct ctl *c, int argc, char **argv)
{
	(void)c;
	(void)argc;
	(void)argv;
	printf("pintempo %s, schema %d\n", PACKAGE_VERSION, SCHEMA_VERSION);
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

static int
command_run_with_db(struct ctl *c, const struct ctl_command *k, int argc, char **argv)
{
	const char *why;
	int rc;

	c->db = db_open(&c->conf->db_ctl, sql_stmts, SQL__COUNT, DB_USER_CTL);
	db_use(c->db, c->mem);
	if (db_check(c->db, SCHEMA_VERSION, &why) == DB_OK)
		rc = k->run(c, argc, argv);
	else
		rc = ctl_fail("%s", why);
	db_close(c->db);
	return rc;
}

static int
command_run(struct ctl *c, const struct ctl_command *k, int argc, char **argv)
{
	int rc = CTL_OK;

	db_start();
	crypto_start();
	c->mem = arena_new();
	if (k->needs_conf)
		c->conf = conf_load(c->conf_path, stderr);
	if (k->needs_conf && c->conf == NULL)
		rc = ctl_fail("the configuration %s cannot be used", c->conf_path);
	else if (k->needs_db)
		rc = command_run_with_db(c, k, argc, argv);
	else
		rc = k->run(c, argc, argv);
	conf_free(c->conf);
	arena_free(c->mem);
	if (rc == CTL_USAGE)
		fprintf(stderr, "usage: pintempo %s %s\n", k->name, k->args);
	return rc;
}

int
main(int argc, char **argv)
{
	struct ctl c = { .conf_path = getenv("PINTEMPO_CONF") };
	size_t i;
	int at = 1, words;

	log_open("pintempo", LOG_LVL_WARN);
	if (c.conf_path == NULL || c.conf_path[0] == '\0')
		c.conf_path = DEFAULT_CONF;
	if (argc > 2 && (strcmp(argv[1], "-c") == 0 || strcmp(argv[1], "--config") == 0)) {
		c.conf_path = argv[2];
		at = 3;
	}
	if (argc > at && (strcmp(argv[at], "--help") == 0 || strcmp(argv[at], "-h") == 0))
		return show_help(&c, 0, NULL);
	if (argc > at && strcmp(argv[at], "--version") == 0)
		return show_version(&c, 0, NULL);
	for (i = 0; i < DB_LEN(commands); i++) {
		words = command_matches(commands[i].name, argc - at, argv + at);
		if (words > 0)
			return command_run(&c, &commands[i], argc - at - words, argv + at + words);
	}
	if (argc > at)
		ctl_fail("unknown command \"%s\"; `pintempo help` lists them", argv[at]);
	else
		show_help(&c, 0, NULL);
	return CTL_USAGE;
}
