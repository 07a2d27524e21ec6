/* Creates the password files that the configuration names and that do not exist. */
#include "ctl/secrets.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "ctl/ctl.h"
#include "lib/crypto.h"

#define LINE_ROOM 4096
#define PASSWORD_ROOM 64

static int
write_password(int fd, const char *path)
{
	char password[PASSWORD_ROOM];
	size_t len;
	int rc = 0;

	crypto_token("", password, sizeof(password) - 1);
	len = strlen(password);
	password[len++] = '\n';
	if (write(fd, password, len) != (ssize_t)len || fsync(fd) != 0) {
		ctl_fail("%s: %s", path, strerror(errno));
		unlink(path);
		rc = -1;
	}
	crypto_wipe(password, sizeof(password));
	return rc;
}

static int
secret_create(const char *path)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600), rc;

	if (fd < 0 && errno == EEXIST)
		return 0;
	if (fd < 0) {
		ctl_fail("%s: %s", path, strerror(errno));
		return -1;
	}
	rc = write_password(fd, path);
	close(fd);
	if (rc == 0)
		printf("password %s  created; give it to the user that reads it (chown)\n", path);
	return rc;
}

/* The value of a "*_password_file" setting, or NULL. Modifies the line. */
static char *
password_path(char *line)
{
	char *equal = strchr(line, '='), *end;

	if (equal == NULL || line[0] == '#' || line[0] == ';')
		return NULL;
	*equal++ = '\0';
	line[strcspn(line, " \t")] = '\0';
	end = strstr(line, "_password_file");
	if (end == NULL || strcmp(end, "_password_file") != 0 || end == line)
		return NULL;
	equal += strspn(equal, " \t");
	equal[strcspn(equal, "\r\n")] = '\0';
	end = strstr(equal, " ;");
	if (end != NULL)
		*end = '\0';
	for (end = equal + strlen(equal); end > equal && (end[-1] == ' ' || end[-1] == '\t'); end--)
		end[-1] = '\0';
	return *equal == '\0' ? NULL : equal;
}

int
secrets_create(struct ctl *c)
{
	char line[LINE_ROOM];
	bool in_database = false;
	FILE *in = fopen(c->conf_path, "re");
	char *path;
	int rc = 0;

	if (in == NULL) {
		ctl_fail("%s: %s; write it first (see the example)", c->conf_path, strerror(errno));
		return -1;
	}
	while (rc == 0 && fgets(line, sizeof(line), in) != NULL) {
		if (line[0] == '[')
			in_database = strncmp(line, "[database]", 10) == 0;
		path = in_database ? password_path(line) : NULL;
		if (path != NULL)
			rc = secret_create(path);
	}
	fclose(in);
	return rc;
}
