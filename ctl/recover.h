#ifndef CTL_RECOVER_H
#define CTL_RECOVER_H

struct ctl;

/* `recover --since T`: after a restore, everything that may have been sent since is looked for. */
int recover_run(struct ctl *c, int argc, char **argv);

#endif
