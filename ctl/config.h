#ifndef CTL_CONFIG_H
#define CTL_CONFIG_H

struct ctl;

int config_check(struct ctl *c, int argc, char **argv);
int config_print(struct ctl *c, int argc, char **argv);

#endif
