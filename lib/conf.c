/*
 * Loads the configuration: inih splits the file into settings and the table says what each one
 * means. All faults are reported with their line before the load fails.
 */
#include "lib/conf.h"

#include <errno.h>
#include <ini.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "lib/arena.h"
#include "lib/conf_table.h"
#include "lib/escape.h"
#include "lib/own_addrs.h"

#define DEFAULT_SOCKET "/run/mysqld/mysqld.sock"
#define SECTION_NAME_MAX 50
#define COMPLAINT_MAX 4096

struct intake {
	struct conf_store *store;
	const char *path;
	FILE *in, *err;
	int line;
	bool indented; /* inih takes the current line for a continuation */
	bool wrong;
	int section_line[CONF_SECTIONS];
	int key_line[CONF_SECTIONS][CONF_KEYS_MAX];
};

static void __attribute__((format(printf, 3, 4)))
conf_complain(struct intake *f, int line, const char *fmt, ...)
{
	char text[COMPLAINT_MAX], shown[COMPLAINT_MAX];
	size_t len, left;
	va_list ap;

	f->wrong = true;
	va_start(ap, fmt);
	vsnprintf(text, sizeof text, fmt, ap);
	va_end(ap);
	/* names and values may hold anything */
	len = escape_append(shown, 0, sizeof shown, text, strlen(text), &left);
	fprintf(f->err, "%s%s:%d: %.*s\n", f->err == stderr ? log_mark(LOG_LVL_ERROR) : "", f->path,
	    line, (int)len, shown);
}

static int
find_section(const char *name)
{
	int i;

	for (i = 0; i < CONF_SECTIONS; i++)
		if (strcmp(conf_table[i].name, name) == 0)
			return i;
	return -1;
}

static int
find_conf_key(const struct conf_section *s, const char *name)
{
	size_t i;

	for (i = 0; i < s->len; i++)
		if (strcmp(s->keys[i].name, name) == 0)
			return (int)i;
	return -1;
}

static const char *
section_names(struct arena *mem)
{
	const char *text = conf_table[0].name;
	int i;

	for (i = 1; i < CONF_SECTIONS; i++)
		text = arena_printf(mem, "%s, %s", text, conf_table[i].name);
	return text;
}

static const char *
key_names(const struct conf_section *s, struct arena *mem)
{
	const char *text = s->keys[0].name;
	size_t i;

	for (i = 1; i < s->len; i++)
		text = arena_printf(mem, "%s, %s", text, s->keys[i].name);
	return text;
}

/* inih does not report section lines, so they are checked here. */
static void
note_section(struct intake *f, const char *line)
{
	char name[SECTION_NAME_MAX + 1];
	size_t len = strcspn(line + 1, "]\r\n");
	int i;

	if (line[1 + len] != ']')
		return;
	snprintf(name, sizeof name, "%.*s", (int)len, line + 1);
	i = find_section(name);
	if (i == -1)
		conf_complain(f, f->line, "[%s]: unknown section; allowed: %s", name,
		    section_names(f->store->mem));
	else if (f->section_line[i] != 0)
		conf_complain(f, f->line, "[%s]: set twice (first: line %d); allowed: once", name,
		    f->section_line[i]);
	else
		f->section_line[i] = f->line;
}

/* fgets() for inih, which does not tell the line number. */
static char *
read_line(char *line, int room, void *cookie)
{
	struct intake *f = cookie;
	size_t len;
	int c;

	if (fgets(line, room, f->in) == NULL)
		return NULL;
	f->line++;
	f->indented = line[0] == ' ' || line[0] == '\t';
	len = strlen(line);
	if (len + 1 == (size_t)room && line[len - 1] != '\n' && (c = getc(f->in)) != EOF) {
		conf_complain(f, f->line,
		    "line too long; allowed: %d bytes (lists may go on in indented lines)",
		    room - 2);
		while (c != '\n' && c != EOF)
			c = getc(f->in);
	}
	if (line[strspn(line, " \t")] == '[')
		note_section(f, line + strspn(line, " \t"));
	return line;
}

static bool
key_is_list(enum conf_type t)
{
	return t == CONF_LIST || t == CONF_URLS || t == CONF_ORIGINS || t == CONF_RULES ||
	       t == CONF_STEPS;
}

static const char *
join_names(struct arena *mem, const char *list, const char *more)
{
	size_t len = strlen(list);
	bool parted = len == 0 || list[len - 1] == ',';

	return arena_printf(mem, "%s%s%s", list, parted ? "" : ",", more);
}

static void
note_value(struct intake *f, int si, int ki, const char *value)
{
	const struct conf_key *k = &conf_table[si].keys[ki];
	const char **raw = &f->store->raw[si][ki];

	if (f->key_line[si][ki] == 0) {
		f->key_line[si][ki] = f->line;
		*raw = arena_strdup(f->store->mem, value);
	} else if (f->indented && key_is_list(k->type)) {
		*raw = join_names(f->store->mem, *raw, value);
	} else if (f->indented) {
		conf_complain(f, f->line,
		    "[%s] %s: an indented line continues the one above; allowed: lists only",
		    conf_table[si].name, k->name);
	} else {
		conf_complain(f, f->line, "[%s] %s: set twice (first: line %d); allowed: once",
		    conf_table[si].name, k->name, f->key_line[si][ki]);
	}
}

static int
on_conf_value(void *cookie, const char *section, const char *name, const char *value)
{
	struct intake *f = cookie;
	int si = find_section(section), ki;

	if (section[0] == '\0') {
		conf_complain(
		    f, f->line, "%s: is outside of any section; allowed: [section] first", name);
	} else if (si != -1) {
		ki = find_conf_key(&conf_table[si], name);
		if (ki == -1)
			conf_complain(f, f->line, "[%s] %s: unknown key; allowed: %s", section,
			    name, key_names(&conf_table[si], f->store->mem));
		else
			note_value(f, si, ki, value);
	}
	return 1;
}

static int
section_line(const struct intake *f, const char *name)
{
	int line = f->section_line[find_section(name)];

	return line != 0 ? line : f->line;
}

static void
set_conf_key(struct intake *f, int si, size_t ki)
{
	const struct conf_section *s = &conf_table[si];
	const struct conf_key *k = &s->keys[ki];
	const char **raw = &f->store->raw[si][ki];
	int line = f->key_line[si][ki];
	const char *fault;

	if (*raw == NULL || **raw == '\0')
		*raw = conf_table_default(s, k);
	if (*raw == NULL && !k->required)
		return;
	if (*raw == NULL)
		fault = "is missing";
	else
		fault = conf_value_set(f->store, k, (char *)f->store + s->base + k->at, *raw);
	if (line == 0)
		line = section_line(f, s->name);
	if (fault != NULL)
		conf_complain(f, line, "[%s] %s: %s; allowed: %s", s->name, k->name, fault,
		    conf_table_allowed(k, f->store->mem));
}

/* Settings that are valid alone but not together. */
static void
check_together(struct intake *f)
{
	const struct conf *c = &f->store->conf;
	const struct webhook_conf *w = &c->webhook;
	static const char *const names[ENV__COUNT] = { "production", "sandbox" };
	int i;

	if (f->store->db.socket != NULL && f->store->db.host != NULL)
		conf_complain(f, section_line(f, "database"),
		    "[database] host: cannot be set together with socket; allowed: one of them");
	if (c->lease_renew_ms * 2 > c->lease_ms)
		conf_complain(f, section_line(f, "worker"),
		    "[worker] lease_renew_ms: is over half of lease_ms; allowed: at most %lld",
		    (long long)c->lease_ms / 2);
	if (w->connect_timeout_ms > w->timeout_ms)
		conf_complain(f, section_line(f, "webhooks"),
		    "[webhooks] connect_timeout_ms: is over timeout_ms; allowed: at most %lld",
		    (long long)w->timeout_ms);
	if (c->mail.url != NULL && c->mail.from == NULL)
		conf_complain(
		    f, section_line(f, "mail"), "[mail] from: is missing; needed with url");
	for (i = 0; i < ENV__COUNT; i++)
		if (c->upstream[i].retry_base_ms > c->upstream[i].retry_cap_ms)
			conf_complain(f, section_line(f, names[i]),
			    "[%s] retry_base_ms: is over retry_cap_ms; allowed: at most %lld",
			    names[i], (long long)c->upstream[i].retry_cap_ms);
}

static void
set_login(struct db_conf *to, const struct conf_store *s, const struct conf_login *own)
{
	*to = s->db;
	to->database = s->conf.database_name;
	if (own->user != NULL)
		to->user = own->user;
	if (own->password != NULL)
		to->password = own->password;
}

static void
set_databases(struct conf_store *s)
{
	if (s->db.socket == NULL && s->db.host == NULL)
		s->db.socket = DEFAULT_SOCKET;
	set_login(&s->conf.db_app, s, &s->app);
	set_login(&s->conf.db_worker, s, &s->worker);
	set_login(&s->conf.db_ctl, s, &s->ctl);
	set_login(&s->conf.db_sandbox, s, &s->sandbox);
	set_login(&s->conf.db_migrate, s, &s->migrate);
	s->conf.db_sandbox.database = s->conf.sandbox_database_name;
}

static void
read_conf_stream(struct intake *f)
{
	int broken = ini_parse_stream(read_line, f, on_conf_value, f), si;
	size_t ki;

	if (broken > 0)
		conf_complain(
		    f, broken, "not a setting; allowed: [section], key = value, # comment");
	else if (broken < 0 || ferror(f->in) != 0)
		conf_complain(f, f->line, "cannot be read: %s", strerror(errno));
	si = find_section("database");
	ki = (size_t)find_conf_key(&conf_table[si], "ctl_password_file");
	f->store->ctl_own_password = f->store->raw[si][ki] != NULL;
	for (si = 0; si < CONF_SECTIONS; si++)
		for (ki = 0; ki < conf_table[si].len; ki++)
			set_conf_key(f, si, ki);
	if (!f->wrong)
		check_together(f);
	set_databases(f->store);
}

const char *
conf_environment_name(enum environment e)
{
	return e == ENV_SANDBOX ? "sandbox" : "production";
}

static struct conf *
conf_read(const char *path, FILE *err, bool operator_only)
{
	struct arena *mem = arena_new();
	struct conf_store *s = arena_alloc(mem, sizeof *s);
	struct intake f = { .store = s, .path = path, .err = err };

	s->mem = mem;
	s->operator_only = operator_only;
	s->conf.path = arena_strdup(mem, path);
	f.in = fopen(path, "re");
	if (f.in == NULL) {
		conf_complain(&f, 0, "cannot be opened: %s", strerror(errno));
	} else {
		read_conf_stream(&f);
		fclose(f.in);
	}
	if (!f.wrong) {
		s->conf.outbound.own = own_addrs_new();
		return &s->conf;
	}
	arena_free(mem);
	return NULL;
}

const char *
conf_setting(const struct conf *c, const char *section, const char *key)
{
	const struct conf_store *s = (const struct conf_store *)c;
	int si = find_section(section), ki = si >= 0 ? find_conf_key(&conf_table[si], key) : -1;

	return ki >= 0 ? s->raw[si][ki] : NULL;
}

void
conf_each_secret(const struct conf *c,
    void (*each)(void *arg, const char *section, const char *key, const char *path), void *arg)
{
	const struct conf_store *s = (const struct conf_store *)c;
	int si;
	size_t ki;

	for (si = 0; si < CONF_SECTIONS; si++)
		for (ki = 0; ki < conf_table[si].len; ki++)
			if (conf_table[si].keys[ki].type == CONF_SECRET && s->raw[si][ki] != NULL)
				each(arg, conf_table[si].name, conf_table[si].keys[ki].name,
				    s->raw[si][ki]);
}

struct conf *
conf_load(const char *path, FILE *err)
{
	return conf_read(path, err, false);
}

struct conf *
conf_load_operator(const char *path, FILE *err)
{
	return conf_read(path, err, true);
}

void
conf_free(struct conf *c)
{
	if (c == NULL)
		return;
	own_addrs_free(c->outbound.own);
	arena_free(((struct conf_store *)c)->mem);
}

void
conf_reload_level(const char *path)
{
	struct conf *fresh = conf_load(path, stderr);

	if (fresh == NULL) {
		log_error("event=reload_refused config=%s", path);
		return;
	}
	log_set_level(fresh->log_level);
	log_info("event=reloaded config=%s changed=log_level", path);
	conf_free(fresh);
}
