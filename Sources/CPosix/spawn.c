#ifndef _GNU_SOURCE
#define _GNU_SOURCE 1
#endif
#include "CPosix.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#ifdef __linux__
#include <features.h>
#endif

#if defined(__GLIBC__) && defined(__GLIBC_PREREQ)
#if __GLIBC_PREREQ(2, 34)
#define HAS_CLOSE_FROM 1
#endif
#endif

// Descriptors of ours may already be 0 to 3 when the program was started with closed standard streams. A dup2 onto a
// number that is still needed as a source would destroy it, so every source is first moved above the targets.
enum { FIRST_FREE = 4 };

static int moved_up(int descriptor, int *copy) {
  *copy = -1;
  if (descriptor < 0) return 0;
  *copy = fcntl(descriptor, F_DUPFD_CLOEXEC, FIRST_FREE);
  return *copy < 0 ? -errno : 0;
}

static int add_actions(posix_spawn_file_actions_t *actions, const char *directory, const int *sources) {
  for (int target = 0; target < 4; target++) {
    if (sources[target] < 0) continue;
    int code = posix_spawn_file_actions_adddup2(actions, sources[target], target);
    if (code != 0) return code;
  }
#ifdef HAS_CLOSE_FROM
  int code = posix_spawn_file_actions_addclosefrom_np(actions, sources[3] < 0 ? 3 : 4);
  if (code != 0) return code;
#endif
  return directory == NULL ? 0 : posix_spawn_file_actions_addchdir_np(actions, directory);
}

static int set_attributes(posix_spawnattr_t *attributes) {
  sigset_t none, all;
  sigemptyset(&none);
  sigfillset(&all);
  sigdelset(&all, SIGKILL);
  sigdelset(&all, SIGSTOP);
  int code = posix_spawnattr_setsigmask(attributes, &none);
  if (code == 0) code = posix_spawnattr_setsigdefault(attributes, &all);
  short flags = POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSID;
#ifdef __APPLE__
  flags |= POSIX_SPAWN_CLOEXEC_DEFAULT;
#endif
  return code == 0 ? posix_spawnattr_setflags(attributes, flags) : code;
}

static int spawn(const struct cposix_spawn_request *request, const int *sources, pid_t *child) {
  posix_spawn_file_actions_t actions;
  posix_spawnattr_t attributes;
  int code = posix_spawn_file_actions_init(&actions);
  if (code != 0) return -code;
  code = posix_spawnattr_init(&attributes);
  if (code == 0) {
    code = add_actions(&actions, request->directory, sources);
    if (code == 0) code = set_attributes(&attributes);
    if (code == 0) {
      code = posix_spawn(
          child, request->path, &actions, &attributes, (char *const *)request->arguments,
          (char *const *)request->environment);
    }
    posix_spawnattr_destroy(&attributes);
  }
  posix_spawn_file_actions_destroy(&actions);
  return -code;
}

// The limit that was raised; its maximum is 0 until then.
static struct rlimit limit_of_children;

int cposix_raise_descriptor_limit(uint64_t most) {
  struct rlimit limit;
  if (getrlimit(RLIMIT_NOFILE, &limit) < 0) return -errno;
  struct rlimit raised = limit;
  raised.rlim_cur = limit.rlim_max < most ? limit.rlim_max : (rlim_t)most;
  if (raised.rlim_cur <= limit.rlim_cur) return 0;
  if (setrlimit(RLIMIT_NOFILE, &raised) < 0) return -errno;
  limit_of_children = limit;
  return 0;
}

int cposix_spawn(const struct cposix_spawn_request *request, pid_t *child) {
  const int given[4] = {
      request->standard_input, request->standard_output, request->standard_error, request->extra};
  int sources[4] = {-1, -1, -1, -1};
  int code = 0;
  for (int i = 0; i < 4 && code == 0; i++) code = moved_up(given[i], &sources[i]);
  if (code == 0) code = spawn(request, sources, child);
  for (int i = 0; i < 4; i++) {
    if (sources[i] >= 0) close(sources[i]);
  }
#ifdef __linux__
  // It has only begun to load; one that is gone by now needs no limit.
  if (code == 0 && limit_of_children.rlim_max != 0) prlimit(*child, RLIMIT_NOFILE, &limit_of_children, NULL);
#endif
  return code;
}
