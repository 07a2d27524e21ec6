#ifndef LIB_CLOCK_H
#define LIB_CLOCK_H

#include <stdint.h>

/*
 * The only callers of clock_gettime(); everything else takes time as a parameter. Only the
 * database's clock decides what is due (see db_now()).
 */
#define TIME_NONE INT64_MIN /* "no time": SQL NULL, JSON null */
#define US_PER_S 1000000LL
#define US_PER_MS 1000LL

/* Microseconds since 1970-01-01T00:00:00Z. */
int64_t clock_wall_us(void);
/* Monotonic microseconds, from an arbitrary start: for timers and durations. */
int64_t clock_mono_us(void);
/* Like clock_mono_us(), but counts suspended time too (CLOCK_BOOTTIME): for the send gate. */
int64_t clock_boot_us(void);

#endif
