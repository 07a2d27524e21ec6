/*
 * Scans statements word by word for the tables after INTO, UPDATE, FROM and JOIN. What the scanner
 * misses is not granted, and the statement then fails to prepare; tests/ctl/test_grants covers
 * that.
 */
#include "ctl/grants.h"

#include <ctype.h>
#include <stdbool.h>
#include <string.h>
#include <strings.h>

#define WORD_MAX 64

struct scan {
	const char *at;
	char word[WORD_MAX];
	char before[WORD_MAX]; /* the previous word */
};

static bool
next_word(struct scan *s)
{
	size_t len = 0;

	memcpy(s->before, s->word, sizeof(s->before));
	while (*s->at != '\0' && !isalnum((unsigned char)*s->at) && *s->at != '_')
		s->at++;
	for (; isalnum((unsigned char)*s->at) || *s->at == '_'; s->at++)
		if (len + 1 < sizeof(s->word))
			s->word[len++] = *s->at;
	s->word[len] = '\0';
	return len > 0;
}

static bool
word_is(const char *word, const char *keyword)
{
	return strcasecmp(word, keyword) == 0;
}

static bool
has_word(const char *text, const char *keyword)
{
	struct scan s = { .at = text };

	while (next_word(&s))
		if (word_is(s.word, keyword))
			return true;
	return false;
}

/* After INTO. REPLACE deletes the old row; ON DUPLICATE and RETURNING read and may change it. */
static unsigned
insert_rights(const char *text)
{
	unsigned rights = GRANTS_INSERT;

	if (strncasecmp(text, "REPLACE", 7) == 0)
		rights |= GRANTS_DELETE;
	if (has_word(text, "DUPLICATE"))
		rights |= GRANTS_SELECT | GRANTS_UPDATE;
	if (has_word(text, "RETURNING"))
		rights |= GRANTS_SELECT;
	return rights;
}

/* After FROM or JOIN. Of several tables any may be the one that is written. */
static unsigned
table_rights(const char *text, bool first, bool in_set)
{
	if (strncasecmp(text, "DELETE", 6) == 0 &&
	    (first || strncasecmp(text, "DELETE FROM", 11) != 0))
		return GRANTS_DELETE | GRANTS_SELECT;
	if (strncasecmp(text, "UPDATE", 6) == 0 && !in_set)
		return GRANTS_UPDATE | GRANTS_SELECT;
	return GRANTS_SELECT;
}

unsigned
grants_of(const char *text, const char *table)
{
	struct scan s = { .at = text };
	bool update = strncasecmp(text, "UPDATE", 6) == 0, in_set = false, first = true, ours;
	unsigned rights = 0;

	while (next_word(&s)) {
		ours = word_is(s.word, table);
		in_set |= word_is(s.word, "SET");
		if (ours && word_is(s.before, "INTO"))
			rights |= insert_rights(text);
		else if (ours && update && !in_set &&
			 (word_is(s.before, "UPDATE") || word_is(s.before, "IGNORE")))
			rights |= GRANTS_UPDATE | GRANTS_SELECT;
		else if (ours && (word_is(s.before, "FROM") || word_is(s.before, "JOIN")))
			rights |= table_rights(text, first, in_set);
		first &= !word_is(s.before, "FROM");
	}
	return rights;
}

unsigned
grants_needed(const struct grants_user *u, const char *table)
{
	unsigned rights = 0;
	size_t i;

	if (word_is(table, "schema_versions") || word_is(table, "schema_views"))
		rights = GRANTS_SELECT;
	for (i = 0; i < u->table_len; i++)
		if (u->table[i].users & (unsigned)u->program)
			rights |= grants_of(u->table[i].text, table);
	return rights;
}

/* An SQL string literal; the server's default mode needs ' and \ doubled. */
static int
put_quoted(struct buf *out, const char *text)
{
	int rc = buf_putc(out, '\'');

	for (; *text != '\0'; text++) {
		if (*text == '\'' || *text == '\\')
			rc |= buf_putc(out, *text);
		rc |= buf_putc(out, *text);
	}
	return rc | buf_putc(out, '\'');
}

static int
put_account(struct buf *out, const struct grants_user *u)
{
	int rc = put_quoted(out, u->conf->user);

	return rc | buf_puts(out, u->conf->host != NULL ? "@'%'" : "@'localhost'");
}

static int
put_password(struct buf *out, const struct grants_user *u)
{
	int rc;

	if (u->conf->password == NULL)
		return buf_puts(out, " IDENTIFIED VIA unix_socket;\n");
	rc = buf_puts(out, " IDENTIFIED BY ");
	rc |= put_quoted(out, u->conf->password);
	return rc | buf_puts(out, ";\n");
}

int
grants_login(const struct grants_user *u, struct buf *out)
{
	int rc = buf_puts(out, "CREATE USER IF NOT EXISTS ");

	rc |= put_account(out, u);
	rc |= put_password(out, u);
	rc |= buf_puts(out, "ALTER USER ");
	rc |= put_account(out, u);
	return rc | put_password(out, u);
}

static int
put_rights(struct buf *out, unsigned rights)
{
	static const char *const names[] = { "SELECT", "INSERT", "UPDATE", "DELETE" };
	const char *between = "GRANT ";
	size_t i;
	int rc = 0;

	for (i = 0; i < DB_LEN(names); i++) {
		if ((rights & 1u << i) == 0)
			continue;
		rc |= buf_printf(out, "%s%s", between, names[i]);
		between = ", ";
	}
	return rc;
}

int
grants_script(const struct grants_user *u, struct buf *out)
{
	unsigned rights;
	size_t i;
	int rc = 0;

	for (i = 0; i < u->names_len; i++) {
		rights = grants_needed(u, u->names[i]);
		if (rights == 0)
			continue;
		rc |= put_rights(out, rights);
		rc |= buf_printf(out, " ON `%s`.`%s` TO ", u->database, u->names[i]);
		rc |= put_account(out, u);
		rc |= buf_puts(out, ";\n");
	}
	return rc;
}
