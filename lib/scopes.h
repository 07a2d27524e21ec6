#ifndef LIB_SCOPES_H
#define LIB_SCOPES_H

#include <stdbool.h>

struct arena;

/*
 * Pinterest's OAuth scopes (OpenAPI document 5.23.0): what the owner of an account granted,
 * compared with what is needed. Lists are scope names separated by commas or blanks; results are
 * in the arena, separated by commas, "" when empty, never NULL. Pure.
 */

/* POST /pins and the look-ups need these: an account without one of them cannot publish. */
#define SCOPES_PUBLISH "boards:read,boards:write,pins:read,pins:write"
/* Connecting reads the Pinterest user. */
#define SCOPES_USER "user_accounts:read"
/* Related terms need this. */
#define SCOPES_TERMS "ads:read"
/* For secret boards also these. Protected boards are treated like public ones. */
#define SCOPES_SECRET SCOPES_SECRET_BOARD ",pins:read_secret,pins:write_secret"
/* Creating one needs these of them. */
#define SCOPES_SECRET_BOARD "boards:read_secret,boards:write_secret"

/* At most this long, so that it fits its column. */
#define SCOPES_LIST_MAX 1000

/* Each name once; what can be no name (other than a-z, 0-9, `_`, `:`, `.`, `-`) is left out. */
const char *scopes_list(const char *text, struct arena *mem);
/* The scopes of `wanted` that `granted` (NULL: nothing) lacks. */
const char *scopes_missing(const char *wanted, const char *granted, struct arena *mem);
/* What a board of this privacy (NULL: unknown) needs and `granted` lacks. */
const char *scopes_board_lacks(const char *privacy, const char *granted, struct arena *mem);
/* The scopes that a refusal of Pinterest names: "... Missing: ['boards:write', 'pins:write']". */
const char *scopes_refused(const char *message, struct arena *mem);
/* The list as it is read: "boards:write, pins:write". */
const char *scopes_spaced(const char *list, struct arena *mem);

/* What to do about missing scopes, of which `asked` may lack some as well. */
const char *scopes_remedy(const char *lacks, const char *asked, struct arena *mem);

/* What an answer of Pinterest granted, of what was asked for. */
struct scopes_grant {
	const char *granted;
	const char *missing; /* asked for or needed to publish, and not granted */
	bool publishes;      /* has SCOPES_PUBLISH */
	const char *message; /* what is missing, and what follows; NULL: nothing is */
};
/* `granted` NULL: Pinterest named none, which means all that was asked for (RFC 6749, 5.1). */
void scopes_examine(
    struct scopes_grant *g, const char *asked, const char *granted, struct arena *mem);
/*
 * What a healthy account would lose by this grant of the scopes that are asked for or needed:
 * "": nothing. A scope that is not asked for any more is no loss.
 */
const char *scopes_lost(
    const struct scopes_grant *g, const char *asked, const char *before, struct arena *mem);

#endif
