#ifndef _GNU_SOURCE
#define _GNU_SOURCE 1
#endif
#include "CPosix.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { DEEPEST = 64 };

#ifdef __APPLE__
#define NANOSECONDS(status) ((uint64_t)(status).st_mtimespec.tv_sec * 1000000000u + (status).st_mtimespec.tv_nsec)
#else
#define NANOSECONDS(status) ((uint64_t)(status).st_mtim.tv_sec * 1000000000u + (status).st_mtim.tv_nsec)
#endif

/// Spreads one number over all bits, so that sums of many tell apart what was summed.
static uint64_t mixed(uint64_t value) {
  value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9u;
  value = (value ^ (value >> 27)) * 0x94D049BB133111EBu;
  return value ^ (value >> 31);
}

/// Takes the descriptor. The order of entries does not matter.
static void add_directory(int descriptor, int depth, size_t *left, uint64_t *digest) {
  DIR *directory = fdopendir(descriptor);
  if (directory == NULL) {
    close(descriptor);
    return;
  }
  struct dirent *entry;
  while (*left > 0 && (entry = readdir(directory)) != NULL) {
    const char *name = entry->d_name;
    if (strcmp(name, ".") == 0 || strcmp(name, "..") == 0 || (depth == 0 && strcmp(name, ".git") == 0)) continue;
    struct stat status;
    if (fstatat(descriptor, name, &status, AT_SYMLINK_NOFOLLOW) < 0) continue;
    (*left)--;
    *digest += mixed(mixed((uint64_t)status.st_ino) ^ mixed(NANOSECONDS(status)) ^ (uint64_t)status.st_size);
    if (!S_ISDIR(status.st_mode) || depth >= DEEPEST) continue;
    int below = openat(descriptor, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (below >= 0) add_directory(below, depth + 1, left, digest);
  }
  closedir(directory);
}

int cposix_tree_digest(const char *path, size_t limit, uint64_t *digest) {
  int descriptor = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (descriptor < 0) return -errno;
  *digest = 0;
  add_directory(descriptor, 0, &limit, digest);
  return 0;
}
