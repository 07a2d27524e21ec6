#ifndef CTL_DRAFT_H
#define CTL_DRAFT_H

#include "lib/attr.h"

struct ctl;

struct draft {
	const char *url;    /* http(s) URL at which clients reach the instance */
	const char *socket; /* of MariaDB; NULL: Debian's default */
};

/*
 * When c->conf_path does not exist, writes it (mode 0640) for an installation on this host: secrets
 * beside it, a database user per program, the simulator for sandbox projects with its client secret
 * (mode 0600). An existing configuration is left alone. CTL_OK, or CTL_FAILED after a line on
 * stderr: the url is missing or malformed, or the file cannot be written.
 */
MUST_CHECK int draft_write(struct ctl *c, const struct draft *d);

#endif
