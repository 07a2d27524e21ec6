#ifndef WORKER_TURN_TURN_H
#define WORKER_TURN_TURN_H

#include "worker/frame/periodic.h"

/*
 * Turns, as soon as a lane is due. The creates that a turn granted go to publish, its look-ups to
 * verify.
 */
extern const struct periodic_kind turn_kind;

#endif
