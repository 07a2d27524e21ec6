# PT_TRY_CFLAGS(FLAGS): add each flag the compiler accepts to PROJECT_CFLAGS.
AC_DEFUN([PT_TRY_CFLAGS], [
  for pt_flag in m4_normalize([$1]); do
    AC_MSG_CHECKING([whether $CC accepts $pt_flag])
    pt_saved=$CFLAGS
    CFLAGS="$CFLAGS -Werror $pt_flag"
    AC_COMPILE_IFELSE([AC_LANG_PROGRAM()],
      [AC_MSG_RESULT([yes]); PROJECT_CFLAGS="$PROJECT_CFLAGS $pt_flag"], [AC_MSG_RESULT([no])])
    CFLAGS=$pt_saved
  done])

# PT_TRY_LDFLAGS(FLAGS): add each flag the linker accepts to PROJECT_LDFLAGS.
AC_DEFUN([PT_TRY_LDFLAGS], [
  for pt_flag in m4_normalize([$1]); do
    AC_MSG_CHECKING([whether the linker accepts $pt_flag])
    pt_saved=$LDFLAGS
    LDFLAGS="$LDFLAGS $pt_flag"
    AC_LINK_IFELSE([AC_LANG_PROGRAM()],
      [AC_MSG_RESULT([yes]); PROJECT_LDFLAGS="$PROJECT_LDFLAGS $pt_flag"], [AC_MSG_RESULT([no])])
    LDFLAGS=$pt_saved
  done])
