#ifndef WORKER_PROMOTE_PROMOTE_H
#define WORKER_PROMOTE_PROMOTE_H

#include "worker/frame/periodic.h"

/*
 * Due schedules become waiting pins, up to 64 in one transaction, as soon as the database's clock
 * says so.
 */
extern const struct periodic_kind promote_kind;

#endif
