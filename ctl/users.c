/*
 * Users (each with an organization and a production project), API keys and invitations. A key or
 * token is printed once and stored as SHA-256.
 */
#include "ctl/users.h"

#include <stdio.h>
#include <string.h>

#include "ctl/ctl.h"
#include "ctl/args.h"
#include "ctl/password.h"
#include "lib/clock.h"
#include "lib/crypto.h"
#include "lib/email.h"
#include "lib/text.h"
#include "lib/utf8.h"
#include "sql/stmt.h"

#define NAME_MAX_CHARS 255
#define TOKEN_ROOM 64
#define INVITATION_DAYS 7

struct new_user {
	const char *email; /* lower case */
	const char *name;
	const char *password_file;
	char hash[PASSWORD_HASH_SIZE];
	struct uuid user, organization, project;
};

/* The address in lower case, in the arena; NULL after a line on stderr. */
static const char *
check_email(struct ctl *c, const char *text)
{
	const char *fault, *email = email_clean(text, strlen(text), c->mem, &fault);

	if (email == NULL)
		ctl_fail("\"%s\": %s", text, fault);
	return email;
}

/* The name by the rule for text, in the arena; NULL after a line on stderr. */
static const char *
check_name(struct ctl *c, const char *what, const char *text)
{
	const char *fault = NULL;
	const char *name = text_clean(TEXT_LINE, text, strlen(text), c->mem, &fault);
	size_t length = name != NULL ? utf8_length(name, strlen(name)) : 0;

	if (length >= 1 && length <= NAME_MAX_CHARS)
		return name;
	if (fault != NULL)
		ctl_fail("%s: %s", what, fault);
	else
		ctl_fail("%s: 1 to %d characters that can be seen", what, NAME_MAX_CHARS);
	return NULL;
}

static enum db_rc
insert_user(struct db *db, const struct new_user *p)
{
	return db_exec(db,
	    SQL_IN(user_insert_operator, .id = db_uuid(&p->user), .email = db_text(p->email),
		.name = db_text(p->name), .hash = db_text(p->hash)),
	    NULL);
}

/* The user, then what it owns: parents before children. */
static enum db_rc
write_person(struct db *db, void *arg)
{
	const struct new_user *p = arg;
	const char *name = p->name != NULL ? p->name : p->email;
	struct uuid member = uuid_v7(clock_wall_us());
	enum db_rc rc;

	rc = db_exec(db,
	    SQL_IN(organization_insert, .id = db_uuid(&p->organization), .name = db_text(name)),
	    NULL);
	if (rc == DB_OK)
		rc = insert_user(db, p);
	if (rc == DB_OK)
		rc = db_exec(db,
		    SQL_IN(membership_insert, .organization = db_uuid(&p->organization),
			.user = db_uuid(&p->user), .id = db_uuid(&member), .role = db_text("owner"),
			.by = db_null(), .accepted = db_int(0)),
		    NULL);
	if (rc == DB_OK)
		rc = db_exec(db,
		    SQL_IN(project_insert, .id = db_uuid(&p->project),
			.organization = db_uuid(&p->organization), .name = db_text("Production"),
			.environment = db_int(ENV_PRODUCTION), .sandbox_of = db_null(),
			.timezone = db_text("UTC")),
		    NULL);
	return rc;
}

static int
create_person(struct ctl *c, struct new_user *p)
{
	char id[UUID_TEXT_SIZE];
	int64_t now = clock_wall_us();
	enum db_rc rc;

	if (!password_new(p->password_file, p->email, p->hash))
		return CTL_FAILED;
	p->user = uuid_v7(now);
	p->organization = uuid_v7(now);
	p->project = uuid_project(now);
	rc = db_transact(c->db, write_person, p);
	if (rc == DB_DUP)
		return ctl_fail("a user %s already exists", p->email);
	if (rc != DB_OK)
		return ctl_db_fail("creating the user", rc);
	printf("user     %s  %s\n", uuid_format(&p->user, id), p->email);
	printf("project  %s  production\n", uuid_format(&p->project, id));
	return CTL_OK;
}

int
users_add(struct ctl *c, int argc, char **argv)
{
	struct new_user p = { .email = NULL };
	const char *email = NULL;
	const struct args_option options[] = { { .name = "--name", .value = &p.name },
		{ .name = "--password-file", .value = &p.password_file } };

	if (!args_parse(argc, argv, options, DB_LEN(options), &email, 1) || email == NULL)
		return CTL_USAGE;
	if (p.name != NULL && (p.name = check_name(c, "--name", p.name)) == NULL)
		return CTL_FAILED;
	p.email = check_email(c, email);
	return p.email == NULL ? CTL_FAILED : create_person(c, &p);
}

const char *
users_email(struct ctl *c, const char *text)
{
	return check_email(c, text);
}

int
users_first_owner(struct ctl *c, const char *email, const char *password_file)
{
	struct new_user p = { .email = check_email(c, email), .password_file = password_file };
	int64_t users = 0;
	enum db_rc rc;

	if (p.email == NULL)
		return CTL_FAILED;
	rc = db_row(c->db, SQL_IN(user_count), SQL_OUT(user_count, .total = db_get_int(&users)));
	if (rc != DB_OK)
		return ctl_db_fail("looking for users", rc);
	if (users > 0) {
		puts("owner    there are users already; none was created");
		return CTL_OK;
	}
	return create_person(c, &p);
}

/* "read,write" as bits of api_keys.scopes; 0: unknown scope. */
static int64_t
scope_bits(struct ctl *c, const char *text)
{
	static const char *const names[] = { "read", "write", "destructive" };
	char *rest = arena_strdup(c->mem, text), *word;
	int64_t bits = 0, bit;
	size_t i;

	while ((word = strsep(&rest, ",")) != NULL) {
		bit = 0;
		for (i = 0; i < DB_LEN(names); i++)
			if (strcmp(word, names[i]) == 0)
				bit = 1 << i;
		if (bit == 0)
			return 0;
		bits |= bit;
	}
	return bits;
}

static enum db_rc
insert_key(
    struct ctl *c, const struct uuid *project, const char *name, int64_t scopes, const char *key)
{
	struct uuid id = uuid_v7(clock_wall_us());
	unsigned char hash[SHA256_SIZE];

	crypto_sha256(key, strlen(key), hash);

	return db_exec(c->db,
	    SQL_IN(api_key_insert_operator, .id = db_uuid(&id), .project = db_uuid(project),
		.hash = db_bytes(hash, sizeof(hash)), .name = db_text(name),
		.scopes = db_int(scopes)),
	    NULL);
}

int
users_key_add(struct ctl *c, int argc, char **argv)
{
	const char *project = NULL, *name = NULL, *scopes = "read,write";
	const struct args_option options[] = { { .name = "--project", .value = &project },
		{ .name = "--name", .value = &name }, { .name = "--scopes", .value = &scopes } };
	char key[TOKEN_ROOM];
	struct uuid id;
	int64_t environment, bits;
	enum db_rc rc;

	if (!args_parse(argc, argv, options, DB_LEN(options), NULL, 0) || project == NULL ||
	    name == NULL)
		return CTL_USAGE;
	bits = scope_bits(c, scopes);
	if (bits == 0)
		return ctl_fail("--scopes %s: must be a list of read, write, destructive", scopes);
	name = check_name(c, "--name", name);
	if (name == NULL || ctl_project(c, project, &id, &environment) != CTL_OK)
		return CTL_FAILED;
	crypto_token(environment == ENV_SANDBOX ? "pb_test_" : "pb_live_", key, sizeof(key));
	rc = insert_key(c, &id, name, bits, key);
	if (rc != DB_OK)
		return ctl_db_fail("storing the key", rc);
	puts(key);
	fputs("The key is not shown again.\n", stderr);
	return CTL_OK;
}

int
users_invite(struct ctl *c, int argc, char **argv)
{
	const char *email = NULL;
	char token[TOKEN_ROOM];
	unsigned char hash[SHA256_SIZE];
	struct uuid id = uuid_v7(clock_wall_us());
	enum db_rc rc;

	if (!args_parse(argc, argv, NULL, 0, &email, 1))
		return CTL_USAGE;
	if (email != NULL && (email = check_email(c, email)) == NULL)
		return CTL_FAILED;
	crypto_token("pbi_", token, sizeof(token));
	crypto_sha256(token, strlen(token), hash);

	rc = db_exec(c->db,
	    SQL_IN(invitation_insert_operator, .id = db_uuid(&id),
		.hash = db_bytes(hash, sizeof(hash)), .email = db_text(email),
		.days = db_int(INVITATION_DAYS)),
	    NULL);
	if (rc != DB_OK)
		return ctl_db_fail("storing the invitation", rc);
	puts(token);
	fprintf(stderr,
	    "Usable once within %d days, as invite_token of POST /v1/auth/register. It is not "
	    "shown again.\n",
	    INVITATION_DAYS);
	if (c->conf->registration == REGISTRATION_CLOSED)
		fputs("Note: [instance] registration is closed; set it to invite.\n", stderr);
	return CTL_OK;
}
