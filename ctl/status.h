#ifndef CTL_STATUS_H
#define CTL_STATUS_H

struct ctl;

int status_run(struct ctl *c, int argc, char **argv);

#endif
