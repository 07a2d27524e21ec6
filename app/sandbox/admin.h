#ifndef APP_SANDBOX_ADMIN_H
#define APP_SANDBOX_ADMIN_H

#include <stdbool.h>

struct call;

/* The script of tests (docs/sandbox.md). Without --admin-token-file these routes do not exist. */

/* The right X-Sandbox-Admin; else the reply is 404 or 403. */
bool admin_permits(struct call *c);

void admin_arm(struct call *c);
void admin_arms(struct call *c);
void admin_disarm(struct call *c);
void admin_settings(struct call *c);
void admin_set(struct call *c);
void admin_listing(struct call *c);
void admin_clock(struct call *c);
void admin_creates(struct call *c);
void admin_ledger(struct call *c);
void admin_users(struct call *c);
void admin_pins(struct call *c);
void admin_revoke(struct call *c);
void admin_expire(struct call *c);
void admin_reset(struct call *c);

#endif
