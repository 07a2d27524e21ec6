#ifndef CTL_RECOVER_H
#define CTL_RECOVER_H

#include "lib/attr.h"
#include "lib/uuid.h"

struct ctl;

/*
 * `recover --since T [--at-most N]`: after a restore, everything that may have been sent since is
 * looked for.
 */
MUST_CHECK int recover_run(struct ctl *c, int argc, char **argv);

/* Who owns the shards while it is under way, so that no worker does. */
struct uuid recover_owner(void);

#endif
