#ifndef APP_API_ACCOUNTS_H
#define APP_API_ACCOUNTS_H

#include <stdbool.h>

struct call;
struct uuid;

/*
 * Makes sure that a sandbox project has its ready account, lane and boards, by the same OAuth calls
 * to the simulator that a person's connection makes. Run outside a transaction; running it again
 * repairs what is missing. False: the reply says why (503 `pinterest_unavailable`, or the
 * database).
 */
bool accounts_provision_sandbox(struct call *c, const struct uuid *project_id);

#endif
