#ifndef TESTS_CHILD_H
#define TESTS_CHILD_H

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

/* Runs fn in a child process and stores what it wrote to stderr (truncated to room - 1 bytes,
 * NUL-terminated). Returns the wait status. For code that must die, and for the log's real output.
 */
static inline int
child_run(void (*fn)(void), char *err, size_t room)
{
	struct rlimit no_core = { 0, 0 };
	int ends[2], status = -1;
	size_t len = 0;
	char rest[512];
	ssize_t n;
	pid_t pid;

	fflush(stdout);
	if (pipe(ends) == -1 || (pid = fork()) == -1)
		return -1;
	if (pid == 0) {
		setrlimit(RLIMIT_CORE, &no_core);
		dup2(ends[1], STDERR_FILENO);
		close(ends[0]);
		close(ends[1]);
		fn();
		_exit(0);
	}
	close(ends[1]);
	while ((n = read(ends[0], rest, sizeof rest)) > 0) {
		size_t take = len + (size_t)n < room ? (size_t)n : room - 1 - len;

		memcpy(err + len, rest, take);
		len += take;
	}
	err[len] = '\0';
	close(ends[0]);
	waitpid(pid, &status, 0);
	return status;
}

static inline int
child_panics(void (*fn)(void))
{
	char err[4096];
	int status = child_run(fn, err, sizeof err);

	return WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT &&
	       strstr(err, "event=panic ") != NULL;
}

#endif
