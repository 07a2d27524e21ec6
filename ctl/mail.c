/*
 * Mails of the outbox, for an instance without a mail server and for one whose server fails. The
 * text, with its link, is shown to whoever may read the instance key.
 */
#include "ctl/mail.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "ctl/args.h"
#include "ctl/ctl.h"
#include "ctl/format.h"
#include "ctl/table.h"
#include "ctl/users.h"
#include "lib/clock.h"
#include "lib/crypto.h"
#include "lib/keyring.h"
#include "lib/mail.h"
#include "lib/token_purpose.h"
#include "sql/stmt.h"
#include "sql/store_mail.h"

struct mail_row {
	struct ctl *c;
	struct table *table;
	struct uuid id;
	const char *to, *error;
	int64_t kind, state, attempts, due_at, created_at, expires_at, ended_at, now;
};

static const char *
mail_state_words(const struct mail_row *r)
{
	struct arena *mem = r->c->mem;

	switch ((enum mail_state)r->state) {
	case MAIL_SENT:
		return arena_printf(mem, "sent %s", format_distance(mem, r->ended_at, r->now));
	case MAIL_FAILED: return "given up";
	case MAIL_REFUSED: return "no such mailbox";
	case MAIL_DECOY: return "-";
	case MAIL_WAITING: break;
	}
	if (r->expires_at <= r->now)
		return "too late";
	if (r->c->conf->mail.url == NULL)
		return "no mail server";
	return r->due_at > r->now
		   ? arena_printf(mem, "next try %s", format_distance(mem, r->due_at, r->now))
		   : "due";
}

static void
mail_row_show(void *arg)
{
	struct mail_row *r = arg;
	const char *code = mail_code(r->kind);
	char id[UUID_TEXT_SIZE];
	const char *cells[] = { arena_strdup(r->c->mem, uuid_format(&r->id, id)), r->to,
		code != NULL ? code : "?", format_distance(r->c->mem, r->created_at, r->now),
		mail_state_words(r), arena_printf(r->c->mem, "%" PRId64, r->attempts),
		r->error != NULL ? r->error : "-" };

	table_row(r->table, cells);
}

int
mail_list(struct ctl *c, int argc, char **argv)
{
	static const char *const headings[] = { "ID", "TO", "MAIL", "ASKED", "STATE", "TRIES",
		"ERROR", NULL };
	struct mail_row r = { .c = c, .table = table_new(c->mem, headings) };
	bool all = false;
	const struct args_option options[] = { { .name = "--all", .on = &all } };
	enum db_rc rc;

	if (!args_parse(argc, argv, options, DB_LEN(options), NULL, 0))
		return CTL_USAGE;
	rc = db_now(c->db, &r.now);
	if (rc == DB_OK)
		rc = db_each(c->db, SQL_IN(mail_list, .all = db_int(all)),
		    SQL_OUT(mail_list, .id = db_get_uuid(&r.id), .kind = db_get_int(&r.kind),
			.state = db_get_int(&r.state), .recipient = db_get_text(&r.to),
			.attempts = db_get_int(&r.attempts), .due_at = db_get_time(&r.due_at),
			.last_error = db_get_text(&r.error),
			.created_at = db_get_time(&r.created_at),
			.expires_at = db_get_time(&r.expires_at),
			.ended_at = db_get_time(&r.ended_at)),
		    mail_row_show, &r);
	if (rc != DB_OK)
		return ctl_db_fail("listing the mails", rc);
	table_print(r.table, all ? "no mails" : "no mail waits");
	return CTL_OK;
}

int
mail_show(struct ctl *c, int argc, char **argv)
{
	const char *arg = NULL, *to, *text;
	char why[KEYRING_WHY_SIZE];
	struct keyring *keys;
	const void *sealed;
	struct uuid id;
	size_t len;
	enum db_rc rc;

	if (!args_parse(argc, argv, NULL, 0, &arg, 1) || arg == NULL)
		return CTL_USAGE;
	if (uuid_parse(arg, &id) != 0)
		return ctl_fail("\"%s\" is no id; `pintempo mail list` lists them", arg);
	rc = db_row(c->db, SQL_IN(mail_get, .id = db_uuid(&id)),
	    SQL_OUT(mail_get, .recipient = db_get_text(&to),
		.text_sealed = db_get_bytes(&sealed, &len)));
	if (rc == DB_NONE)
		return ctl_fail("no such mail waits; `pintempo mail list` lists them");
	if (rc != DB_OK)
		return ctl_db_fail("reading the mail", rc);
	keys = keyring_read(c->conf->key_file, why);
	if (keys == NULL)
		return ctl_fail("the mail is sealed, and the instance key %s cannot be read: %s",
		    c->conf->key_file, why);
	text = keyring_open_text(keys, MAIL_TEXT_LABEL, &id, sealed, len, c->mem);
	keyring_free(keys);
	if (text == NULL)
		return ctl_fail("the mail is sealed with another instance key");
	printf("To: %s\nSubject: %s", to, text);
	fputs("It holds a link for its receiver alone: give it to nobody else.\n", stderr);
	return CTL_OK;
}

int
mail_password_link(struct ctl *c, int argc, char **argv)
{
	const char *email = NULL;
	unsigned char hash[SHA256_SIZE];
	int64_t sessions, keys, disabled;
	struct uuid user;
	char token[64];
	enum db_rc rc;

	if (!args_parse(argc, argv, NULL, 0, &email, 1) || email == NULL)
		return CTL_USAGE;
	email = users_email(c, email);
	if (email == NULL)
		return CTL_FAILED;
	rc = db_row(c->db, SQL_IN(user_find, .email = db_text(email)),
	    SQL_OUT(user_find, .id = db_get_uuid(&user), .disabled = db_get_int(&disabled),
		.sessions = db_get_int(&sessions), .api_keys = db_get_int(&keys)));
	if (rc == DB_NONE)
		return ctl_fail("there is no user %s; `pintempo user list` lists all", email);
	if (rc == DB_OK && disabled)
		return ctl_fail("%s is disabled; `pintempo user enable` lets the user in", email);
	crypto_token(USER_TOKEN_PREFIX, token, sizeof(token));
	crypto_sha256(token, strlen(token), hash);
	if (rc == DB_OK)
		rc = db_exec(c->db,
		    SQL_IN(user_token_insert, .hash = db_bytes(hash, sizeof(hash)),
			.user = db_uuid(&user), .purpose = db_int(TOKEN_PASSWORD_RESET),
			.email = db_text(email), .life_s = db_int(TOKEN_PASSWORD_RESET_S)),
		    NULL);
	if (rc != DB_OK)
		return ctl_db_fail("storing the link", rc);
	printf("%s/v1/auth/reset-password?token=%s\n", c->conf->public_url, token);
	fputs("Good once, for one hour; it is not shown again.\n", stderr);
	return CTL_OK;
}
