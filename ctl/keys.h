#ifndef CTL_KEYS_H
#define CTL_KEYS_H

#include <stdint.h>

#include "lib/attr.h"
#include "lib/db/db.h"

struct ctl;

/* API keys and the projects they belong to: `key list`, `key revoke`, `project list`. */
MUST_CHECK int keys_list(struct ctl *c, int argc, char **argv);
/* Prints the keys that work of all projects, made by the user of this address. */
MUST_CHECK enum db_rc keys_print_of_user(struct ctl *c, const char *email);
MUST_CHECK int keys_revoke(struct ctl *c, int argc, char **argv);
MUST_CHECK int keys_list_projects(struct ctl *c, int argc, char **argv);

/* Revokes what the user made, inside a transaction. */
enum db_rc keys_revoke_of_user(struct db *db, const struct uuid *user, uint64_t *revoked);

#endif
