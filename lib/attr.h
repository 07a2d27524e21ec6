#ifndef LIB_ATTR_H
#define LIB_ATTR_H

/*
 * MUST_CHECK before a prototype: the compiler warns when a caller ignores its result. For a whole
 * enum of results: `__extension__ enum MUST_CHECK_TYPE name { ... }`. Write (void) where ignoring
 * one is right.
 */
#ifdef __clang__
#define MUST_CHECK_TYPE __attribute__((warn_unused_result))
#define MUST_CHECK MUST_CHECK_TYPE
#else
#define MUST_CHECK_TYPE [[nodiscard]]
#define MUST_CHECK __extension__ [[nodiscard]]
#endif

#endif
