#ifndef WORKER_IMPORT_IMPORT_H
#define WORKER_IMPORT_IMPORT_H

#include "worker/frame/periodic.h"

/*
 * The rows of accepted imports become pins and schedules, a group of rows of one import at a time,
 * and the imports of the leased shards in turn: a quarter of the turns is the sandbox's, and within
 * an environment each project has one after the other.
 */
extern const struct periodic_kind import_kind;

#endif
