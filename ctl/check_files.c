/* Checks of addresses and files: who can read secrets, and whether the programs can. */
#include <grp.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ctl/check.h"
#include "ctl/ctl.h"
#include "lib/arena.h"
#include "lib/url.h"

#define WEB_USER "www-data"
#define GROUPS_MOST 256
#define PROGRAM_USER "pintempo" /* that of docs/install.md and of the systemd units */

static bool
is_https(const char *url)
{
	return strncasecmp(url, "https://", 8) == 0;
}

static bool
is_loopback(struct checks *k, const char *url)
{
	const char *host = url_host(url, k->mem);

	return host != NULL && (strcmp(host, "localhost") == 0 || strncmp(host, "127.", 4) == 0 ||
				   strcmp(host, "::1") == 0);
}

void
check_public_url(struct checks *k)
{
	const char *url = k->conf->public_url, *host = strstr(url, "://");

	check_begin(k, "public_url", url);
	if (host != NULL && strchr(host + 3, '/') != NULL)
		check_fault(k, CHECK_URL_PATH, url);
	if (!is_https(url) && !is_loopback(k, url) &&
	    k->conf->upstream[ENV_PRODUCTION].base_url != NULL)
		check_fault(k, CHECK_URL_HTTP, url);
}

/* What the files' owners are held against. */
struct watch {
	struct checks *k;
	const char *name;
	bool other; /* the programs run as `user`, who is not the one that asks */
	uid_t user;
	gid_t group;
	gid_t shared; /* of the instance key: the programs' group */
};

/* `right`: 4 to read, 2 to write. Supplementary groups of the user are not asked for. */
static bool
user_may(const struct watch *w, const struct stat *st, unsigned right)
{
	if (st->st_uid == w->user)
		return (st->st_mode >> 6 & right) == right;
	if (st->st_gid == w->group)
		return (st->st_mode >> 3 & right) == right;
	return (st->st_mode & right) == right;
}

static void
check_secret(void *arg, const char *section, const char *key, const char *path)
{
	struct watch *w = arg;
	struct stat st;
	bool command_only =
	    strcmp(key, "ctl_password_file") == 0 || strcmp(key, "migrate_password_file") == 0;

	(void)section;
	if (stat(path, &st) != 0)
		return; /* the parser has told, or it belongs to another program */
	if ((st.st_mode & S_IRWXO) != 0 ||
	    ((st.st_mode & S_IRWXG) != 0 && st.st_gid != w->shared && st.st_gid != 0))
		check_fault(w->k, CHECK_SECRET_OPEN,
		    arena_printf(w->k->mem, "%s, mode %o", path, (unsigned)st.st_mode & 0777));
	if (w->other && !command_only && !user_may(w, &st, 4))
		check_fault(w->k, CHECK_SECRET_FOREIGN,
		    arena_printf(w->k->mem, "%s, for user %s", path, w->name));
}

/* The owner of a file that a program made or was given. False: there is no such file. */
static bool
file_owner(const char *path, uid_t *owner)
{
	struct stat st;

	if (path == NULL || stat(path, &st) != 0)
		return false;
	*owner = st.st_uid;
	return true;
}

/* Who runs the programs, by what they left behind, else as docs/install.md has it. */
static bool
programs_user(const struct checks *k, uid_t *user)
{
	const char *password = conf_setting(k->conf, "database", "app_password_file");
	const struct passwd *known;

	if (file_owner(k->conf->wakeup_socket, user) || file_owner(k->conf->host_id_file, user) ||
	    (file_owner(password, user) && *user != 0))
		return true;
	known = strncmp(k->c->conf_path, "/etc/", 5) == 0 ? getpwnam(PROGRAM_USER) : NULL;
	if (known == NULL)
		return false;
	*user = known->pw_uid;
	return true;
}

/* Apache with mod_fcgid starts the application as the user that also runs everybody's scripts. */
static void
check_web_user(struct checks *k)
{
	const struct passwd *web = getpwnam(WEB_USER);
	gid_t groups[GROUPS_MOST];
	int len = GROUPS_MOST, i;
	struct stat st;

	if (web == NULL || stat(k->conf->key_file, &st) != 0 || (st.st_mode & S_IRGRP) == 0 ||
	    web->pw_uid == geteuid() || getgrouplist(WEB_USER, web->pw_gid, groups, &len) == -1)
		return;
	for (i = 0; i < len; i++)
		if (groups[i] == st.st_gid)
			check_fault(k, CHECK_SECRET_WEB,
			    arena_printf(k->mem, "%s, for user %s", k->conf->key_file, WEB_USER));
}

/* Only root can see what another user may. */
static void
watch_start(struct watch *w, struct checks *k)
{
	const struct passwd *known;
	struct stat st;

	*w = (struct watch){ .k = k };
	w->other = geteuid() == 0 && programs_user(k, &w->user) && w->user != 0;
	known = w->other ? getpwuid(w->user) : NULL;
	if (known != NULL)
		w->group = known->pw_gid;
	w->name = known != NULL ? arena_strdup(k->mem, known->pw_name) : "?";
	if (stat(k->conf->key_file, &st) == 0)
		w->shared = st.st_gid;
}

/* The directory of a file that the worker makes. */
static void
check_directory(struct watch *w, const char *subject, const char *file)
{
	const char *slash = file != NULL ? strrchr(file, '/') : NULL, *path;
	struct stat st;

	if (slash == NULL)
		return;
	path = slash == file ? "/" : arena_strndup(w->k->mem, file, (size_t)(slash - file));
	check_begin(w->k, subject, path);
	if (stat(path, &st) != 0 || !S_ISDIR(st.st_mode))
		check_fault(w->k, CHECK_DIRECTORY_MISSING, path);
	else if (w->other ? !user_may(w, &st, 3) : access(path, W_OK | X_OK) != 0)
		check_fault(w->k, CHECK_DIRECTORY_FOREIGN,
		    arena_printf(w->k->mem, "%s, for user %s", path, w->other ? w->name : "yours"));
}

void
check_files(struct checks *k)
{
	struct watch w;
	struct stat st;

	watch_start(&w, k);
	check_begin(k, "secret files", "only the programs can read them");
	conf_each_secret(k->conf, check_secret, &w);
	if (w.other && stat(k->conf->key_file, &st) == 0 && !user_may(&w, &st, 4))
		check_fault(k, CHECK_SECRET_FOREIGN,
		    arena_printf(k->mem, "%s, for user %s", k->conf->key_file, w.name));
	check_web_user(k);
	check_directory(&w, "wakeup_socket", k->conf->wakeup_socket);
	check_directory(&w, "host_id_file", k->conf->host_id_file);
}
