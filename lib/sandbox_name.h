#ifndef LIB_SANDBOX_NAME_H
#define LIB_SANDBOX_NAME_H

#include <stdbool.h>

#include "lib/attr.h"
#include "lib/uuid.h"

/*
 * How the application names a sandbox project's Pinterest user to the simulator: a short name that
 * only depends on the project and does not show its id, and a code under [sandbox]'s client secret,
 * which both programs have. The code also covers the OAuth state, so a name that was seen in one
 * authorization URL fits no other. Pure.
 */
struct arena;

#define SANDBOX_NAME_LEN 22 /* of the short name, base64url */

/* Below public_url: where Pinterest sends a user's browser back to. */
#define OAUTH_CALLBACK_PATH "/v1/pinterest/oauth/callback"

/* "<short name>.<code>" for the parameter sandbox_user; in the arena. */
const char *sandbox_name_make(
    const char *secret, const struct uuid *project_id, const char *state, struct arena *mem);
/* The short name, when `text` is one made with the same secret and state; otherwise NULL. */
MUST_CHECK const char *sandbox_name_read(
    const char *secret, const char *text, const char *state, struct arena *mem);

#endif
