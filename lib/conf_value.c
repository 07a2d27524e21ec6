/* Parses one setting's text into the record, by its type in the table. */
#include "lib/conf_table.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/arena.h"
#include "lib/certs.h"
#include "lib/clock.h"
#include "lib/crypto.h"
#include "lib/email.h"
#include "lib/num.h"
#include "lib/secret_file.h"
#include "lib/text.h"
#include "lib/url.h"

#define SECRET_MAX 4096

static const char *
set_text(struct conf_store *s, const char **to, const char *text)
{
	const char *fault = NULL;
	const char *clean = text_clean(TEXT_KEY, text, strlen(text), s->mem, &fault);

	if (clean != NULL && strcmp(clean, text) != 0)
		fault = "begins or ends with a blank or what cannot be seen";
	*to = text;
	return fault;
}

static const char *
set_number(const struct conf_key *k, void *to, const char *text)
{
	int64_t n;

	if (num_parse(text, INT64_MIN, INT64_MAX, &n) == -1)
		return "is not a whole number";
	if (n < k->min || n > k->max)
		return "is out of range";
	if (k->type == CONF_UINT)
		*(unsigned *)to = (unsigned)n;
	else if (k->type == CONF_MS_AS_US)
		*(int64_t *)to = n * US_PER_MS;
	else if (k->type == CONF_PER_S)
		*(int64_t *)to = US_PER_S / n;
	else
		*(int64_t *)to = n;
	return NULL;
}

static const char *
set_bool(bool *to, const char *text)
{
	bool yes = strcmp(text, "yes") == 0 || strcmp(text, "true") == 0;

	if (!yes && strcmp(text, "no") != 0 && strcmp(text, "false") != 0)
		return "is neither yes nor no";
	*to = yes;
	return NULL;
}

static const char *
set_registration(enum registration *to, const char *text)
{
	static const char *const names[] = { "closed", "invite", "open" };
	size_t i;

	for (i = 0; i < sizeof names / sizeof names[0]; i++) {
		if (strcmp(text, names[i]) == 0) {
			*to = (enum registration)i;
			return NULL;
		}
	}
	return "is not a known word";
}

static const char *
set_url(struct conf_store *s, const char **to, const char *text)
{
	size_t len = strlen(text);
	const char *fault = url_fault(text, s->mem);

	if (fault != NULL)
		return fault;
	while (len > 0 && text[len - 1] == '/')
		len--;
	*to = arena_strndup(s->mem, text, len);
	return NULL;
}

/* Scheme, host and port alone: names and passwords have settings of their own. */
static const char *
set_smtp(struct conf_store *s, const char **to, const char *text)
{
	const char *host = strncmp(text, "smtps://", 8) == 0  ? text + 8
			   : strncmp(text, "smtp://", 7) == 0 ? text + 7
							      : NULL;
	const char *fault;

	if (host == NULL)
		return "is neither an smtp nor an smtps URL";
	if (strpbrk(host, "/?#@") != NULL)
		return "has more than a host and a port";
	fault = url_fault(arena_printf(s->mem, "https://%s", host), s->mem);
	*to = text;
	return fault;
}

static const char *
set_email(struct conf_store *s, const char **to, const char *text)
{
	const char *fault = NULL;

	*to = email_clean(text, strlen(text), s->mem, &fault);
	return *to == NULL ? fault : NULL;
}

/* The content of a small file without the line end, or NULL and *fault. */
static const char *
read_secret(struct conf_store *s, const char *path, const char **fault, bool *barred)
{
	char text[SECRET_MAX + 1], why[SECRET_FILE_WHY_SIZE];
	const char *secret = NULL;
	int len = secret_file_read(path, text, sizeof text, why, barred);

	if (len == -1) {
		*fault = arena_printf(s->mem, "%s: %s", path, why);
		return NULL;
	}
	while (len > 0 && (text[len - 1] == '\n' || text[len - 1] == '\r'))
		len--;
	if (len == 0 || memchr(text, '\0', (size_t)len) != NULL)
		*fault = arena_printf(s->mem, "%s: holds no secret", path);
	else
		secret = arena_strndup(s->mem, text, (size_t)len);
	crypto_wipe(text, sizeof text);
	return secret;
}

static bool
secret_wanted(const struct conf_store *s, const char *const *to)
{
	return !s->operator_only || to == &s->ctl.password ||
	       (to == &s->db.password && !s->ctl_own_password);
}

static const char *
set_secret(struct conf_store *s, const struct conf_key *k, const char **to, const char *path)
{
	const char *fault = NULL;
	bool barred = false;

	if (!secret_wanted(s, to))
		return NULL;
	*to = read_secret(s, path, &fault, &barred);
	/* The worker is not supposed to be able to read the application's password. */
	if (fault != NULL && k->others_secret && barred)
		return NULL;
	return fault;
}

/* The next non-empty piece between commas, trimmed, in the arena; NULL at the end. */
static char *
next_list_piece(struct arena *mem, const char **at)
{
	const char *start, *end;

	for (;;) {
		start = *at + strspn(*at, " \t");
		end = start + strcspn(start, ",");
		if (*start == '\0')
			return NULL;
		*at = *end == ',' ? end + 1 : end;
		while (end > start && (end[-1] == ' ' || end[-1] == '\t'))
			end--;
		if (end > start)
			return arena_strndup(mem, start, (size_t)(end - start));
	}
}

static const char *
set_urls(struct conf_store *s, const char **to, const char *text)
{
	const char *at = text, *piece, *fault;

	while ((piece = next_list_piece(s->mem, &at)) != NULL) {
		fault = url_fault(piece, s->mem);
		if (fault != NULL)
			return arena_printf(s->mem, "%s %s", piece, fault);
	}
	*to = text;
	return NULL;
}

/* Why no browser would send this as Origin; or NULL. */
static const char *
origin_fault(const char *origin, struct arena *mem)
{
	bool secure = strncmp(origin, "https://", 8) == 0;
	const char *fault = url_fault(origin, mem), *host = strchr(origin, '/'), *port;

	if (fault != NULL)
		return fault;
	host += strlen("//");
	if (host[strspn(host, "abcdefghijklmnopqrstuvwxyz0123456789.-_:[]")] != '\0')
		return "is no origin: scheme, host in lower case and port, without a path";
	port = strrchr(host, ':');
	if (port != NULL && strcmp(port, secure ? ":443" : ":80") == 0)
		return "is no origin: browsers leave out the port that the scheme has anyway";
	return NULL;
}

static const char *
set_origins(struct conf_store *s, const char **to, const char *text)
{
	const char *at = text, *origin, *fault, *all = NULL;

	while ((origin = next_list_piece(s->mem, &at)) != NULL) {
		fault = origin_fault(origin, s->mem);
		if (fault != NULL)
			return arena_printf(s->mem, "%s %s", origin, fault);
		all = all == NULL ? origin : arena_printf(s->mem, "%s,%s", all, origin);
	}
	*to = all;
	return NULL;
}

static const char *
set_addr_rules(struct conf_store *s, struct addr_policy *to, const char *text)
{
	const char *at = text, *piece;
	size_t room = 1;

	for (piece = text; *piece != '\0'; piece++)
		room += *piece == ',';
	to->allow = arena_alloc(s->mem, room * sizeof *to->allow);
	while ((piece = next_list_piece(s->mem, &at)) != NULL) {
		if (addr_rule_parse(piece, &to->allow[to->allow_len]) == -1)
			return arena_printf(s->mem, "%s is no address rule", piece);
		to->allow_len++;
	}
	return NULL;
}

static const char *
set_steps(struct conf_store *s, const struct conf_key *k, struct webhook_conf *to, const char *text)
{
	const char *at = text, *piece;
	int64_t n;

	while ((piece = next_list_piece(s->mem, &at)) != NULL) {
		if (to->steps_len == sizeof to->steps_ms / sizeof to->steps_ms[0])
			return "has too many numbers";
		if (num_parse(piece, k->min, k->max, &n) == -1)
			return arena_printf(s->mem, "%s is no number in range", piece);
		to->steps_ms[to->steps_len++] = n * 1000;
	}
	return to->steps_len == 0 || to->steps_ms[0] != 0 ? "does not begin with 0" : NULL;
}

static const char *
set_certs(struct conf_store *s, char **to, const char *path)
{
	const char *fault = NULL;

	if (s->operator_only)
		return NULL;
	*to = certs_read(path, s->mem, &fault);
	return fault;
}

const char *
conf_value_set(struct conf_store *s, const struct conf_key *k, void *to, const char *text)
{
	switch (k->type) {
	case CONF_TEXT:
	case CONF_LIST: return set_text(s, to, text);
	case CONF_URL: return set_url(s, to, text);
	case CONF_URLS: return set_urls(s, to, text);
	case CONF_SMTP: return set_smtp(s, to, text);
	case CONF_EMAIL: return set_email(s, to, text);
	case CONF_ORIGINS: return set_origins(s, to, text);
	case CONF_SECRET: return set_secret(s, k, to, text);
	case CONF_CERTS: return set_certs(s, to, text);
	case CONF_INT:
	case CONF_UINT:
	case CONF_MS_AS_US:
	case CONF_PER_S: return set_number(k, to, text);
	case CONF_BOOL: return set_bool(to, text);
	case CONF_OFF: return strcmp(text, "off") == 0 ? NULL : "cannot be switched on";
	case CONF_REGISTRATION: return set_registration(to, text);
	case CONF_LEVEL: return log_level_parse(text, to) == -1 ? "is not a known word" : NULL;
	case CONF_RULES: return set_addr_rules(s, to, text);
	case CONF_STEPS: return set_steps(s, k, to, text);
	}
	return NULL;
}
