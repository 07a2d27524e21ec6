/*
 * The bare reference of publishing: a libcurl multi loop that does N POSTs, C at a time, each on a
 * fresh connection, and does nothing else. Prints requests per second.
 */
#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static size_t
drop(char *p, size_t size, size_t n, void *arg)
{
	(void)p;
	(void)arg;
	return size * n;
}

static double
now_s(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static CURL *
request(const char *url, const char *body, struct curl_slist *headers)
{
	CURL *e = curl_easy_init();

	curl_easy_setopt(e, CURLOPT_URL, url);
	curl_easy_setopt(e, CURLOPT_POSTFIELDS, body);
	curl_easy_setopt(e, CURLOPT_HTTPHEADER, headers);
	curl_easy_setopt(e, CURLOPT_WRITEFUNCTION, drop);
	curl_easy_setopt(e, CURLOPT_FRESH_CONNECT, 1L);
	curl_easy_setopt(e, CURLOPT_FORBID_REUSE, 1L);
	curl_easy_setopt(e, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(e, CURLOPT_PROXY, "");
	return e;
}

#define USERS_MAX 64

struct user {
	struct curl_slist *headers;
	char body[8192];
};

/* One header per line, an empty line, the body. */
static int
user_read(struct user *u, const char *path)
{
	FILE *f = fopen(path, "r");
	char line[4096];

	if (f == NULL)
		return -1;
	while (fgets(line, sizeof line, f) != NULL && line[0] != '\n') {
		line[strcspn(line, "\n")] = '\0';
		u->headers = curl_slist_append(u->headers, line);
	}
	u->body[fread(u->body, 1, sizeof u->body - 1, f)] = '\0';
	fclose(f);
	return 0;
}

/* argv: URL COUNT CONCURRENCY FILE... (a request each, of different users; no secret in argv) */
int
main(int argc, char **argv)
{
	static struct user users[USERS_MAX];
	long total, at_once, count = argc - 4, started = 0, done = 0, good = 0;
	double begin;
	CURLM *m;

	if (count < 1 || count > USERS_MAX)
		return 1;
	for (long i = 0; i < count; i++)
		if (user_read(&users[i], argv[4 + i]) == -1)
			return 1;
	total = strtol(argv[2], NULL, 10);
	at_once = strtol(argv[3], NULL, 10);
	m = curl_multi_init();
	begin = now_s();
	while (done < total) {
		CURLMsg *msg;
		int left, running;

		while (started < total && started - done < at_once) {
			const struct user *u = &users[started++ % count];

			curl_multi_add_handle(m, request(argv[1], u->body, u->headers));
		}
		curl_multi_perform(m, &running);
		while ((msg = curl_multi_info_read(m, &left)) != NULL) {
			CURL *e = msg->easy_handle;
			long status = 0;

			if (msg->msg != CURLMSG_DONE)
				continue;
			curl_easy_getinfo(e, CURLINFO_RESPONSE_CODE, &status);
			good += msg->data.result == CURLE_OK && status / 100 == 2;
			done++;
			curl_multi_remove_handle(m, e);
			curl_easy_cleanup(e);
		}
		if (running > 0)
			curl_multi_poll(m, NULL, 0, 100, NULL);
	}
	printf("%.1f %ld\n", (double)total / (now_s() - begin), good);
	curl_multi_cleanup(m);
	for (long i = 0; i < count; i++)
		curl_slist_free_all(users[i].headers);
	return good == total ? 0 : 2;
}
