/*
 * The DB thread and its two queues. Invariant: a job is on exactly one list (waiting, being run,
 * answered) and only the lists are shared, under one lock.
 */
#include "worker/frame/dbq.h"

#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "lib/arena.h"
#include "lib/log.h"
#include "lib/xalloc.h"

struct job {
	dbq_run run;
	dbq_done done;
	void *arg;
	struct arena *mem;
	enum db_rc rc;
	struct job *next;
};

struct queue {
	struct job *head, **tail;
};

struct dbq {
	struct db *db; /* DB thread only */
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t more;
	struct queue waiting[DBQ__COUNT]; /* under the lock */
	struct queue answered;            /* under the lock */
	bool stopping;                    /* under the lock */
	unsigned pending;                 /* loop thread only */
	int fd;
};

static void
queue_init(struct queue *q)
{
	q->head = NULL;
	q->tail = &q->head;
}

static void
queue_push(struct queue *q, struct job *j)
{
	j->next = NULL;
	*q->tail = j;
	q->tail = &j->next;
}

static struct job *
queue_pop(struct queue *q)
{
	struct job *j = q->head;

	if (j == NULL)
		return NULL;
	q->head = j->next;
	if (q->head == NULL)
		q->tail = &q->head;
	return j;
}

static struct job *
take(struct dbq *q)
{
	struct job *j = NULL;

	pthread_mutex_lock(&q->lock);
	while (!q->stopping) {
		for (int p = 0; p < DBQ__COUNT && j == NULL; p++)
			j = queue_pop(&q->waiting[p]);
		if (j != NULL)
			break;
		pthread_cond_wait(&q->more, &q->lock);
	}
	pthread_mutex_unlock(&q->lock);
	return j;
}

static void
answer(struct dbq *q, struct job *j)
{
	uint64_t one = 1;

	pthread_mutex_lock(&q->lock);
	queue_push(&q->answered, j);
	pthread_mutex_unlock(&q->lock);
	if (write(q->fd, &one, sizeof(one)) != (ssize_t)sizeof(one))
		panic("event=eventfd_write_failed");
}

static void *
thread_main(void *arg)
{
	struct dbq *q = arg;
	struct job *j;

	while ((j = take(q)) != NULL) {
		j->mem = arena_new();
		db_use(q->db, j->mem);
		j->rc = j->run(q->db, j->arg);
		answer(q, j);
	}
	return NULL;
}

struct dbq *
dbq_new(const struct db_conf *conf, const struct db_stmt *table, size_t table_len)
{
	struct dbq *q = xcalloc(1, sizeof(*q));
	sigset_t all, before;

	for (int p = 0; p < DBQ__COUNT; p++)
		queue_init(&q->waiting[p]);
	queue_init(&q->answered);
	q->fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	if (q->fd == -1)
		panic("event=eventfd_failed");
	pthread_mutex_init(&q->lock, NULL);
	pthread_cond_init(&q->more, NULL);
	q->db = db_open(conf, table, table_len, DB_USER_WORKER);
	/* Signals belong to the loop. */
	sigfillset(&all);
	pthread_sigmask(SIG_BLOCK, &all, &before);
	if (pthread_create(&q->thread, NULL, thread_main, q) != 0)
		panic("event=db_thread_failed");
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return q;
}

static void
drop_all(struct queue *q)
{
	struct job *j;

	while ((j = queue_pop(q)) != NULL) {
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
		drop_all(&q->waiting[p]);
	drop_all(&q->answered);
	db_close(q->db);
	close(q->fd);
	pthread_cond_destroy(&q->more);
	pthread_mutex_destroy(&q->lock);
	free(q);
}

void
dbq_submit(struct dbq *q, enum dbq_priority priority, dbq_run run, dbq_done done, void *arg)
{
	struct job *j = xcalloc(1, sizeof(*j));

	j->run = run;
	j->done = done;
	j->arg = arg;
	q->pending++;
	pthread_mutex_lock(&q->lock);
	queue_push(&q->waiting[priority], j);
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
	struct queue mine;
	struct job *j;
	uint64_t count;

	if (read(q->fd, &count, sizeof(count)) == -1)
		return; /* nothing was there */
	pthread_mutex_lock(&q->lock);
	mine = q->answered;
	if (mine.head == NULL)
		mine.tail = &mine.head;
	queue_init(&q->answered);
	pthread_mutex_unlock(&q->lock);
	while ((j = queue_pop(&mine)) != NULL) {
		q->pending--;
		j->done(j->arg, j->rc);
		arena_free(j->mem);
		free(j);
	}
}
