#ifndef WORKER_PUBLISH_PUBLISH_H
#define WORKER_PUBLISH_PUBLISH_H

#include <stdint.h>

#include "lib/uuid.h"
#include "worker/publish/intent.h"

struct worker;

/*
 * Creates in flight, from a committed intent to a saved outcome. While the database is away the
 * save is repeated; the send never is. Loop thread only.
 */
struct publish;

struct publish *publish_new(struct worker *w);
int64_t publish_tick(void *self, int64_t mono_us);
unsigned publish_busy(const void *self);
void publish_free(void *self);

/* Sends it (copied). boot_us: clock_boot_us() before its transaction began, for the gate. */
void publish_start(struct publish *p, const struct intent *i, int64_t boot_us);
/* Its COMMIT is unknown: not sent; if the intent exists, the pin goes back to waiting. */
void publish_in_doubt(struct publish *p, const struct intent *i);
/* How many more may be started. */
/*
 * Who has how many creates in flight, by project, in one environment: a copy. The sandbox has a
 * quarter of [worker] max_in_flight, so that it never slows production.
 */
struct fair_places *publish_shares(const struct publish *p, enum environment env);
/* How long a create of this environment takes, on average. */
int64_t publish_each_us(const struct publish *p, enum environment env);
/* A lane of this project was put off until `at_us` (fair_places_put_off()). */
void publish_put_off_at(
    struct publish *p, enum environment env, const struct uuid *project, int64_t at_us);
size_t publish_capacity(const struct publish *p);
/* The pins in flight or unsaved here; the caller frees. */
struct uuid *publish_pin_ids(const struct publish *p, size_t *len);

#endif
