/*
 * Judges what a fetch of an image showed. Invariant: MEDIA_WRONG only where the answer is known to
 * be no; whatever may pass, or may look different from Pinterest's side, is a doubt.
 */
#include "config.h"

#include "lib/media_peek.h"

#include <string.h>
#include <strings.h>

#include "lib/addr.h"
#include "lib/arena.h"
#include "lib/clock.h"
#include "lib/media_url.h"
#include "lib/num.h"
#include "lib/rfc3339.h"
#include "lib/url.h"
#include "lib/utf8.h"

#define SIZE_MAX_BYTES (20 * 1024 * 1024LL) /* Pinterest's help pages: 20 MB */
#define SIDE_SMALL 100                      /* pixels; Pinterest names no minimum */
#define SHOWN_MAX 160
#define HOST_SHOWN_MAX 100
#define ERROR_SHOWN_MAX 200

#define TEMPORARY "media_url_temporarily_unavailable"
#define UNREACHABLE "media_url_unreachable"
#define PRIVATE "media_url_private"
#define PRIVATE_REMEDY "Put the image where the public internet can fetch it without a login."

static void
finding_add(struct media_peek *p, enum media_grade grade, const char *code, const char *message,
    const char *remedy)
{
	for (size_t i = 0; i < p->findings_len; i++)
		if (strcmp(p->findings[i].message, message) == 0)
			return;
	if (p->findings_len < sizeof(p->findings) / sizeof(p->findings[0]))
		p->findings[p->findings_len++] =
		    (struct media_finding){ grade, code, message, remedy };
}

static bool
has_finding(const struct media_peek *p, const char *code)
{
	for (size_t i = 0; i < p->findings_len; i++)
		if (strcmp(p->findings[i].code, code) == 0)
			return true;
	return false;
}

/* The beginning that fits, in whole characters. */
static const char *
shown_text(const char *text, size_t max, struct arena *mem)
{
	return arena_strndup(mem, text, utf8_cut(text, strlen(text), max));
}

/* Without query and fragment, which may hold a signature. */
static const char *
shown_url(const char *url, struct arena *mem)
{
	const char *plain = arena_strndup(mem, url, strcspn(url, "?#"));

	return strlen(plain) > SHOWN_MAX
		   ? arena_printf(mem, "%s...", shown_text(plain, SHOWN_MAX, mem))
		   : plain;
}

/* Names that only a local network knows (RFC 6761, RFC 6762, RFC 8375 and usage). */
static bool
is_local_name(const char *host)
{
	static const char *const ends[] = { ".local", ".localhost", ".internal", ".intranet",
		".lan", ".home", ".corp", ".home.arpa", ".localdomain", ".private", ".test",
		".invalid", ".example" };
	size_t len = strlen(host);

	if (strpbrk(host, ".:") == NULL)
		return true;
	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++)
		if (len > strlen(ends[i]) && strcmp(host + len - strlen(ends[i]), ends[i]) == 0)
			return true;
	return false;
}

static void
private_note(struct media_peek *p, const char *host)
{
	if (!has_finding(p, PRIVATE))
		finding_add(p, MEDIA_DOUBT, PRIVATE,
		    arena_printf(p->mem,
			"The host %s is private or reserved; Pinterest fetches images from the "
			"public internet.",
			shown_text(host, HOST_SHOWN_MAX, p->mem)),
		    PRIVATE_REMEDY);
}

/* May p->url be fetched? Notes why not. */
static bool
target_check(struct media_peek *p)
{
	const char *fault = url_target_fault(p->url, true, p->policy);
	const char *host = url_host(p->url, p->mem);

	if (host == NULL) {
		finding_add(
		    p, MEDIA_WRONG, UNREACHABLE, "It leads to no http or https address.", NULL);
		return false;
	}
	if (url_is_private(p->url, p->public_only ? NULL : p->policy) ||
	    (p->public_only && is_local_name(host)))
		private_note(p, host);
	else if (fault != NULL)
		finding_add(p, MEDIA_DOUBT, "media_not_checked",
		    arena_printf(p->mem, "It was not fetched from here: its address %s.", fault),
		    NULL);
	return fault == NULL;
}

static void
signature_check(struct media_peek *p, const char *url, int64_t now_us, int64_t due_us)
{
	char ends[RFC3339_SIZE];
	struct media_signature s;

	if (due_us == TIME_NONE || !media_url_signature(url, p->mem, &s) || s.ends_us > due_us)
		return;
	rfc3339_format(s.ends_us > 0 ? s.ends_us : 0, ends);
	finding_add(p, MEDIA_DOUBT, "media_url_expires",
	    arena_printf(p->mem,
		s.ends_us <= now_us
		    ? "The signature in the address ended at %s (%s)."
		    : "The signature in the address ends at %s (%s), before Pinterest fetches the "
		      "image.",
		ends, s.param),
	    "Sign the address for longer than the pin may wait, or give one without a signature.");
}

bool
media_peek_begin(struct media_peek *p, const char *url, int64_t now_us, int64_t due_us)
{
	const struct media_viewer *viewer = media_url_viewer(url, p->mem);

	p->size = -1;
	p->ranged = true;
	p->url = url_join(NULL, url, p->mem);
	if (p->url == NULL)
		p->url = url;
	p->visited[0] = p->url;
	if (viewer != NULL)
		finding_add(p, MEDIA_DOUBT, "media_url_viewer",
		    arena_printf(p->mem, "This is a page of %s that shows a file, not the file.",
			viewer->service),
		    viewer->instead);
	signature_check(p, url, now_us, due_us);
	return target_check(p);
}

/* ---- one answer ---- */

/* The media type in lower case, if it is one that can be shown. */
static const char *
clean_type(const char *type, struct arena *mem)
{
	char *clean;
	size_t len;

	if (type == NULL)
		return NULL;
	len = strcspn(type, "; \t,");
	clean = arena_strndup(mem, type, len);
	for (char *c = clean; *c != '\0'; c++)
		if (*c >= 'A' && *c <= 'Z')
			*c = (char)(*c + 32);
	return len > 0 && len <= 80 &&
		       strspn(clean, "abcdefghijklmnopqrstuvwxyz0123456789/+.-_") == len
		   ? clean
		   : NULL;
}

/* 203: a proxy changed the answer. */
static bool
has_image_status(long status)
{
	return status == 200 || status == 203 || status == 206;
}

/* The size that headers tell: "bytes 0-65535/234567", or the length of a whole answer; or -1. */
static int64_t
told_size(const struct media_answer *a, struct arena *mem)
{
	const char *slash = a->range != NULL ? strrchr(a->range, '/') : NULL;
	int64_t n;

	if (a->encoding != NULL && strcasecmp(a->encoding, "identity") != 0)
		return -1;
	if (a->status == 206)
		return slash != NULL && num_parse(slash + 1, 0, INT64_MAX, &n) == 0 ? n : -1;
	if (a->length != NULL && num_parse(arena_strndup(mem, a->length, strcspn(a->length, ", ")),
				     0, INT64_MAX, &n) == 0)
		return n;
	return a->complete ? (int64_t)a->body_len : -1;
}

static void
fault_note(struct media_peek *p, const struct media_answer *a)
{
	const char *host = url_host(p->url, p->mem);
	const char *words = a->error != NULL && *a->error != '\0'
				? shown_text(a->error, ERROR_SHOWN_MAX, p->mem)
				: "no answer";

	switch (a->fault) {
	case HTTP_F_NONE: return;
	case HTTP_F_BLOCKED:
		if (a->own) /* Pinterest may well reach it */
			finding_add(p, MEDIA_DOUBT, "media_not_checked",
			    "It was not fetched from here: its host is the one that this runs on. "
			    "The "
			    "operator can permit that in [outbound] allow.",
			    NULL);
		else
			private_note(p, host != NULL ? host : "");
		return;
	case HTTP_F_DNS:
		finding_add(p, MEDIA_DOUBT, UNREACHABLE,
		    arena_printf(p->mem, "The host name %s could not be resolved.",
			shown_text(host != NULL ? host : "", HOST_SHOWN_MAX, p->mem)),
		    NULL);
		return;
	case HTTP_F_TLS:
		finding_add(p, MEDIA_DOUBT, UNREACHABLE,
		    arena_printf(p->mem, "TLS failed: %s.", words),
		    "Mend the server's certificate.");
		return;
	case HTTP_F_TIMEOUT:
		finding_add(p, MEDIA_DOUBT, TEMPORARY,
		    a->status != 0 ? "The answer did not arrive whole in the time given here."
				   : "It did not answer in the time given here.",
		    NULL);
		return;
	case HTTP_F_CONNECT:
	case HTTP_F_CUT:
	case HTTP_F_OTHER: break;
	}
	finding_add(p, MEDIA_DOUBT, TEMPORARY,
	    arena_printf(p->mem, "The connection failed: %s.", words), NULL);
}

/* An answer that brings no image. */
static void
status_note(struct media_peek *p, long status)
{
	static const struct {
		long status;
		const char *means;
	} known[] = { { 401, ": it wants a login" }, { 402, ": it wants to be paid" },
		{ 403, ": it refuses access" }, { 404, ": there is no such file" },
		{ 407, ": it wants a login" }, { 410, ": the file is gone" },
		{ 429, ": too many requests" }, { 451, ": blocked for legal reasons" },
		{ 503, ": not available now" } };
	const char *means = "";
	bool passing = status == 408 || status == 425 || status == 429 || status >= 500 ||
		       (status < 400 && status != 204 && status != 205);

	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (known[i].status == status)
			means = known[i].means;
	finding_add(p, passing ? MEDIA_DOUBT : MEDIA_WRONG, passing ? TEMPORARY : UNREACHABLE,
	    arena_printf(p->mem, "The address answers %ld%s.", status, means),
	    passing ? NULL : PRIVATE_REMEDY);
}

static bool
redirect_take(struct media_peek *p, const struct media_answer *a)
{
	const char *to = a->location != NULL ? url_join(p->url, a->location, p->mem) : NULL;
	bool plain =
	    strncasecmp(p->url, "https:", 6) == 0 && to != NULL && strncasecmp(to, "http:", 5) == 0;

	if (to == NULL) {
		finding_add(p, MEDIA_WRONG, UNREACHABLE,
		    arena_printf(
			p->mem, "The address answers %ld without a usable target.", a->status),
		    NULL);
		return false;
	}
	finding_add(p, MEDIA_DOUBT, "media_url_redirects",
	    arena_printf(p->mem,
		"It redirects (%ld) to %s%s; Pinterest does not say that it follows.", a->status,
		shown_url(to, p->mem), plain ? ", without TLS" : ""),
	    "Give the address that it leads to.");
	for (size_t i = 0; i <= p->redirects; i++)
		if (strcmp(p->visited[i], to) == 0) {
			finding_add(p, MEDIA_WRONG, UNREACHABLE, "It redirects in a circle.", NULL);
			return false;
		}
	if (p->redirects == MEDIA_PEEK_REDIRECTS) {
		finding_add(p, MEDIA_DOUBT, UNREACHABLE,
		    arena_printf(p->mem, "It redirects more than %d times.", MEDIA_PEEK_REDIRECTS),
		    NULL);
		return false;
	}
	p->visited[++p->redirects] = to;
	p->url = to;
	return target_check(p);
}

static void
size_check(struct media_peek *p)
{
	const struct media_head *h = &p->head;
	const char *px =
	    arena_printf(p->mem, "%lld x %lld pixels", (long long)h->width, (long long)h->height);

	if (p->size > SIZE_MAX_BYTES)
		finding_add(p, MEDIA_WRONG, "image_too_large",
		    arena_printf(p->mem, "It has %lld bytes; Pinterest takes up to 20 MB.",
			(long long)p->size),
		    "Save it smaller.");
	if (!h->measured)
		return;
	if (h->width < 2 || h->height < 2)
		finding_add(p, MEDIA_WRONG, "image_too_small",
		    arena_printf(p->mem, "It has %s.", px), NULL);
	else if (h->width < SIDE_SMALL || h->height < SIDE_SMALL)
		finding_add(p, MEDIA_DOUBT, "image_too_small",
		    arena_printf(p->mem,
			"It has %s; Pinterest refuses small images, without saying how small.", px),
		    "1000 x 1500 pixels are recommended.");
}

static void
type_check(struct media_peek *p, bool whole)
{
	const char *name = media_name(p->head.type);

	switch (media_use(p->head.type)) {
	case MEDIA_REFUSED:
		finding_add(p, MEDIA_WRONG, "invalid_image",
		    arena_printf(p->mem, "It is %s; Pinterest takes JPEG and PNG.", name),
		    "Give the address of a JPEG or PNG file.");
		return;
	case MEDIA_UNCONFIRMED:
		finding_add(p, MEDIA_DOUBT, "media_type_unconfirmed",
		    arena_printf(
			p->mem, "It is %s; Pinterest's documents name JPEG and PNG only.", name),
		    NULL);
		break;
	case MEDIA_ACCEPTED: break;
	}
	if (whole && !p->head.ends)
		finding_add(p, MEDIA_WRONG, "invalid_image",
		    arena_printf(p->mem, "It is %s that ends in the middle, after %zu bytes.", name,
			p->fetched),
		    "Upload the file again.");
	if (p->type == NULL || strncmp(p->type, "image/", 6) != 0)
		finding_add(p, MEDIA_DOUBT, "media_type_mismatch",
		    arena_printf(p->mem, "It is %s, but the server calls it %s.", name,
			p->type != NULL ? p->type : "nothing (no Content-Type)"),
		    "Let the server send the image's Content-Type.");
	size_check(p);
}

/* What a few bytes can prove: the rest of an answer that broke off may show another type. */
static bool
is_type_sure(enum media_type t)
{
	return t != MEDIA_UNKNOWN && t != MEDIA_TEXT;
}

static void
body_check(struct media_peek *p, const struct media_answer *a)
{
	bool whole = a->complete && p->size == (int64_t)a->body_len;

	if (a->body_len == 0 && !a->complete)
		return;
	if (a->body_len == 0) {
		finding_add(p, MEDIA_WRONG, "invalid_image",
		    arena_printf(p->mem, "The address answers %ld without any content.", a->status),
		    NULL);
		return;
	}
	if (a->encoding != NULL && strcasecmp(a->encoding, "identity") != 0) {
		finding_add(p, MEDIA_DOUBT, "media_not_checked",
		    "The server compresses the file although that was not asked for; it was not "
		    "looked into.",
		    NULL);
		return;
	}
	media_sniff(a->body, a->body_len, &p->head);
	p->sniffed = a->fault == HTTP_F_NONE || is_type_sure(p->head.type);
	if (p->sniffed)
		type_check(p, whole);
}

static bool
is_private_peer(const char *ip)
{
	struct addr a;

	return ip != NULL && *ip != '\0' && addr_parse(ip, 443, &a) == 0 && !addr_allowed(NULL, &a);
}

/* Does the answer speak of the part that was asked for, and not of the image? Pinterest asks for
 * all of it. */
static bool
is_about_range(const struct media_answer *a)
{
	if (a->status == 206)
		return a->range != NULL && strncasecmp(a->range, "bytes 0-", 8) != 0 &&
		       strncasecmp(a->range, "bytes */", 8) != 0;
	return a->status == 400 || a->status == 403 || a->status == 405 || a->status == 406 ||
	       a->status == 416 || a->status == 501;
}

bool
media_peek_take(struct media_peek *p, const struct media_answer *a)
{
	bool is_redirect = a->status == 301 || a->status == 302 || a->status == 303 ||
			   a->status == 307 || a->status == 308;
	bool is_empty = a->range != NULL && strcmp(a->range, "bytes */0") == 0;
	const char *host = url_host(p->url, p->mem);

	p->status = a->status;
	p->type = clean_type(a->type, p->mem);
	p->size = has_image_status(a->status) ? told_size(a, p->mem) : -1;
	p->fetched = a->body_len;
	if (p->public_only && is_private_peer(a->ip) && host != NULL)
		private_note(p, host);
	fault_note(p, a);
	if (p->ranged && a->fault == HTTP_F_NONE && !is_empty && is_about_range(a)) {
		p->ranged = false;
		return true;
	}
	if (is_redirect)
		return redirect_take(p, a);
	if (has_image_status(a->status) || (a->status == 416 && is_empty))
		body_check(p,
		    is_empty ? &(struct media_answer){ .status = a->status, .complete = true } : a);
	else if (a->status >= 200)
		status_note(p, a->status);
	return false;
}

/* ---- the report ---- */

static const char *
seen_words(const struct media_peek *p)
{
	const struct media_head *h = &p->head;
	const char *pixels = "", *bytes = "";

	if (!p->sniffed)
		return "Nothing of it was seen.";
	if (h->measured)
		pixels = arena_printf(
		    p->mem, ", %lld x %lld pixels", (long long)h->width, (long long)h->height);
	if (p->size >= 0)
		bytes = arena_printf(p->mem, ", %lld bytes", (long long)p->size);
	return arena_printf(
	    p->mem, "It answered %ld with %s%s%s.", p->status, media_name(h->type), pixels, bytes);
}

static const char *
join_words(const char *a, const char *b, struct arena *mem)
{
	if (a == NULL || b == NULL)
		return a != NULL ? a : b;
	return strstr(a, b) != NULL ? a : arena_printf(mem, "%s %s", a, b);
}

struct media_finding
media_peek_report(const struct media_peek *p)
{
	struct media_finding all = { .grade = MEDIA_FINE };

	for (int grade = MEDIA_WRONG; grade > MEDIA_FINE; grade--)
		for (size_t i = 0; i < p->findings_len; i++) {
			const struct media_finding *f = &p->findings[i];

			if ((int)f->grade != grade)
				continue;
			if (all.code == NULL) {
				all.grade = f->grade;
				all.code = f->code;
			}
			all.message = join_words(all.message, f->message, p->mem);
			all.remedy = join_words(all.remedy, f->remedy, p->mem);
		}
	if (all.grade == MEDIA_FINE)
		all.message = seen_words(p);
	return all;
}
