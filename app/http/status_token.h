#ifndef APP_HTTP_STATUS_TOKEN_H
#define APP_HTTP_STATUS_TOKEN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/attr.h"
#include "lib/db/db.h"
#include "lib/uuid.h"

struct arena;
struct call;
struct keyring;

/*
 * A status token lets a web page read the states of some pins and schedules, and nothing else. It
 * is sealed and stored nowhere: all it says is in it. It ends with its time, and with the API key
 * or session that asked for it.
 */
#define STATUS_TOKEN_PREFIX "pst_"
#define STATUS_TOKEN_IDS_MAX 100
#define STATUS_TOKEN_S_MAX (24 * 60 * 60)

struct status_token {
	struct uuid project_id;
	struct uuid giver_id; /* of the key or session */
	bool by_key;
	int64_t expires_us;
	size_t pins, schedules;
	struct uuid ids[STATUS_TOKEN_IDS_MAX]; /* first the pins, then the schedules */
};

/* The token as text, in the arena. */
const char *status_token_seal(
    const struct keyring *keys, const struct status_token *t, struct arena *mem);
/*
 * Fills c->who as the token `text` says. DB_NONE: it does not open, has expired, or ended with its
 * giver.
 */
enum db_rc status_token_load(struct call *c, const char *text);
/* May the caller see that pin (or else schedule), as far as its token says? */
MUST_CHECK bool status_token_shows(const struct call *c, bool is_pin, const struct uuid *id);

#endif
