#ifndef WORKER_DELIVER_DELIVER_CLAIM_DB_H
#define WORKER_DELIVER_DELIVER_CLAIM_DB_H

#include <stdbool.h>
#include <sys/queue.h>

#include "lib/keyring.h"
#include "lib/webhook_secret.h"
#include "worker/deliver/deliver_plan.h"
#include "worker/frame/batch.h"

/* Claiming deliveries: what is due becomes this worker's for a while. */

#define DELIVER_BATCH 64
#define DELIVER_SECRET_SEALED_MAX (WEBHOOK_SECRETS_SIZE + KEYRING_OVERHEAD)
#define DELIVER_BREAKER                                                                            \
	5 /* failures in a row after which an endpoint gets one attempt at a time                  \
	   */

/* One delivery under way. On the heap, body and url inside the same block. */
struct delivery {
	struct uuid id, project_id, organization_id, event_id, webhook_id;
	struct uuid host; /* a hash of the target host's name */
	unsigned shard;
	int64_t attempts, step, deadline_us, type;
	bool probe; /* the one attempt while the breaker is open */
	unsigned char secret[DELIVER_SECRET_SEALED_MAX];
	size_t secret_len;
	size_t body_len;
	char *url, *body;
	int64_t claimed_us; /* monotonic; set by the loop thread */
	STAILQ_ENTRY(delivery) link;
};
STAILQ_HEAD(delivery_list, delivery);

/* How many deliveries of one endpoint may be under way, and when those beyond that come back. */
struct endpoint_quota {
	struct uuid webhook_id;
	int64_t cap, under_way;
	int64_t each_us; /* time it takes for one */
	int64_t slot_us; /* database time when the next postponed one may come back */
};

struct deliver_claim {
	struct batch batch;         /* more: the batch was full */
	int64_t limit;              /* in: deliveries at most */
	int64_t lease_us;           /* in */
	int64_t cap, each_us;       /* in: of an endpoint not in `quotas` */
	uint32_t random32;          /* in */
	struct fair_places *shares; /* in: who has how many claimed; the caller's */
	size_t quotas_len; /* in and out; at least DELIVER_BATCH entries more are allocated */
	struct endpoint_quota *quotas;
	struct delivery_list claimed; /* out: the caller's; oldest first */
};
/* Claims due deliveries of the leased shards; `arg` is a struct deliver_claim. */
enum db_rc deliver_claim(struct db *db, void *arg);

#endif
