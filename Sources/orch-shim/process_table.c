#include "common.h"
#include "process_table.h"

#include <time.h>

int64_t monotonic_ms(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

int64_t wall_ms(void) {
  struct timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

void pause_ms(int milliseconds) {
  struct timespec time = {milliseconds / 1000, (milliseconds % 1000) * 1000000L};
  nanosleep(&time, NULL);
}

bool process_table_add(struct process_table *table, const struct process *process) {
  if (table->count == table->capacity) {
    size_t capacity = table->capacity == 0 ? 256 : table->capacity * 2;
    struct process *items = realloc(table->items, capacity * sizeof *items);
    if (items == NULL) return false;
    table->items = items;
    table->capacity = capacity;
  }
  table->items[table->count++] = *process;
  return true;
}

static int by_pid(const void *a, const void *b) {
  pid_t left = ((const struct process *)a)->pid, right = ((const struct process *)b)->pid;
  return (left > right) - (left < right);
}

struct process *process_table_find(const struct process_table *table, pid_t pid) {
  if (table->count == 0) return NULL;
  struct process key = {.pid = pid};
  return bsearch(&key, table->items, table->count, sizeof key, by_pid);
}

void process_table_free(struct process_table *table) {
  free(table->items);
  memset(table, 0, sizeof *table);
}

static bool environment_has(const char *bytes, size_t count, const char *mark) {
  size_t length = strlen(mark);
  for (size_t at = 0; at + length <= count;) {
    size_t size = strnlen(bytes + at, count - at);
    if (size == length && memcmp(bytes + at, mark, length) == 0) return true;
    at += size + 1;
  }
  return false;
}

#ifdef __linux__

#include <dirent.h>

static ssize_t read_some(const char *path, char *buffer, size_t capacity) {
  int file = open(path, O_RDONLY | O_CLOEXEC);
  if (file < 0) return -1;
  ssize_t count;
  do {
    count = read(file, buffer, capacity);
  } while (count < 0 && errno == EINTR);
  close(file);
  return count;
}

bool process_read(pid_t pid, struct process *process) {
  char path[64], text[1024];
  snprintf(path, sizeof path, "/proc/%d/stat", (int)pid);
  ssize_t count = read_some(path, text, sizeof text - 1);
  if (count <= 0) return false;
  text[count] = 0;
  // The name may hold spaces and parentheses: everything is counted from its last parenthesis.
  char *rest = strrchr(text, ')');
  if (rest == NULL) return false;
  char state = 0;
  int parent = 0, group = 0;
  unsigned long long start = 0;
  int fields = sscanf(
      rest + 1, " %c %d %d %*d %*d %*d %*u %*u %*u %*u %*u %*u %*u %*d %*d %*d %*d %*d %*d %llu", &state, &parent,
      &group, &start);
  if (fields != 4) return false;
  memset(process, 0, sizeof *process);
  process->pid = pid;
  process->parent = parent;
  process->group = group;
  process->start = start;
  process->is_zombie = state == 'Z' || state == 'X';
  process->is_stopped = state == 'T' || state == 't';
  return true;
}

bool process_table_read(struct process_table *table) {
  table->count = 0;
  DIR *directory = opendir("/proc");
  if (directory == NULL) return false;
  bool complete = true;
  struct dirent *entry;
  while ((entry = readdir(directory)) != NULL) {
    if (entry->d_name[0] < '1' || entry->d_name[0] > '9') continue;
    struct process process;
    if (!process_read((pid_t)atoi(entry->d_name), &process)) continue;
    complete = process_table_add(table, &process) && complete;
  }
  closedir(directory);
  if (table->count > 1) qsort(table->items, table->count, sizeof *table->items, by_pid);
  return complete;
}

bool process_has_mark(pid_t pid, const char *mark) {
  char path[64];
  snprintf(path, sizeof path, "/proc/%d/environ", (int)pid);
  int file = open(path, O_RDONLY | O_CLOEXEC);
  if (file < 0) return false;
  size_t count = 0, capacity = 0;
  char *bytes = NULL;
  for (;;) {
    if (count == capacity) {
      size_t larger = capacity == 0 ? 16384 : capacity * 2;
      char *moved = larger > (64u << 20) ? NULL : realloc(bytes, larger);
      if (moved == NULL) break;
      bytes = moved;
      capacity = larger;
    }
    ssize_t got = read(file, bytes + count, capacity - count);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) break;
    count += (size_t)got;
  }
  close(file);
  bool found = bytes != NULL && environment_has(bytes, count, mark);
  free(bytes);
  return found;
}

void boot_id(char *buffer, size_t capacity) {
  ssize_t count = read_some("/proc/sys/kernel/random/boot_id", buffer, capacity - 1);
  if (count <= 0) {
    snprintf(buffer, capacity, "unknown");
    return;
  }
  buffer[count] = 0;
  buffer[strcspn(buffer, "\n")] = 0;
}

#else

#include <libproc.h>
#include <sys/proc.h>
#include <sys/sysctl.h>

bool process_read(pid_t pid, struct process *process) {
  struct proc_bsdinfo info;
  int size = proc_pidinfo(pid, PROC_PIDTBSDINFO, 0, &info, sizeof info);
  if (size != (int)sizeof info) return false;
  memset(process, 0, sizeof *process);
  process->pid = pid;
  process->parent = (pid_t)info.pbi_ppid;
  process->group = (pid_t)info.pbi_pgid;
  process->start = info.pbi_start_tvsec * 1000000ull + info.pbi_start_tvusec;
  process->is_zombie = info.pbi_status == SZOMB;
  process->is_stopped = info.pbi_status == SSTOP;
  return true;
}

bool process_table_read(struct process_table *table) {
  table->count = 0;
  int estimate = proc_listallpids(NULL, 0);
  if (estimate <= 0) return false;
  size_t capacity = (size_t)estimate + 256;
  pid_t *pids = calloc(capacity, sizeof *pids);
  if (pids == NULL) return false;
  int count = proc_listallpids(pids, (int)(capacity * sizeof *pids));
  bool complete = count > 0;
  for (int i = 0; i < count; i++) {
    struct process process;
    if (process_read(pids[i], &process)) complete = process_table_add(table, &process) && complete;
  }
  free(pids);
  if (table->count > 1) qsort(table->items, table->count, sizeof *table->items, by_pid);
  return complete;
}

bool process_has_mark(pid_t pid, const char *mark) {
  int name[3] = {CTL_KERN, KERN_PROCARGS2, pid};
  size_t size = 0;
  if (sysctl(name, 3, NULL, &size, NULL, 0) < 0 || size == 0) return false;
  char *bytes = malloc(size);
  if (bytes == NULL) return false;
  // An argument that looks like the mark is found too; the run id in it is unguessable, so that is no danger.
  bool found = sysctl(name, 3, bytes, &size, NULL, 0) == 0 && size > sizeof(int) &&
               environment_has(bytes + sizeof(int), size - sizeof(int), mark);
  free(bytes);
  return found;
}

void boot_id(char *buffer, size_t capacity) {
  size_t size = capacity;
  if (sysctlbyname("kern.bootsessionuuid", buffer, &size, NULL, 0) < 0) snprintf(buffer, capacity, "unknown");
  buffer[capacity - 1] = 0;
}

#endif
