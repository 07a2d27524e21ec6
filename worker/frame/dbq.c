/*
 * The DB thread and its queues. Invariant: a job is in exactly one place (waiting, being run,
 * answered); only the queues are shared, under one lock.
 */
#include "worker/frame/dbq.h"

#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/queue.h>
#include <unistd.h>

#include "lib/arena.h"
#include "lib/log.h"
#include "lib/xalloc.h"

struct db_job {
	dbq_run run;
	dbq_done done;
	void *arg;
	struct arena *mem;
	enum db_rc rc;
	STAILQ_ENTRY(db_job) link;
};

STAILQ_HEAD(job_queue, db_job);

struct dbq {
	struct db *db; /* DB thread only */
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t more;
	struct job_queue waiting[DBQ__COUNT]; /* under the lock */
	struct job_queue answered;            /* under the lock */
	bool stopping;                        /* under the lock */
	unsigned pending;                     /* loop thread only */
	int fd;
};

/* NULL: the queue is empty. */
static struct db_job *
job_pop(struct job_queue *q)
{
	struct db_job *j = STAILQ_FIRST(q);

	if (j != NULL)
		STAILQ_REMOVE_HEAD(q, link);
	return j;
}

static struct db_job *
job_take(struct dbq *q)
{
	struct db_job *j = NULL;

	pthread_mutex_lock(&q->lock);
	while (!q->stopping) {
		for (int p = 0; p < DBQ__COUNT && j == NULL; p++)
			j = job_pop(&q->waiting[p]);
		if (j != NULL)
			break;
		pthread_cond_wait(&q->more, &q->lock);
	}
	pthread_mutex_unlock(&q->lock);
	return j;
}

static void
job_answer(struct dbq *q, struct db_job *j)
{
	uint64_t one = 1;

	pthread_mutex_lock(&q->lock);
	STAILQ_INSERT_TAIL(&q->answered, j, link);
	pthread_mutex_unlock(&q->lock);
	if (write(q->fd, &one, sizeof(one)) != (ssize_t)sizeof(one))
		panic("event=eventfd_write_failed");
}

static void *
db_thread_main(void *arg)
{
	struct dbq *q = arg;
	struct db_job *j;

	while ((j = job_take(q)) != NULL) {
		j->mem = arena_new();
		db_use(q->db, j->mem);
		j->rc = j->run(q->db, j->arg);
		job_answer(q, j);
	}
	return NULL;
}

struct dbq *
dbq_new(struct db *db)
{
	struct dbq *q = xcalloc(1, sizeof(*q));
	sigset_t all, before;

	for (int p = 0; p < DBQ__COUNT; p++)
		STAILQ_INIT(&q->waiting[p]);
	STAILQ_INIT(&q->answered);
	q->fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	if (q->fd == -1)
		panic("event=eventfd_failed");
	pthread_mutex_init(&q->lock, NULL);
	pthread_cond_init(&q->more, NULL);
	q->db = db;
	/* Signals belong to the loop. */
	sigfillset(&all);
	pthread_sigmask(SIG_BLOCK, &all, &before);
	if (pthread_create(&q->thread, NULL, db_thread_main, q) != 0)
		panic("event=db_thread_failed");
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return q;
}

static void
jobs_drop(struct job_queue *q)
{
	struct db_job *j;

	while ((j = job_pop(q)) != NULL) {
		arena_free(j->mem);
		free(j);
	}
}

void
dbq_free(struct dbq *q)
{
	if (q == NULL)
		return;
	pthread_mutex_lock(&q->lock);
	q->stopping = true;
	pthread_cond_signal(&q->more);
	pthread_mutex_unlock(&q->lock);
	pthread_join(q->thread, NULL);
	for (int p = 0; p < DBQ__COUNT; p++)
		jobs_drop(&q->waiting[p]);
	jobs_drop(&q->answered);
	db_close(q->db);
	close(q->fd);
	pthread_cond_destroy(&q->more);
	pthread_mutex_destroy(&q->lock);
	free(q);
}

void
dbq_submit(struct dbq *q, enum dbq_priority priority, dbq_run run, dbq_done done, void *arg)
{
	struct db_job *j = xcalloc(1, sizeof(*j));

	j->run = run;
	j->done = done;
	j->arg = arg;
	q->pending++;
	pthread_mutex_lock(&q->lock);
	STAILQ_INSERT_TAIL(&q->waiting[priority], j, link);
	pthread_cond_signal(&q->more);
	pthread_mutex_unlock(&q->lock);
}

unsigned
dbq_pending(const struct dbq *q)
{
	return q->pending;
}

int
dbq_fd(const struct dbq *q)
{
	return q->fd;
}

void
dbq_collect(struct dbq *q)
{
	struct job_queue mine;
	struct db_job *j;
	uint64_t count;

	if (read(q->fd, &count, sizeof(count)) == -1)
		return; /* nothing was answered */
	pthread_mutex_lock(&q->lock);
	STAILQ_INIT(&mine);
	STAILQ_CONCAT(&mine, &q->answered);
	pthread_mutex_unlock(&q->lock);
	while ((j = job_pop(&mine)) != NULL) {
		q->pending--;
		j->done(j->arg, j->rc);
		arena_free(j->mem);
		free(j);
	}
}
