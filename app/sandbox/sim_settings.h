#ifndef APP_SANDBOX_SIM_SETTINGS_H
#define APP_SANDBOX_SIM_SETTINGS_H

#include <stdbool.h>
#include <stdint.h>

struct arena;
struct json_object;

/*
 * How the simulator behaves for all users; changed with POST /admin/settings (docs/sandbox.md).
 * Stored as one JSON document of what differs from the defaults.
 */
enum sim_listing { SIM_LISTING_NEWEST, SIM_LISTING_OLDEST, SIM_LISTING_SHUFFLED };
enum sim_rewrite { SIM_REWRITE_OFF, SIM_REWRITE_TRIM, SIM_REWRITE_LINKS };
enum sim_rotation { SIM_ROTATION_STRICT, SIM_ROTATION_LENIENT, SIM_ROTATION_KEEP };
enum sim_analytics { SIM_ANALYTICS_ZERO, SIM_ANALYTICS_MADE };
enum sim_tier { SIM_TIER_STANDARD, SIM_TIER_TRIAL, SIM_TIER_UNAPPROVED };

struct sim_settings {
	int64_t org_write;      /* per user and minute; 0: no limit */
	int64_t org_read;       /* the same */
	int64_t org_analytics;  /* the same */
	int64_t ads_read;       /* the same, of terms */
	int64_t per_second;     /* per user, over all; 0: no limit */
	int64_t day_limit;      /* per application and day (Trial); 0: no limit */
	int64_t contention_ms;  /* two writes to one board closer than this: 429; 0: off */
	int64_t retry_after;    /* 1: a 429 carries Retry-After too */
	int64_t spam_pins;      /* pins per user and window before a block; 0: off */
	int64_t spam_host_pins; /* pins of one link host; 0: off */
	int64_t spam_window_s;
	int64_t spam_host_window_s; /* of spam_host_pins; 0: spam_window_s */
	int64_t spam_hold_s;
	int64_t listing;         /* enum sim_listing */
	int64_t listing_delay_s; /* delay before a new pin is listed */
	int64_t page_max;        /* most items on a page, whatever page_size says */
	int64_t boards_max;      /* per user */
	int64_t pins_kept;       /* newest pins, and rows of the ledger, of a user that are kept */
	int64_t rewrite;         /* enum sim_rewrite: how new pins' texts are changed */
	int64_t skew_s;          /* added to created_at and Date */
	int64_t rotation;        /* enum sim_rotation */
	int64_t rotation_grace_s;
	int64_t access_s; /* lifetime of an access token */
	int64_t refresh_s;
	int64_t tier;              /* enum sim_tier */
	int64_t analytics;         /* enum sim_analytics */
	int64_t revocable;         /* 1: /oauth/token/revoke accepts tokens that users granted */
	int64_t deny;              /* 1: the user refuses on the authorize page */
	int64_t image_cache_ms;    /* at most 1000; 0: every create fetches */
	int64_t fetch;             /* 0: image_url is accepted without a fetch */
	int64_t error_extras;      /* 1: errors carry status and message_detail */
	const char *drop_scopes;   /* requested scopes that are not granted */
	const char *blocked_hosts; /* link hosts refused as spam */
};

/*
 * Applies the document over the defaults; a malformed one counts as empty. Texts are in the arena.
 */
void sim_settings_read(struct sim_settings *s, const char *doc, struct arena *mem);
/*
 * Merges `changes` (borrowed) into the document; null resets a setting to its default. The new
 * document, in the arena; or NULL and a sentence in *why.
 */
const char *sim_settings_merge(
    const char *doc, struct json_object *changes, struct arena *mem, const char **why);
/* Every setting with its current value, as a new object. */
struct json_object *sim_settings_show(const struct sim_settings *s);

#endif
