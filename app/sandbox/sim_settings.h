#ifndef APP_SANDBOX_SIM_SETTINGS_H
#define APP_SANDBOX_SIM_SETTINGS_H

#include <stdbool.h>
#include <stdint.h>

struct arena;
struct json_object;

/*
 * How Pinterest behaves towards everybody, changeable through POST /admin/settings. Kept as one
 * JSON document of what differs from the defaults; the table in settings.c is the list
 * (docs/sandbox.md).
 */
enum sim_listing { SIM_LISTING_NEWEST, SIM_LISTING_OLDEST, SIM_LISTING_SHUFFLED };
enum sim_rewrite { SIM_REWRITE_OFF, SIM_REWRITE_TRIM, SIM_REWRITE_LINKS };
enum sim_rotation { SIM_ROTATION_STRICT, SIM_ROTATION_LENIENT, SIM_ROTATION_KEEP };
enum sim_tier { SIM_TIER_STANDARD, SIM_TIER_TRIAL, SIM_TIER_UNAPPROVED };

struct sim_settings {
	int64_t org_write;      /* per user and minute; 0: no limit */
	int64_t org_read;       /* the same */
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
	int64_t listing_delay_s; /* a pin is listed this much later */
	int64_t page_max;        /* items on a page, however many are asked for */
	int64_t rewrite;         /* enum sim_rewrite: what becomes of a new pin's text */
	int64_t skew_s;          /* added to created_at and Date */
	int64_t rotation;        /* enum sim_rotation */
	int64_t rotation_grace_s;
	int64_t access_s; /* life of an access token */
	int64_t refresh_s;
	int64_t tier;              /* enum sim_tier */
	int64_t revocable;         /* 1: /oauth/token/revoke takes tokens that people granted */
	int64_t deny;              /* 1: the person says no at the authorize page */
	int64_t image_cache_ms;    /* at most 1000; 0: every create fetches */
	int64_t fetch;             /* 0: image_url is believed, not fetched */
	int64_t error_extras;      /* 1: errors carry status and message_detail */
	const char *drop_scopes;   /* scopes a grant lacks although they were asked for */
	const char *blocked_hosts; /* link hosts refused as spam */
};

/* Defaults overlaid by the document. A damaged document reads as the defaults. Text in the arena.
 */
void sim_settings_read(struct sim_settings *s, const char *doc, struct arena *mem);
/*
 * Merges `changes` (borrowed) into the document. The new document, in the arena; or NULL and a
 * sentence in *why. null puts a setting back to its default.
 */
const char *sim_settings_merge(
    const char *doc, struct json_object *changes, struct arena *mem, const char **why);
/* Every setting with its value in force, as a new object. */
struct json_object *sim_settings_show(const struct sim_settings *s);

#endif
