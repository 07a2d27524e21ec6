#ifndef WORKER_SWEEP_DEADLINE_H
#define WORKER_SWEEP_DEADLINE_H

#include "worker/frame/periodic.h"

/* Waiting pins whose publish window is over fail exactly then. */
extern const struct periodic_kind deadline_kind;

#endif
