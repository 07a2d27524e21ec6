#ifndef WORKER_FRAME_HOST_ID_H
#define WORKER_FRAME_HOST_ID_H

#include "lib/uuid.h"

/*
 * The identity of this host, for leases: a random id in a file, with an exclusive lock beside it. A
 * worker that has the lock knows that every earlier worker with this id is dead and may take over
 * its shards at once.
 */
struct host_id {
	struct uuid id;
	int lock_fd; /* -1: no lock held (no file configured, or another worker runs here) */
};

/* path NULL, unusable or locked by another worker: a new random id for this run only. */
void host_id_open(struct host_id *h, const char *path, int64_t now_us);
void host_id_close(struct host_id *h);

#endif
