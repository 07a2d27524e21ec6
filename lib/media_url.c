/*
 * Tables of what URLs of images say about themselves. A parameter that is not understood says
 * nothing: a wrong guess would warn of URLs that work.
 */
#include "config.h"

#include "lib/media_url.h"

#include <string.h>
#include <strings.h>

#include "lib/arena.h"
#include "lib/clock.h"
#include "lib/crypto.h"
#include "lib/num.h"
#include "lib/rfc3339.h"
#include "lib/url.h"

#define POLICY_MAX 4096

/* ---- viewers ---- */

struct viewer_rule {
	const char *host;       /* also of its subdomains; "=host": only itself and www. */
	const char *path;       /* beginning of the path; "*x": x anywhere in it */
	const char *except;     /* in the URL: then it is the file; or NULL */
	struct media_viewer is; /* its service NULL: none, whatever the lines below say */
};

#define NO_DIRECT                                                                                  \
	"It has no lasting address of the file itself: put the image on your own web server."
static const struct viewer_rule viewers[] = {
	{ "drive.google.com", "/file/", NULL,
	    { "Google Drive", "Share the file with anyone who has the link and give "
			      "https://drive.google.com/uc?export=download&id=FILE_ID, or put the "
			      "image on your own "
			      "web server." } },
	{ "drive.google.com", "/open", NULL,
	    { "Google Drive", "Share the file with anyone who has the link and give "
			      "https://drive.google.com/uc?export=download&id=FILE_ID, or put the "
			      "image on your own "
			      "web server." } },
	{ "drive.google.com", "/u/", NULL,
	    { "Google Drive", "Share the file with anyone who has the link and give "
			      "https://drive.google.com/uc?export=download&id=FILE_ID, or put the "
			      "image on your own "
			      "web server." } },
	{ "drive.google.com", "/drive/", NULL,
	    { "Google Drive", "It is a folder: give the address of one file." } },
	{ "docs.google.com", "/", "export", { "Google Docs", NO_DIRECT } },
	{ "photos.google.com", "/", NULL, { "Google Photos", NO_DIRECT } },
	{ "photos.app.goo.gl", "/", NULL, { "Google Photos", NO_DIRECT } },
	{ "=dropbox.com", "*dl=1", NULL, { NULL, NULL } },
	{ "=dropbox.com", "/", "raw=1",
	    { "Dropbox", "Replace dl=0 at the end of the shared link by raw=1." } },
	{ "=db.tt", "/", NULL, { "Dropbox", "Give the shared link with raw=1 in place of dl=0." } },
	{ "1drv.ms", "/", NULL,
	    { "OneDrive",
		"Use the address that OneDrive's \"Embed\" shows in src, or put the image "
		"on your own web server." } },
	{ "onedrive.live.com", "/", "download",
	    { "OneDrive",
		"Use the address that OneDrive's \"Embed\" shows in src, or put the image "
		"on your own web server." } },
	{ "sharepoint.com", "/:", "download=1",
	    { "SharePoint",
		"Add download=1 to a link that anyone may open, or put the image on your "
		"own web server." } },
	{ "icloud.com", "/", NULL, { "iCloud", NO_DIRECT } },
	{ "=box.com", "/s/", NULL,
	    { "Box",
		"Use the direct link of the file's sharing settings (box.com/shared/static/)." } },
	{ "app.box.com", "/s/", NULL,
	    { "Box",
		"Use the direct link of the file's sharing settings (box.com/shared/static/)." } },
	{ "mega.nz", "/", NULL, { "MEGA", NO_DIRECT } },
	{ "wetransfer.com", "/", NULL, { "WeTransfer", NO_DIRECT } },
	{ "we.tl", "/", NULL, { "WeTransfer", NO_DIRECT } },
	{ "=imgur.com", "/", NULL,
	    { "Imgur", "Give the image itself: https://i.imgur.com/ID.jpg." } },
	{ "=ibb.co", "/", NULL, { "ImgBB", "Give its \"direct link\", on i.ibb.co." } },
	{ "=postimg.cc", "/", NULL,
	    { "Postimages", "Give its \"direct link\", on i.postimg.cc." } },
	{ "=gyazo.com", "/", NULL, { "Gyazo", "Give the image itself, on i.gyazo.com." } },
	{ "=flickr.com", "/photos/", NULL,
	    { "Flickr", "Give the image itself, on live.staticflickr.com." } },
	{ "flic.kr", "/", NULL, { "Flickr", "Give the image itself, on live.staticflickr.com." } },
	{ "=instagram.com", "/", NULL, { "Instagram", NO_DIRECT } },
	{ "=facebook.com", "/", NULL, { "Facebook", NO_DIRECT } },
	{ "m.facebook.com", "/", NULL, { "Facebook", NO_DIRECT } },
	{ "=x.com", "/", NULL, { "X", NO_DIRECT } },
	{ "=twitter.com", "/", NULL, { "X", NO_DIRECT } },
	{ "=tiktok.com", "/", NULL, { "TikTok", NO_DIRECT } },
	{ "=youtube.com", "/", NULL,
	    { "YouTube", "Give the preview image: https://i.ytimg.com/vi/ID/hqdefault.jpg." } },
	{ "youtu.be", "/", NULL,
	    { "YouTube", "Give the preview image: https://i.ytimg.com/vi/ID/hqdefault.jpg." } },
	{ "=pinterest.com", "/pin/", NULL,
	    { "Pinterest", "A pin's page is not an image: give the image that you made." } },
	{ "pin.it", "/", NULL,
	    { "Pinterest", "A pin's page is not an image: give the image that you made." } },
	{ "=unsplash.com", "/photos/", "/download",
	    { "Unsplash", "Give the image itself, on images.unsplash.com." } },
	{ "=pexels.com", "/photo/", NULL,
	    { "Pexels", "Give the image itself, on images.pexels.com." } },
	{ "=pixabay.com", "/", "/get/", { "Pixabay", NO_DIRECT } },
	{ "=canva.com", "/design/", NULL,
	    { "Canva", "Download the design as PNG or JPEG first." } },
	{ "=figma.com", "/", NULL, { "Figma", "Export the frame as PNG or JPEG first." } },
	{ "=github.com", "*/blob/",
	    "raw=", { "GitHub", "Give the file itself, on raw.githubusercontent.com." } },
	{ "wikipedia.org", "/wiki/File:", NULL,
	    { "Wikipedia", "Give the image itself, on upload.wikimedia.org." } },
	{ "commons.wikimedia.org", "/wiki/File:", NULL,
	    { "Wikimedia Commons", "Give the image itself, on upload.wikimedia.org." } },
};

static bool
is_viewer_host(const char *host, const char *rule)
{
	size_t len = strlen(host), rule_len;

	if (*rule == '=') {
		rule++;
		return strcmp(host, rule) == 0 ||
		       (strncmp(host, "www.", 4) == 0 && strcmp(host + 4, rule) == 0);
	}
	rule_len = strlen(rule);
	return len >= rule_len && strcmp(host + len - rule_len, rule) == 0 &&
	       (len == rule_len || host[len - rule_len - 1] == '.');
}

static const char *
path_of_url(const char *url)
{
	const char *at = strstr(url, "://");

	at = at != NULL ? at + 3 : url;
	at += strcspn(at, "/?#");
	return *at == '/' ? at : "/";
}

const struct media_viewer *
media_url_viewer(const char *url, struct arena *mem)
{
	const char *host = url_host(url, mem), *path = path_of_url(url);

	if (host == NULL)
		return NULL;
	for (size_t i = 0; i < sizeof(viewers) / sizeof(viewers[0]); i++) {
		const struct viewer_rule *r = &viewers[i];
		bool there = *r->path == '*' ? strstr(path, r->path + 1) != NULL
					     : strncmp(path, r->path, strlen(r->path)) == 0;

		if (is_viewer_host(host, r->host) && there &&
		    (r->except == NULL || strstr(path, r->except) == NULL))
			return r->is.service != NULL ? &r->is : NULL;
	}
	return NULL;
}

/* ---- signatures ---- */

/* The decoded value of a query parameter, its name in any case; NULL: absent. */
static const char *
query_value(const char *url, const char *name, struct arena *mem)
{
	size_t n = strlen(name);
	const char *at = strchr(url, '?');

	while (at != NULL && *at != '\0' && *at != '#') {
		size_t len = strcspn(++at, "&#");

		if (len > n && at[n] == '=' && strncasecmp(at, name, n) == 0)
			return url_decode(at + n + 1, len - n - 1, false, mem);
		at += len;
	}
	return NULL;
}

/* Seconds or milliseconds since 1970, between 2001 and 2286. */
static bool
read_epoch(const char *text, int64_t *us, struct arena *mem)
{
	int64_t n;

	(void)mem;
	if (num_parse(text, 1000000000, 9999999999999, &n) == -1)
		return false;
	*us = n > 9999999999 ? n * US_PER_MS : n * US_PER_S;
	return *us / US_PER_S <= 9999999999 && *us / US_PER_S >= 1000000000;
}

/* "1700000000" alone or before "~acl=..." (Vimeo). */
static bool
read_first_epoch(const char *text, int64_t *us, struct arena *mem)
{
	return read_epoch(arena_strndup(mem, text, strcspn(text, "~")), us, mem);
}

/* "1700000000;1700003600" of Tencent COS: from and until. */
static bool
read_second_epoch(const char *text, int64_t *us, struct arena *mem)
{
	const char *at = strchr(text, ';');

	return at != NULL && read_epoch(at + 1, us, mem);
}

static bool
read_hex_epoch(const char *text, int64_t *us, struct arena *mem)
{
	int64_t n = 0;

	(void)mem;
	if (strlen(text) != 8 || strspn(text, "0123456789abcdefABCDEF") != 8)
		return false;
	for (; *text != '\0'; text++)
		n = n << 4 | (*text <= '9' ? *text - '0' : (*text | 32) - 'a' + 10);
	*us = n * US_PER_S;
	return n >= 1000000000;
}

/* "20270101T000000Z" */
static bool
read_basic_time(const char *text, int64_t *us, struct arena *mem)
{
	if (strlen(text) != 16)
		return false;
	return rfc3339_fault(arena_printf(mem, "%.4s-%.2s-%.2sT%.2s:%.2s:%.2sZ", text, text + 4,
				 text + 6, text + 9, text + 11, text + 13),
		   us) == NULL &&
	       text[8] == 'T' && text[15] == 'Z';
}

/* Azure: a time, one without seconds, or a day. */
static bool
read_azure_time(const char *text, int64_t *us, struct arena *mem)
{
	size_t len = strlen(text);

	if (len == 10)
		text = arena_printf(mem, "%sT00:00:00Z", text);
	else if (len == 17 && text[16] == 'Z')
		text = arena_printf(mem, "%.16s:00Z", text);
	return rfc3339_fault(text, us) == NULL;
}

/* A start and a number of seconds, both in the query. */
static bool
read_span(const char *url, const char *vendor, struct arena *mem, struct media_signature *out)
{
	const char *expires = arena_printf(mem, "X-%s-Expires", vendor);
	const char *start = query_value(url, arena_printf(mem, "X-%s-Date", vendor), mem);
	const char *span = query_value(url, expires, mem);
	int64_t from_us, seconds;

	if (start == NULL || span == NULL || !read_basic_time(start, &from_us, mem) ||
	    num_parse(span, 0, 10 * 366 * 86400LL, &seconds) == -1)
		return false;
	*out = (struct media_signature){ from_us + seconds * US_PER_S, expires };
	return true;
}

/* A number behind `key` in JSON text that may not be trusted: no parser is needed for one number.
 */
static bool
read_json_epoch(const char *json, const char *key, int64_t *us, struct arena *mem)
{
	const char *at = strstr(json, key);

	if (at == NULL)
		return false;
	at += strlen(key);
	at += strspn(at, "\" :");
	return read_epoch(arena_strndup(mem, at, strspn(at, "0123456789")), us, mem);
}

/* base64url text, of `len` characters with or without padding; "" when it is none. */
static const char *
open_base64(const char *text, size_t len, struct arena *mem)
{
	char *copy = arena_strndup(mem, text, len), *plain;
	int n;

	if (len > POLICY_MAX)
		return "";
	for (size_t i = len; i-- > 0 && copy[i] == '=';)
		copy[i] = '\0';
	plain = arena_alloc(mem, len + 1);
	n = crypto_base64_decode(copy, true, plain, len);
	plain[n > 0 ? n : 0] = '\0';
	return plain;
}

/* CloudFront writes + as -, = as _ and / as ~. */
static bool
read_policy(const char *policy, int64_t *us, struct arena *mem)
{
	char *text = arena_strdup(mem, policy);

	for (char *p = text; *p != '\0'; p++)
		*p = *p == '_' ? '=' : *p == '~' ? '_' : *p;
	return read_json_epoch(open_base64(text, strlen(text), mem), "AWS:EpochTime", us, mem);
}

/* The payload of a JSON Web Token, in any parameter (Supabase and others). */
static bool
read_token(const char *url, struct arena *mem, struct media_signature *out)
{
	const char *at = strstr(url, "=eyJ"), *first, *name;

	if (at == NULL || strchr(url, '?') == NULL || strchr(url, '?') > at)
		return false;
	for (name = at; strchr("?&", name[-1]) == NULL; name--)
		continue;
	first = at + 1 + strcspn(at + 1, ".&#");
	if (*first != '.')
		return false;
	first++;
	out->param = arena_strndup(mem, name, (size_t)(at - name));
	return read_json_epoch(
	    open_base64(first, strcspn(first, ".&#"), mem), "\"exp\"", &out->ends_us, mem);
}

/* "exp=1700000000~hmac=..." of Akamai, Cloudinary and their like. */
static bool
read_fields(const char *value, int64_t *us, struct arena *mem)
{
	const char *at = strstr(value, "exp=");

	return at != NULL &&
	       read_epoch(arena_strndup(mem, at + 4, strspn(at + 4, "0123456789")), us, mem);
}

/* Airtable's attachments: https://v5.airtableusercontent.com/v3/u/22/22/1700000000000/... */
static bool
read_airtable(const char *url, struct arena *mem, struct media_signature *out)
{
	const char *host = url_host(url, mem), *at = path_of_url(url);

	if (host == NULL || !is_viewer_host(host, "airtableusercontent.com"))
		return false;
	for (at++; *at != '\0'; at += *at == '/') {
		size_t len = strcspn(at, "/?#");

		out->param = "airtableusercontent.com";
		if (len == 13 && read_epoch(arena_strndup(mem, at, len), &out->ends_us, mem))
			return true;
		at += len;
		if (*at != '/')
			break;
	}
	return false;
}

bool
media_url_signature(const char *url, struct arena *mem, struct media_signature *out)
{
	static const char *const vendors[] = { "Amz", "Goog", "Oss", "Tos", "Obs" };
	static const struct {
		const char *param;
		const char *beside; /* must be there, too; or NULL */
		bool (*read)(const char *value, int64_t *us, struct arena *mem);
	} rules[] = {
		{ "hdnts", NULL, read_fields },
		{ "hdnea", NULL, read_fields },
		{ "hdntl", NULL, read_fields },
		{ "__token__", NULL, read_fields },
		{ "__cld_token__", NULL, read_fields },
		{ "token", NULL, read_fields },
		{ "Expires", NULL, read_epoch },
		{ "Expires", "Signature", read_azure_time },
		{ "x-expires", NULL, read_epoch },
		{ "expire", NULL, read_epoch },
		{ "expiry", NULL, read_epoch },
		{ "expires_at", NULL, read_epoch },
		{ "expirationTimestamp", NULL, read_epoch },
		{ "exp", NULL, read_first_epoch },
		{ "e", "token", read_epoch },
		{ "e", "t", read_epoch },
		{ "ik-t", "ik-s", read_epoch },
		{ "q-sign-time", NULL, read_second_epoch },
		{ "Policy", NULL, read_policy },
		{ "se", "sig", read_azure_time },
		{ "oe", "oh", read_hex_epoch },
		{ "ex", "hm", read_hex_epoch },
	};

	for (size_t i = 0; i < sizeof(vendors) / sizeof(vendors[0]); i++)
		if (read_span(url, vendors[i], mem, out))
			return true;
	for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++) {
		const char *value = query_value(url, rules[i].param, mem);

		out->param = rules[i].param;
		if (value != NULL && rules[i].read(value, &out->ends_us, mem) &&
		    (rules[i].beside == NULL || query_value(url, rules[i].beside, mem) != NULL))
			return true;
	}
	return read_airtable(url, mem, out) || read_token(url, mem, out);
}
