#ifndef APP_HTTP_METERS_H
#define APP_HTTP_METERS_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/bucket.h"
#include "lib/uuid.h"

/*
 * A token bucket for each credential, in the memory of this process: several processes each have
 * their own, and a restart fills all. The 8192 credentials that asked last have one; what is
 * forgotten had most tokens left of those beside it.
 */
struct meters;

struct meter {
	bool granted;
	int64_t remaining; /* requests that may follow at once */
	int64_t reset_s;   /* granted: until all may again; refused: until the next may, >= 1 */
};

struct meters *meters_new(void);
void meters_free(struct meters *m);
/*
 * Takes one token of a bucket of this rate, if there is one. `who` must be random in its last
 * bytes; now_us monotonic.
 */
struct meter meters_take(
    struct meters *m, const struct uuid *who, const struct bucket_rate *rate, int64_t now_us);

#endif
