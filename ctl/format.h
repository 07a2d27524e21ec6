#ifndef CTL_FORMAT_H
#define CTL_FORMAT_H

#include <stdint.h>

#include "lib/arena.h"

/* Values formatted for people, in the arena. */

/* "2026-03-01T08:00:00Z (in 3 min)"; "-" for TIME_NONE. `now_us` is the database's clock. */
const char *format_time(struct arena *mem, int64_t us, int64_t now_us);
/* "2026-03-01T08:00:00Z"; "-" for TIME_NONE. */
const char *format_stamp(struct arena *mem, int64_t us);
/* "3 min ago", "in 2 h", "now"; "-" for TIME_NONE. */
const char *format_distance(struct arena *mem, int64_t us, int64_t now_us);
/* "12.3 MiB" */
const char *format_bytes(struct arena *mem, int64_t bytes);
const char *format_environment(int64_t environment);

#endif
