#ifndef CTL_DRAFT_H
#define CTL_DRAFT_H

#include "lib/attr.h"

struct ctl;

struct draft {
	const char *url;    /* how clients reach the instance, http(s) */
	const char *socket; /* MariaDB's; NULL: Debian's */
};

/*
 * The first configuration: when c->conf_path is not there, writes one (mode 0640) for an
 * installation on this host: secrets beside it, a database user for each program, the simulator for
 * sandbox projects with its client secret (mode 0600). With a configuration there already, nothing
 * is written. CTL_OK, or CTL_FAILED after a line on stderr: no url or not a URL, or the file cannot
 * be written.
 */
MUST_CHECK int draft_write(struct ctl *c, const struct draft *d);

#endif
