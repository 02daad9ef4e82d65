#include "CGit2.h"
#include "table.h"

#include <dlfcn.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>

static pthread_once_t once = PTHREAD_ONCE_INIT;
static char problem[512];

static void fail(const char *what, const char *detail) {
  snprintf(problem, sizeof problem, "%s%s%s", what, detail == NULL ? "" : ": ", detail == NULL ? "" : detail);
}

// The layout of libgit2's structs is that of one minor version, so its own file is tried first.
static void *open_library(void) {
#ifdef __APPLE__
  static const char *const names[] = {
    "libgit2." LIBGIT2_SOVERSION ".dylib", "/opt/homebrew/lib/libgit2." LIBGIT2_SOVERSION ".dylib",
    "/usr/local/lib/libgit2." LIBGIT2_SOVERSION ".dylib", "/opt/homebrew/lib/libgit2.dylib",
    "/usr/local/lib/libgit2.dylib",
  };
#else
  static const char *const names[] = {"libgit2.so." LIBGIT2_SOVERSION, "libgit2.so"};
#endif
  for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
    void *library = dlopen(names[i], RTLD_LAZY | RTLD_LOCAL);
    if (library != NULL) { return library; }
  }
  fail("libgit2 " LIBGIT2_SOVERSION " is not installed (Debian: libgit2-" LIBGIT2_SOVERSION ", Homebrew: libgit2)",
    dlerror());
  return NULL;
}

// POSIX lets dlsym's result be a function; ISO C does not say how to convert it, so the bytes are copied.
static bool resolve(void *library, void *slot, const char *name) {
  void *address = dlsym(library, name);
  if (address == NULL) {
    fail("libgit2 lacks a function that this program needs", name);
    return false;
  }
  memcpy(slot, &address, sizeof address);
  return true;
}

// The formats that libgit2 refuses by its list but handles, as opening real repositories showed. Anything that it
// really cannot read (sha256 names, reftable) is refused before it gets here.
static int set_options(int (*options)(int, ...)) {
  static const char *extensions[] = {
    "worktreeconfig", "partialclone", "preciousobjects", "objectformat", "relativeworktrees",
  };
  int error = options(GIT_OPT_SET_EXTENSIONS, extensions, sizeof extensions / sizeof extensions[0]);
  if (error < 0) { return error; }
  return options(GIT_OPT_SET_OWNER_VALIDATION, 1);
}

static void load(void) {
  void *library = open_library();
  if (library == NULL) { return; }
  int (*version)(int *, int *, int *);
  int (*init)(void);
  int (*options)(int, ...);
  struct orch_git2_table table;
  memset(&table, 0, sizeof table);
  if (!resolve(library, &version, "git_libgit2_version")) { return; }
  int major = 0, minor = 0, revision = 0;
  version(&major, &minor, &revision);
  if (major != LIBGIT2_VER_MAJOR || minor != LIBGIT2_VER_MINOR) {
    char found[64];
    snprintf(found, sizeof found, "%d.%d.%d", major, minor, revision);
    fail("this program was built for libgit2 " LIBGIT2_VERSION " and cannot use the one installed", found);
    return;
  }
  bool complete = resolve(library, &init, "git_libgit2_init") && resolve(library, &options, "git_libgit2_opts");
#define ORCH_INT(name, params, args) complete = complete && resolve(library, &table.name, #name);
#define ORCH_VALUE(type, name, params, args) ORCH_INT(name, params, args)
#define ORCH_VOID(name, params, args) ORCH_INT(name, params, args)
#include "functions.inc"
  ORCH_INT(git_diff_tree_to_tree, , )
  ORCH_INT(git_diff_find_similar, , )
  ORCH_INT(git_patch_from_blobs, , )
  ORCH_INT(git_merge_commits, , )
  ORCH_INT(git_merge_trees, , )
  ORCH_INT(git_merge_file_from_index, , )
  ORCH_INT(git_merge_file_result_free, , )
  if (!complete) { return; }
  if (init() < 0 || set_options(options) < 0) {
    fail("libgit2 does not start", NULL);
    return;
  }
  orch_git2 = table;
}

const char *orch_git2_load(void) {
  int error = pthread_once(&once, load);
  if (error != 0) { return "pthread_once failed"; }
  return problem[0] == 0 ? NULL : problem;
}
