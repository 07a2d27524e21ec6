#ifndef APP_API_DOCS_TEXT_H
#define APP_API_DOCS_TEXT_H

#include <stddef.h>

/*
 * What the API is, for programs and for people: made by app/describe from the table of routes, the
 * sources and the descriptions in app/api, which the build holds against each other.
 */
extern const char docs_json[], docs_html[], docs_css[], docs_php[];
extern const size_t docs_json_len, docs_html_len, docs_css_len, docs_php_len;

#endif
