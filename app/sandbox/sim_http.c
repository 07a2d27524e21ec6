/* FastCGI requests and replies of the simulator. Nothing here depends on Pinterest's API. */
#include "app/sandbox/sim_http.h"

#include <fcgiapp.h>
#include <inttypes.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "app/http/conn.h"
#include "lib/arena.h"
#include "lib/buf.h"
#include "lib/clock.h"
#include "lib/json.h"
#include "lib/num.h"
#include "lib/url.h"

#define LENGTH_PROMISED ((size_t)8 * 1024 * 1024)

static const char *
cgi_param(struct FCGX_Request *f, const char *name)
{
	const char *value = FCGX_GetParam(name, f->envp);

	return value == NULL ? "" : value;
}

void
sim_request_read(
    struct sim_request *r, struct FCGX_Request *f, const char *prefix, struct arena *mem)
{
	const char *uri = cgi_param(f, "REQUEST_URI");
	size_t len = strlen(prefix);
	const char *mark;

	memset(r, 0, sizeof(*r));
	r->method = cgi_param(f, "REQUEST_METHOD");
	r->authorization = cgi_param(f, "HTTP_AUTHORIZATION");
	r->admin = cgi_param(f, "HTTP_X_SANDBOX_ADMIN");
	r->type = cgi_param(f, "CONTENT_TYPE");
	r->query = "";
	r->body = "";
	if (num_parse(cgi_param(f, "CONTENT_LENGTH"), 0, INT64_MAX, &r->length) == -1)
		r->length = -1;
	if (strncmp(uri, prefix, len) != 0 || uri[len] != '/')
		return;
	mark = strchr(uri, '?');
	r->query = mark == NULL ? "" : mark + 1;
	r->path =
	    mark == NULL ? uri + len : arena_strndup(mem, uri + len, (size_t)(mark - uri) - len);
}

bool
sim_request_body(struct sim_request *r, struct conn *conn, size_t most)
{
	int64_t began_us = clock_mono_us(), until_us;
	const char *bytes;
	enum conn_rc rc;
	size_t n;

	if (r->length > (int64_t)most)
		return false;
	buf_init(&r->read, most);
	do {
		until_us = client_pace_end(conn_pace(conn), began_us, (int64_t)r->read.len);
		rc = conn_read(conn, &bytes, &n, until_us);
		if (rc == CONN_DATA && buf_add(&r->read, bytes, n) == -1)
			return false;
	} while (rc == CONN_DATA);
	r->body = buf_str(&r->read);
	r->body_len = r->read.len;
	return rc == CONN_END && (r->length == -1 || r->length == (int64_t)r->body_len);
}

void
sim_request_free(struct sim_request *r)
{
	buf_free(&r->read);
}

void
sim_sleep(int64_t ms, int stop_fd)
{
	struct pollfd p = { stop_fd, POLLIN, 0 };

	if (ms > 0)
		(void)poll(&p, 1, ms > 600000 ? 600000 : (int)ms);
}

/* Uses a buf: libfcgi's printf does not support long long. */
static void
reply_head_write(const struct sim_reply *r, struct FCGX_Request *f, size_t promise)
{
	struct buf b;

	buf_init(&b, 65536);
	buf_printf(&b, "Status: %d\r\n", r->status);
	(void)buf_header(&b, "Content-Type", r->type);
	(void)buf_header(&b, "Location", r->location);
	(void)buf_header(&b, "x-pinterest-rid", r->rid);
	(void)buf_header(&b, "Date", r->date);
	(void)buf_header(&b, "X-Sandbox-Fault", r->fault);
	if (r->limit != NULL)
		buf_printf(&b,
		    "x-ratelimit-limit: %s\r\nx-ratelimit-remaining: %" PRId64
		    "\r\nx-ratelimit-reset: %" PRId64 "\r\n",
		    r->limit, r->remaining, r->reset_s);
	if (r->retry_after_s > 0)
		buf_printf(&b, "Retry-After: %" PRId64 "\r\n", r->retry_after_s);
	if (r->cut == SIM_CUT_LOST || r->cut == SIM_CUT_SHORT)
		buf_puts(&b, "Connection: close\r\n");
	if (r->status != 204)
		buf_printf(&b, "Content-Length: %zu\r\n", promise);
	buf_puts(&b, "Cache-Control: no-store\r\n\r\n");
	FCGX_PutStr(b.data, (int)b.len, f->out);
	buf_free(&b);
}

/*
 * Sends what was written and then, instead of the FastCGI record that ends a request, one of an
 * unknown version. Apache and lighttpd would report a bare close as an error, but nginx would
 * accept it as a normal end.
 */
static void
connection_break(struct FCGX_Request *f, struct conn *conn)
{
	static const char bogus[8] = "\xff\x06\x00\x01";

	FCGX_FFlush(f->out);
	(void)!conn_flush(conn);
	(void)send(conn_socket(conn), bogus, sizeof(bogus), MSG_NOSIGNAL);
	(void)shutdown(conn_socket(conn), SHUT_RDWR);
}

void
sim_reply_write(const struct sim_reply *r, struct FCGX_Request *f, struct conn *conn, int stop_fd)
{
	size_t len = r->body_len;

	switch (r->cut) {
	case SIM_CUT_LOST:
		reply_head_write(r, f, LENGTH_PROMISED);
		FCGX_PutStr("{", 1, f->out);
		connection_break(f, conn);
		break;
	case SIM_CUT_SHORT:
		reply_head_write(r, f, len + LENGTH_PROMISED);
		FCGX_PutStr(r->body, (int)len, f->out);
		connection_break(f, conn);
		break;
	case SIM_CUT_SLOW:
		reply_head_write(r, f, len);
		for (size_t i = 0; i < len; i++) {
			FCGX_FFlush(f->out);
			if (!conn_flush(conn))
				break;
			sim_sleep(r->slow_ms, stop_fd);
			FCGX_PutChar(r->body[i], f->out);
		}
		break;
	case SIM_CUT_NONE:
		reply_head_write(r, f, len);
		if (r->status != 204)
			FCGX_PutStr(r->body, (int)len, f->out);
		break;
	}
}

void
sim_reply_json(struct sim_reply *r, int status, struct json_object *body, struct arena *mem)
{
	size_t len;
	const char *text = json_dump(body, &len);

	r->status = status;
	r->type = "application/json";
	r->body = arena_strndup(mem, text, len);
	r->body_len = len;
	json_object_put(body);
}

void
sim_reply_text(struct sim_reply *r, int status, const char *type, const char *body)
{
	r->status = status;
	r->type = type;
	r->body = body;
	r->body_len = strlen(body);
}

const char *
sim_form_value(const char *text, const char *name, struct arena *mem)
{
	size_t name_len = strlen(name);

	while (text != NULL && *text != '\0') {
		size_t len = strcspn(text, "&");

		if (len > name_len && text[name_len] == '=' && strncmp(text, name, name_len) == 0)
			return url_decode(text + name_len + 1, len - name_len - 1, true, mem);
		text += len;
		text += *text == '&';
	}
	return NULL;
}
