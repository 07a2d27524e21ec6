/* Crash points, in test builds only. `points` is the only list of their names. */
#include "lib/crash.h"

#include <signal.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/log.h"
#include "lib/num.h"

/* In the order in which a pin passes them. */
static const char *const points[] = {
	"app.before_commit",
	"app.after_commit",
	"import.before_commit",
	"import.after_commit",
	"promote.before_commit",
	"promote.after_commit",
	"intent.before_commit",
	"intent.after_commit",
	"gate.before",
	"gate.after",
	"send.answered",
	"request.before",
	"request.after",
	"save.before",
	"save.before_commit",
	"save.after_commit",
	"forget",
	"verify.looked",
	"verify.before_commit",
	"verify.saved",
	"delivery.claimed",
	"delivery.answered",
	"delivery.before_commit",
	"delivery.saved",
	"refresh.started",
	"refresh.answered",
	"refresh.before_commit",
	"refresh.stored",
	"mail.claimed",
	"mail.sent",
	"mail.saved",
	"lease.before_renew",
	"lease.after_renew",
	"reset.swept",
};
#define POINTS (sizeof(points) / sizeof(points[0]))

static atomic_uint passed;

void
crash_point(const char *name)
{
	const char *want = getenv("PINTEMPO_CRASH"), *n;
	size_t len = strlen(name), i = 0;
	int64_t at = 1;

	while (i < POINTS && strcmp(points[i], name) != 0)
		i++;
	if (i == POINTS)
		panic("event=crash_point_unknown name=%s", name);
	if (want == NULL || strncmp(want, name, len) != 0 || (want[len] != ':' && want[len] != 0))
		return;
	n = want[len] == ':' ? want + len + 1 : "1";
	if (num_parse(n, 1, 1000000, &at) == -1)
		panic("event=crash_point_bad value=%s", want);
	if (atomic_fetch_add(&passed, 1) + 1 == at)
		kill(getpid(), SIGKILL);
}

int
crash_list(int argc, char *const *argv)
{
	if (argc != 2 || strcmp(argv[1], "--crash-points") != 0)
		return 0;
	for (size_t i = 0; i < POINTS; i++)
		puts(points[i]);
	return 1;
}
