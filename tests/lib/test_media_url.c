/* What URLs of images tell: viewers' pages, and when a signature ends. */
#include "lib/media_url.h"

#include "lib/arena.h"
#include "lib/clock.h"
#include "tests/tap.h"

static const struct {
	const char *url;
	const char *service; /* NULL: none */
} pages[] = {
	{ "https://drive.google.com/file/d/1AbC/view?usp=sharing", "Google Drive" },
	{ "https://drive.google.com/open?id=1AbC", "Google Drive" },
	{ "https://DRIVE.google.com./drive/folders/1", "Google Drive" },
	{ "https://drive.google.com/uc?export=download&id=1AbC", NULL },
	{ "https://www.dropbox.com/s/x/a.png?dl=0", "Dropbox" },
	{ "https://www.dropbox.com/scl/fi/x/a.png?rlkey=y&dl=0", "Dropbox" },
	{ "https://www.dropbox.com/s/x/a.png?raw=1", NULL },
	{ "https://www.dropbox.com/s/x/a.png?dl=1", NULL },
	{ "https://drive.google.com/u/0/file/d/1AbC/view", "Google Drive" },
	{ "https://dl.dropboxusercontent.com/s/x/a.png", NULL },
	{ "https://1drv.ms/i/s!AbC", "OneDrive" },
	{ "https://onedrive.live.com/?id=1", "OneDrive" },
	{ "https://acme.sharepoint.com/:i:/s/a/x", "SharePoint" },
	{ "https://photos.app.goo.gl/x", "Google Photos" },
	{ "https://photos.google.com/share/x", "Google Photos" },
	{ "https://lh3.googleusercontent.com/x", NULL },
	{ "https://imgur.com/a/x", "Imgur" },
	{ "https://i.imgur.com/x.png", NULL },
	{ "https://www.instagram.com/p/x/", "Instagram" },
	{ "https://github.com/a/b/blob/main/x.png", "GitHub" },
	{ "https://raw.githubusercontent.com/a/b/main/x.png", NULL },
	{ "https://www.pinterest.com/pin/1/", "Pinterest" },
	{ "https://i.pinimg.com/originals/x.jpg", NULL },
	{ "https://example.com/drive.google.com/file/", NULL },
	{ "https://notimgur.com/x", NULL },
	{ "https://example.com", NULL },
};

/* 2027-01-01T00:00:00Z */
#define END 1798761600LL
static const struct {
	const char *url;
	const char *param; /* NULL: no end */
} signatures[] = {
	{ "https://b.s3.amazonaws.com/a.png?X-Amz-Algorithm=AWS4-HMAC-SHA256"
	  "&X-Amz-Date=20261231T230000Z&X-Amz-Expires=3600&X-Amz-Signature=x",
	    "X-Amz-Expires" },
	{ "https://b.s3.amazonaws.com/a.png?x-amz-expires=3600&x-amz-date=20261231T230000Z",
	    "X-Amz-Expires" },
	{ "https://storage.googleapis.com/b/"
	  "a.png?X-Goog-Date=20261231T000000Z&X-Goog-Expires=86400",
	    "X-Goog-Expires" },
	{ "https://b.s3.amazonaws.com/a.png?AWSAccessKeyId=x&Expires=1798761600&Signature=y",
	    "Expires" },
	{ "https://cdn.example.com/a.png?expires=1798761600000", "Expires" },
	{ "https://x.blob.core.windows.net/c/a.png?se=2027-01-01T00%3A00%3A00Z&sig=x", "se" },
	{ "https://x.blob.core.windows.net/c/a.png?se=2027-01-01T00:00Z&sig=x", "se" },
	{ "https://x.blob.core.windows.net/c/a.png?sig=x&se=2027-01-01", "se" },
	{ "https://x.blob.core.windows.net/c/a.png?se=2027-01-01", NULL },
	/* {"Statement":[{"Condition":{"DateLessThan":{"AWS:EpochTime":1798761600}}}]} */
	{ "https://d1.cloudfront.net/"
	  "a.png?Policy=eyJTdGF0ZW1lbnQiOlt7IkNvbmRpdGlvbiI6eyJEYXRlTGVzc1"
	  "RoYW4iOnsiQVdTOkVwb2NoVGltZSI6MTc5ODc2MTYwMH19fV19&Signature=x&Key-Pair-Id=y",
	    "Policy" },
	{ "https://x.fbcdn.net/a.jpg?oh=00_x&oe=6B36EC80", "oe" },
	{ "https://cdn.discordapp.com/attachments/1/2/a.png?ex=6b36ec80&is=1&hm=x", "ex" },
	{ "https://x.akamaized.net/a.jpg?hdnts=st=1~exp=1798761600~acl=/*~hmac=x", "hdnts" },
	/* {"alg":"HS256"} . {"url":"a","exp":1798761600} */
	{ "https://x.supabase.co/storage/v1/object/sign/a.png?token=eyJhbGciOiJIUzI1NiJ9."
	  "eyJ1cmwiOiJhIiwiZXhwIjoxNzk4NzYxNjAwfQ.sig",
	    "token" },
	{ "https://x.myqcloud.com/a.jpg?q-sign-algorithm=sha1&q-sign-time=1798758000%3B1798761600"
	  "&q-signature=x",
	    "q-sign-time" },
	{ "https://x.qiniucdn.com/a.jpg?e=1798761600&token=x:y", "e" },
	{ "https://media.licdn.com/dms/image/x/0?e=1798761600&v=beta&t=x", "e" },
	{ "https://p16-sign.tiktokcdn-us.com/a.jpeg?x-expires=1798761600&x-signature=x",
	    "x-expires" },
	{ "https://file.notion.so/a.png?expirationTimestamp=1798761600000&signature=x",
	    "expirationTimestamp" },
	{ "https://ik.imagekit.io/a/b.jpg?ik-t=1798761600&ik-s=x", "ik-t" },
	{ "https://ucarecdn.com/x/?token=exp=1798761600~acl=/x/~hmac=y", "token" },
	{ "https://i.vimeocdn.com/a.jpg?exp=1798761600~acl=x~hmac=y", "exp" },
	{ "https://example.com/a.png?Expires=2027-01-01T00:00:00Z&Signature=x", "Expires" },
	{ "https://v5.airtableusercontent.com/v3/u/22/22/1798761600000/a/b/c",
	    "airtableusercontent.com" },
	{ "https://v5.airtableusercontent.com/v3/u/22/22/a/b", NULL },
	{ "https://example.com/v3/u/22/22/1798761600000/a", NULL },
	{ "https://example.com/a.png?e=1798761600", NULL },
	{ "https://example.com/a.png?q-sign-time=1798758000", NULL },
	{ "https://example.com/a.png", NULL },
	{ "https://example.com/a.png?Expires=never", NULL },
	{ "https://example.com/a.png?Expires=86400", NULL },
	{ "https://example.com/a.png?X-Amz-Date=20261331T000000Z&X-Amz-Expires=60", NULL },
	{ "https://example.com/a.png?X-Amz-Date=20261231T000000Z&X-Amz-Expires=-60", NULL },
	{ "https://example.com/a.png?Policy=%%%", NULL },
	{ "https://example.com/a.png?Policy=e30", NULL },
	{ "https://example.com/a.png?token=eyJ.x", NULL },
	{ "https://example.com/a.png?token=eyJhbGciOiJIUzI1NiJ9", NULL },
	{ "https://example.com/=eyJ.a.png?x", NULL },
	{ "https://example.com/a.png#Expires=1798761600", NULL },
};

int
main(void)
{
	struct arena *mem = arena_new();

	for (size_t i = 0; i < sizeof(pages) / sizeof(pages[0]); i++) {
		const struct media_viewer *v = media_url_viewer(pages[i].url, mem);

		if (pages[i].service == NULL)
			ok(v == NULL, "no viewer: %s", pages[i].url);
		else
			ok(v != NULL && strcmp(v->service, pages[i].service) == 0 && *v->instead,
			    "%s: %s", pages[i].service, pages[i].url);
	}
	for (size_t i = 0; i < sizeof(signatures) / sizeof(signatures[0]); i++) {
		struct media_signature s;
		bool found = media_url_signature(signatures[i].url, mem, &s);

		if (signatures[i].param == NULL)
			ok(!found, "no end: %s", signatures[i].url);
		else
			ok(found && s.ends_us == END * US_PER_S &&
				strcmp(s.param, signatures[i].param) == 0,
			    "%s tells the end: %s (%lld)", signatures[i].param, signatures[i].url,
			    found ? (long long)(s.ends_us / US_PER_S) : 0LL);
	}
	arena_free(mem);
	return tap_done();
}
