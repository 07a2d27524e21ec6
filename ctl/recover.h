#ifndef CTL_RECOVER_H
#define CTL_RECOVER_H

#include "lib/attr.h"
#include "lib/uuid.h"

struct ctl;

/* `recover --since T [--at-most N]`: after a restore, marks for look-up what may have been sent. */
MUST_CHECK int recover_run(struct ctl *c, int argc, char **argv);

/* The owner of all shards during a recovery, so that no worker gets them. */
struct uuid recover_owner(void);

#endif
