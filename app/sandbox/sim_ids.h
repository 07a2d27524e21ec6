#ifndef APP_SANDBOX_SIM_IDS_H
#define APP_SANDBOX_SIM_IDS_H

#include <stdint.h>

struct arena;

/* Ids and times as Pinterest writes them (Pinterest API v5 docs). */

#define SIM_TIME_SIZE 20

/* A new id: 18 decimal digits that grow with now_us (epoch microseconds), the last three random. */
int64_t sim_id_next(int64_t now_us);
/* Decimal text of an id, in the arena; NULL for 0. */
const char *sim_id_text(int64_t id, struct arena *mem);
/* `^\d+$` of at most 18 digits -> the id; anything else -> -1. */
int64_t sim_id_parse(const char *text);
/* "YYYY-MM-DDTHH:MM:SS", UTC, no zone, in the arena. */
const char *sim_time_text(int64_t us, struct arena *mem);
/* IMF-fixdate, in the arena. */
const char *sim_http_date(int64_t us, struct arena *mem);
/* A new x-pinterest-rid, in the arena. */
const char *sim_request_id(struct arena *mem);

#endif
