#ifndef CTL_WHY_H
#define CTL_WHY_H

struct ctl;

int why_run(struct ctl *c, int argc, char **argv);

#endif
