#ifndef LIB_VERSION_H
#define LIB_VERSION_H

/*
 * The version with the commit it was built from, "0.1.0+g0123456789ab", and ".dirty" behind when
 * files differed from that; without a commit "0.1.0".
 */
const char *version_text(void);

#endif
