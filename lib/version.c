#include "config.h"

#include "lib/version.h"

#include "lib/git_id.h"

const char *
version_text(void)
{
	return PACKAGE_VERSION GIT_ID;
}
