#ifndef CTL_INIT_H
#define CTL_INIT_H

struct ctl;

/* Makes everything that is missing, from the instance key to the first owner; may be run again. */
int init_run(struct ctl *c, int argc, char **argv);
/* Brings the schema of both databases up to date. */
int init_migrate(struct ctl *c, int argc, char **argv);

#endif
