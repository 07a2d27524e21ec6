#ifndef WORKER_SWEEP_RESET_H
#define WORKER_SWEEP_RESET_H

#include "worker/frame/periodic.h"

/* Deletes, bit by bit, what resets of projects left behind. Nobody sees it any more. */
extern const struct periodic_kind reset_kind;

#endif
