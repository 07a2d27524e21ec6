/* The ranges are those of Unicode 15.1 (PropList.txt, DerivedCoreProperties.txt); these properties
 * no longer change in practice. */
#include "lib/chars.h"

#include <stddef.h>

struct range {
	uint32_t first, last;
};

static const struct range white[] = { { 0x09, 0x0d }, { 0x20, 0x20 }, { 0x85, 0x85 },
	{ 0xa0, 0xa0 }, { 0x1680, 0x1680 }, { 0x2000, 0x200a }, { 0x2028, 0x2029 },
	{ 0x202f, 0x202f }, { 0x205f, 0x205f }, { 0x3000, 0x3000 },
	/* the empty braille pattern: by its properties a symbol, to the eye a blank */
	{ 0x2800, 0x2800 }, { 0, 0 } };

static const struct range ignorable[] = { { 0xad, 0xad }, { 0x34f, 0x34f }, { 0x61c, 0x61c },
	{ 0x115f, 0x1160 }, { 0x17b4, 0x17b5 }, { 0x180b, 0x180f }, { 0x200b, 0x200f },
	{ 0x202a, 0x202e }, { 0x2060, 0x206f }, { 0x3164, 0x3164 }, { 0xfe00, 0xfe0f },
	{ 0xfeff, 0xfeff }, { 0xffa0, 0xffa0 }, { 0xfff0, 0xfff8 }, { 0x1bca0, 0x1bca3 },
	{ 0x1d173, 0x1d17a }, { 0xe0000, 0xe0fff }, { 0, 0 } };

static const struct range reordering[] = { { 0x202a, 0x202e }, { 0x2066, 0x2069 }, { 0, 0 } };
static const struct range formatting[] = { { 0x206a, 0x206f }, { 0xfff9, 0xfffb }, { 0, 0 } };
static const struct range tags[] = { { 0xe0000, 0xe007f }, { 0, 0 } };
static const struct range marks[] = { { 0x61c, 0x61c }, { 0x200e, 0x200f }, { 0, 0 } };
static const struct range joined[] = { { 0x115f, 0x1160 }, { 0x180b, 0x180d }, { 0x180f, 0x180f },
	{ 0xfe00, 0xfe0f }, { 0xe0000, 0xe0fff }, { 0, 0 } };

static bool
in_ranges(const struct range *r, uint32_t c)
{
	for (; r->last != 0; r++)
		if (c >= r->first && c <= r->last)
			return true;
	return false;
}

bool
chars_white(uint32_t c)
{
	return in_ranges(white, c);
}

bool
chars_ignorable(uint32_t c)
{
	return in_ranges(ignorable, c);
}

bool
chars_mark(uint32_t c)
{
	return in_ranges(marks, c);
}

bool
chars_joined(uint32_t c)
{
	return in_ranges(joined, c);
}

bool
chars_tag(uint32_t c)
{
	return in_ranges(tags, c) && c >= 0xe0020;
}

const char *
chars_fault(uint32_t c)
{
	if (c < 0x20 || (c >= 0x7f && c <= 0x9f))
		return "a control character";
	if (in_ranges(reordering, c))
		return "it reorders text";
	if (in_ranges(formatting, c))
		return "a formatting control";
	if ((c & 0xfffe) == 0xfffe || (c >= 0xfdd0 && c <= 0xfdef))
		return "not a character";
	return in_ranges(tags, c) ? "a tag outside of an emoji flag" : NULL;
}

bool
chars_unseen(uint32_t c)
{
	return in_ranges(white, c) || in_ranges(ignorable, c) || chars_fault(c) != NULL;
}
