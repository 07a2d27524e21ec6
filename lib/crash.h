#ifndef LIB_CRASH_H
#define LIB_CRASH_H

#include "lib/attr.h"

/*
 * Crash points: places where tests kill a program. Only in a build made with
 * `configure --enable-crash-points`; in any other build nothing of this is compiled in.
 *
 * CRASH_POINT("save.before"); kills the process with SIGKILL when PINTEMPO_CRASH=save.before:n is
 * in its environment and this is the n-th passing. The name must be in the table of lib/crash.c.
 */
#ifdef PINTEMPO_CRASH_POINTS
#define CRASH_POINT(name) crash_point(name)
#else
#define CRASH_POINT(name) ((void)0)
#endif

void crash_point(const char *name);
/* True when that was all that was asked for: `--crash-points` prints the names, one a line. */
MUST_CHECK int crash_list(int argc, char *const *argv);

#endif
