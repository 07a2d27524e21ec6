/*
 * Ids and times. An id is never 0 and has 18 digits until 2051, so it fits int64_t, and a client
 * that wrongly reads it as a double breaks it visibly.
 */
#include "app/sandbox/sim_ids.h"

#include <inttypes.h>
#include <string.h>
#include <time.h>

#include "lib/arena.h"
#include "lib/clock.h"
#include "lib/crypto.h"
#include "lib/num.h"
#include "lib/rfc3339.h"

#define IDS_EPOCH_US 1577836800000000LL /* 2020-01-01 */
#define IDS_MAX 999999999999999999LL

int64_t
sim_id_next(int64_t now_us)
{
	return (now_us - IDS_EPOCH_US) * 1000 + (int64_t)(crypto_random32() % 1000);
}

const char *
sim_id_text(int64_t id, struct arena *mem)
{
	return id == 0 ? NULL : arena_printf(mem, "%" PRId64, id);
}

int64_t
sim_id_parse(const char *text)
{
	int64_t id;

	if (text == NULL || text[0] == '-' || num_parse(text, 0, IDS_MAX, &id) == -1)
		return -1;
	return id;
}

const char *
sim_time_text(int64_t us, struct arena *mem)
{
	char text[RFC3339_SIZE];

	return arena_strndup(mem, rfc3339_format(us, text), SIM_TIME_SIZE - 1);
}

const char *
sim_http_date(int64_t us, struct arena *mem)
{
	char text[64];
	time_t t = (time_t)(us / US_PER_S);
	struct tm tm;

	if (gmtime_r(&t, &tm) == NULL ||
	    strftime(text, sizeof(text), "%a, %d %b %Y %H:%M:%S GMT", &tm) == 0)
		return "Thu, 01 Jan 1970 00:00:00 GMT";
	return arena_strdup(mem, text);
}

const char *
sim_request_id(struct arena *mem)
{
	uint64_t n;

	crypto_random(&n, sizeof(n));
	return arena_printf(mem, "%" PRIu64, n >> 1);
}
