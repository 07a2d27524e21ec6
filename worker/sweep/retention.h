#ifndef WORKER_SWEEP_RETENTION_H
#define WORKER_SWEEP_RETENTION_H

#include "worker/frame/periodic.h"

/*
 * Once a minute, rows that nobody needs any more are deleted, in small batches until none is left.
 */
extern const struct periodic_kind retention_kind;

#endif
