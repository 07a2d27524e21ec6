#ifndef LIB_CRASH_H
#define LIB_CRASH_H

#include "lib/attr.h"

/*
 * Crash points: places where tests kill a program. Compiled in only with
 * `configure --enable-crash-points`.
 *
 * CRASH_POINT("save.before"); kills the process with SIGKILL when PINTEMPO_CRASH=save.before:n is
 * in its environment and this is the n-th time it is reached. lib/crash.c lists the names.
 */
#ifdef PINTEMPO_CRASH_POINTS
#define CRASH_POINT(name) crash_point(name)
#else
#define CRASH_POINT(name) ((void)0)
#endif

void crash_point(const char *name);
/* Non-zero if the option was `--crash-points`, which prints the names, one per line. */
MUST_CHECK int crash_list(int argc, char *const *argv);

#endif
