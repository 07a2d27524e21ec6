#ifndef CTL_SETTINGS_H
#define CTL_SETTINGS_H

struct ctl;

int settings_check(struct ctl *c, int argc, char **argv);
int settings_print(struct ctl *c, int argc, char **argv);

#endif
