#ifndef WORKER_VERIFY_REMOVALS_H
#define WORKER_VERIFY_REMOVALS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/pinterest.h"
#include "worker/verify/lookup.h"

struct worker;

/*
 * Published pins that a look-up's listing of their board lacks: removed on Pinterest, or moved to
 * another board. Each is asked for by its id, a few per listing, and only Pinterest's own word that
 * it is not there marks it (store_pin_removed()). Nothing depends on it: what fails is not
 * repeated, the next listing finds it again. Loop thread only.
 */
struct removals;

struct removals *removals_new(struct worker *w);
unsigned removals_busy(const struct removals *r);
void removals_free(struct removals *r);

/* The ids on a board, gathered page by page. */
struct removals_seen {
	uint64_t *ids;
	size_t len, room;
	bool unusable; /* an id was no number: nothing can be said */
};
void removals_add_page(struct removals_seen *seen, const struct pinterest_page *page);
void removals_forget(struct removals_seen *seen);

/* After a complete listing that began at `started_us`; takes what was seen, copies the rest. */
void removals_start(struct removals *r, const struct lookup *k, const char *board_id,
    const char *token, int64_t started_us, struct removals_seen *seen);

#endif
