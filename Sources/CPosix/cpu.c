#ifndef _GNU_SOURCE
#define _GNU_SOURCE 1
#endif
#include "CPosix.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

// A tree with more processes is not looked at to its end: the time of the first ones is telling enough.
enum { MOST_PROCESSES = 4096 };

#ifdef __linux__

static ssize_t read_some(const char *path, char *buffer, size_t capacity) {
  int file = open(path, O_RDONLY | O_CLOEXEC);
  if (file < 0) return -1;
  ssize_t count;
  do {
    count = read(file, buffer, capacity - 1);
  } while (count < 0 && errno == EINTR);
  close(file);
  if (count >= 0) buffer[count] = 0;
  return count;
}

/// Adds the clock ticks of one process and of the children that it has reaped. False when it is gone.
static bool add_ticks(pid_t process, uint64_t *ticks) {
  char path[64], text[1024];
  snprintf(path, sizeof path, "/proc/%d/stat", (int)process);
  if (read_some(path, text, sizeof text) <= 0) return false;
  // The name may hold spaces and parentheses: the fields are counted from the last parenthesis.
  char *rest = strrchr(text, ')');
  unsigned long long own[4];
  if (rest == NULL) return false;
  int fields = sscanf(rest + 1, " %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %llu %llu %llu %llu", &own[0], &own[1],
                      &own[2], &own[3]);
  if (fields != 4) return false;
  for (int i = 0; i < 4; i++) *ticks += own[i];
  return true;
}

/// Appends the children of one process, whichever of its threads has started them. False when nobody tells.
static bool add_children(pid_t process, pid_t *pids, size_t *count) {
  char path[64], text[8192];
  snprintf(path, sizeof path, "/proc/%d/task", (int)process);
  DIR *threads = opendir(path);
  if (threads == NULL) return true;
  bool told = true;
  struct dirent *entry;
  while ((entry = readdir(threads)) != NULL) {
    int thread = atoi(entry->d_name);
    if (thread <= 0) continue;
    snprintf(path, sizeof path, "/proc/%d/task/%d/children", (int)process, thread);
    if (read_some(path, text, sizeof text) < 0) {
      told = errno != ENOENT || access("/proc/thread-self/children", F_OK) == 0;
      continue;
    }
    for (char *cursor = text, *end; *count < MOST_PROCESSES; cursor = end) {
      long pid = strtol(cursor, &end, 10);
      if (end == cursor) break;
      pids[(*count)++] = (pid_t)pid;
    }
  }
  closedir(threads);
  return told;
}

int cposix_tree_cpu(pid_t root, uint64_t *milliseconds) {
  pid_t *pids = malloc(MOST_PROCESSES * sizeof *pids);
  if (pids == NULL) return -ENOMEM;
  size_t count = 1;
  uint64_t ticks = 0;
  int code = 0;
  pids[0] = root;
  for (size_t i = 0; i < count && code == 0; i++) {
    bool is_there = add_ticks(pids[i], &ticks);
    if (i == 0 && !is_there) code = -ESRCH;
    if (is_there && !add_children(pids[i], pids, &count)) code = -ENOSYS;
  }
  free(pids);
  *milliseconds = ticks * 1000 / (uint64_t)sysconf(_SC_CLK_TCK);
  return code;
}

#else

#include <libproc.h>
#include <mach/mach_time.h>
#include <sys/resource.h>

int cposix_tree_cpu(pid_t root, uint64_t *milliseconds) {
  pid_t *pids = malloc(MOST_PROCESSES * sizeof *pids);
  if (pids == NULL) return -ENOMEM;
  mach_timebase_info_data_t base;
  mach_timebase_info(&base);
  size_t count = 1;
  uint64_t units = 0;
  int code = 0;
  pids[0] = root;
  for (size_t i = 0; i < count; i++) {
    struct rusage_info_v1 info;
    if (proc_pid_rusage(pids[i], RUSAGE_INFO_V1, (rusage_info_t *)&info) != 0) {
      if (i == 0) code = -ESRCH;
      continue;
    }
    units += info.ri_user_time + info.ri_system_time + info.ri_child_user_time + info.ri_child_system_time;
    int room = (int)((MOST_PROCESSES - count) * sizeof *pids);
    int found = room > 0 ? proc_listchildpids(pids[i], pids + count, room) : 0;
    if (found > 0) count += (size_t)found;
  }
  free(pids);
  *milliseconds = units * base.numer / base.denom / 1000000;
  return code;
}

#endif
