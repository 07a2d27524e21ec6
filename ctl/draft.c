/* Writes the first configuration. An existing one is never overwritten. */
#include "ctl/draft.h"

#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "ctl/ctl.h"
#include "lib/crypto.h"
#include "lib/url.h"

/* Creates a file with all of `content`, or none. */
static int
draft_create(const char *path, mode_t mode, const char *content)
{
	size_t len = strlen(content);
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);

	if (fd == -1)
		return ctl_fail("%s: %s", path, strerror(errno));
	if (write(fd, content, len) != (ssize_t)len || fsync(fd) != 0) {
		close(fd);
		unlink(path);
		return ctl_fail("%s could not be written", path);
	}
	close(fd);
	return CTL_OK;
}

static const char *
draft(struct ctl *c, const struct draft *d, const char *folder)
{
	const struct passwd *me = getpwuid(geteuid());
	struct arena *mem = c->mem;
	const char *programs[] = { "app", "worker", "ctl", "sandbox" };
	char *text;

	text = arena_printf(mem,
	    "# Made by `pintempo init`. `pintempo config print` shows every setting.\n"
	    "[instance]\n"
	    "public_url = %s\n"
	    "key_file = %s/instance.key\n"
	    "wakeup_socket = /run/pintempo-worker/hint.sock\n"
	    "\n[database]\n"
	    "socket = %s\n"
	    "name = pintempo\n"
	    "sandbox_name = pintempo_sandbox\n"
	    "migrate_user = %s\n",
	    d->url, folder, d->socket != NULL ? d->socket : "/run/mysqld/mysqld.sock",
	    me != NULL ? me->pw_name : "root");
	for (size_t i = 0; i < DB_LEN(programs); i++)
		text = arena_printf(mem,
		    "%s%s_user = pintempo_%s\n%s_password_file = %s/%s-password\n", text,
		    programs[i], programs[i], programs[i], folder, programs[i]);
	return arena_printf(mem,
	    "%s\n[worker]\n"
	    "host_id_file = /var/lib/pintempo/host-id\n"
	    "\n[sandbox]\n"
	    "base_url = %s/sandbox/v5\n"
	    "oauth_url = %s/sandbox/oauth\n"
	    "client_id = sandbox\n"
	    "client_secret_file = %s/sandbox-secret\n",
	    text, d->url, d->url, folder);
}

static int
draft_create_secret(struct ctl *c, const char *folder)
{
	const char *path = arena_printf(c->mem, "%s/sandbox-secret", folder);
	char secret[48];

	if (access(path, F_OK) == 0)
		return CTL_OK;
	crypto_token("", secret, sizeof(secret));
	return draft_create(path, 0600, arena_printf(c->mem, "%s\n", secret));
}

int
draft_write(struct ctl *c, const struct draft *d)
{
	struct draft clean = *d;
	char *folder = arena_strdup(c->mem, c->conf_path), *slash, *url;
	const char *fault;
	int rc;

	if (access(c->conf_path, F_OK) == 0)
		return CTL_OK;
	if (d->url == NULL)
		return ctl_fail("there is no configuration %s yet; `pintempo init --url URL` "
				"writes one, where URL is the address that clients use",
		    c->conf_path);
	fault = url_fault(d->url, c->mem);
	if (fault != NULL)
		return ctl_fail("--url: %s", fault);
	clean.url = url = arena_strdup(c->mem, d->url);
	while (url[strlen(url) - 1] == '/')
		url[strlen(url) - 1] = '\0';
	slash = strrchr(folder, '/');
	if (slash == NULL || slash == folder)
		return ctl_fail(
		    "%s: the path of the configuration needs a directory", c->conf_path);
	*slash = '\0';
	rc = draft_create_secret(c, folder);
	if (rc == CTL_OK)
		rc = draft_create(c->conf_path, 0640, draft(c, &clean, folder));
	if (rc == CTL_OK)
		printf("conf     %s  created; look it over\n", c->conf_path);
	return rc;
}
