#include "common.h"
#include "supervise.h"

#include <sys/file.h>

enum { LOOK_MS = 20, GIVE_UP_MS = 10000 };

/// Reads "child PID START" and "boot ID" of the pid record; leaves `child` empty when it is of another boot.
static void read_child(int directory, struct process *child) {
  char text[RECORD_SIZE], boot[128], own_boot[128];
  int pid = 0;
  unsigned long long start = 0;
  int file = openat(directory, "pid", O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
  if (file < 0) return;
  ssize_t count = read(file, text, sizeof text - 1);
  close(file);
  if (count <= 0) return;
  text[count] = 0;
  boot_id(own_boot, sizeof own_boot);
  const char *child_line = strstr(text, "\nchild "), *boot_line = strstr(text, "\nboot ");
  if (child_line == NULL || boot_line == NULL) return;
  if (sscanf(child_line, "\nchild %d %llu", &pid, &start) != 2 || sscanf(boot_line, "\nboot %127s", boot) != 1) return;
  if (pid <= 1 || strcmp(boot, own_boot) != 0) return;
  child->pid = pid;
  child->start = start;
}

/// Counts whom the look shows for the first time.
static long count_new(const struct tree *tree, struct process_table *seen) {
  long fresh = 0;
  for (size_t i = 0; i < tree->now.count; i++) {
    const struct process *process = &tree->now.items[i];
    if (!process->is_member || process->is_zombie) continue;
    bool known = false;
    for (size_t j = 0; j < seen->count && !known; j++) {
      known = seen->items[j].pid == process->pid && seen->items[j].start == process->start;
    }
    if (!known && process_table_add(seen, process)) fresh++;
  }
  return fresh;
}

static long end_all(struct tree *tree, int64_t grace, long *left) {
  struct process_table seen = {0};
  int64_t kill_at = monotonic_ms() + grace, give_up_at = kill_at + GIVE_UP_MS;
  long total = 0;
  int empty_looks = 0;
  for (;;) {
    int64_t now = monotonic_ms();
    long living = now < kill_at ? tree_ask(tree) : tree_kill(tree);
    *left = living < 0 ? 1 : living;
    total += count_new(tree, &seen);
    // One that forks while we look can hide in the gap once, hardly twice.
    empty_looks = living == 0 ? empty_looks + 1 : 0;
    if (empty_looks == 2 || now >= give_up_at) break;
    pause_ms(living == 0 ? 1 : LOOK_MS);
  }
  process_table_free(&seen);
  return total;
}

int sweep(const char *directory, const char *run_id, const char *grace) {
  char mark[192];
  struct tree tree = {0};
  if (!spec_is_run_id(run_id)) return 64;
  snprintf(mark, sizeof mark, "ORCH_RUN_ID=%s", run_id);
  tree.mark = mark;
  int files = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (files >= 0) {
    int lock = openat(files, "lock", O_RDWR | O_CLOEXEC | O_NOFOLLOW);
    // A living shim ends its tree better than we can, and would take our work for that of the child.
    if (lock >= 0 && flock(lock, LOCK_EX | LOCK_NB) < 0 && errno == EWOULDBLOCK) return 75;
    read_child(files, &tree.child);
  }
  long left = 0;
  long total = end_all(&tree, strtoll(grace, NULL, 10), &left);
  tree_free(&tree);
  printf("%ld %ld\n", total, left);
  return 0;
}
