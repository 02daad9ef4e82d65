#include "common.h"
#include "tree.h"

#ifdef __linux__
#include <sys/syscall.h>
#ifndef SYS_pidfd_send_signal
#define SYS_pidfd_send_signal 424
#endif
#ifndef SYS_pidfd_open
#define SYS_pidfd_open 434
#endif
#endif

enum { FREEZE_MS = 500, ANCESTORS = 64 };

bool process_signal(const struct process *process, int signal) {
  if (process->pid <= 1) return false;
  struct process found;
#ifdef __linux__
  // The descriptor pins the process, so what is compared afterwards is what is signalled.
  int descriptor = (int)syscall(SYS_pidfd_open, process->pid, 0);
  if (descriptor < 0 && errno == ESRCH) return false;
  bool same = process_read(process->pid, &found) && found.start == process->start;
  bool sent = false;
  if (same) {
    sent = descriptor >= 0 ? syscall(SYS_pidfd_send_signal, descriptor, signal, NULL, 0) == 0
                           : kill(process->pid, signal) == 0;
  }
  if (descriptor >= 0) close(descriptor);
  return sent;
#else
  bool same = process_read(process->pid, &found) && found.start == process->start;
  return same && kill(process->pid, signal) == 0;
#endif
}

static bool is_known(const struct process_table *table, const struct process *process) {
  const struct process *found = process_table_find(table, process->pid);
  return found != NULL && found->start == process->start;
}

/// The entries of ourselves and of everything above us.
static size_t own_line(const struct process_table *table, const struct process **line) {
  size_t count = 0;
  for (pid_t pid = getpid(); pid > 0 && count < ANCESTORS;) {
    const struct process *found = process_table_find(table, pid);
    if (found == NULL) break;
    line[count++] = found;
    pid = found->parent;
  }
  return count;
}

static bool is_in_line(const struct process *process, const struct process **line, size_t count) {
  for (size_t i = 0; i < count; i++) {
    if (line[i]->pid == process->pid) return true;
  }
  return false;
}

static bool is_seed(const struct tree *tree, const struct process *process) {
  if (tree->root > 0 && process->parent == tree->root) return true;
  if (tree->child.pid > 0 && process->pid == tree->child.pid && process->start == tree->child.start) return true;
  return tree->mark != NULL && !process->is_zombie && process_has_mark(process->pid, tree->mark);
}

static void mark_members(struct tree *tree) {
  const struct process *line[ANCESTORS];
  size_t in_line = own_line(&tree->now, line);
  for (size_t i = 0; i < tree->now.count; i++) {
    struct process *process = &tree->now.items[i];
    process->is_member = process->pid > 1 && !is_in_line(process, line, in_line) && is_seed(tree, process);
  }
  for (bool has_grown = true; has_grown;) {
    has_grown = false;
    for (size_t i = 0; i < tree->now.count; i++) {
      struct process *process = &tree->now.items[i];
      if (process->is_member || process->pid <= 1) continue;
      const struct process *parent = process_table_find(&tree->now, process->parent);
      if (parent == NULL || !parent->is_member || is_in_line(process, line, in_line)) continue;
      process->is_member = has_grown = true;
    }
  }
}

long tree_look(struct tree *tree) {
  if (!process_table_read(&tree->now)) return -1;
  mark_members(tree);
  long living = 0;
  for (size_t i = 0; i < tree->now.count; i++) {
    living += tree->now.items[i].is_member && !tree->now.items[i].is_zombie;
  }
  return living;
}

/// Keeps in `told` the members of this look, so that the next one can tell who is new.
static void remember(struct process_table *told, const struct process_table *now) {
  told->count = 0;
  for (size_t i = 0; i < now->count; i++) {
    // Without memory some are told twice, which does no harm.
    if (now->items[i].is_member && !process_table_add(told, &now->items[i])) return;
  }
}

long tree_ask(struct tree *tree) {
  long living = tree_look(tree);
  if (living < 0) return living;
  for (size_t i = 0; i < tree->now.count; i++) {
    const struct process *process = &tree->now.items[i];
    if (!process->is_member || process->is_zombie || is_known(&tree->asked, process)) continue;
    process_signal(process, SIGTERM);
    process_signal(process, SIGCONT);
  }
  remember(&tree->asked, &tree->now);
  return living;
}

/// Signals the groups of the stopped members at one blow, which no fork inside of a group can outrun.
///
/// A member that is stopped cannot leave its group or end, so the number of the group still means the same group.
static void signal_groups(struct tree *tree, int signal) {
  const struct process *line[ANCESTORS];
  size_t in_line = own_line(&tree->now, line);
  pid_t last = 0;
  for (size_t i = 0; i < tree->now.count; i++) {
    const struct process *process = &tree->now.items[i];
    if (!process->is_member || !process->is_stopped || process->group <= 1 || process->group == last) continue;
    bool is_ours = false;
    for (size_t j = 0; j < in_line; j++) is_ours = is_ours || line[j]->group == process->group;
    if (is_ours) continue;
    last = process->group;
    kill(-last, signal);
  }
}

static long freeze(struct tree *tree) {
  int64_t end = monotonic_ms() + FREEZE_MS;
  long living;
  bool has_new;
  tree->stopped.count = 0;
  do {
    living = tree_look(tree);
    if (living <= 0) return living;
    has_new = false;
    for (size_t i = 0; i < tree->now.count; i++) {
      const struct process *process = &tree->now.items[i];
      if (!process->is_member || process->is_zombie || is_known(&tree->stopped, process)) continue;
      has_new = true;
      if (!process->is_stopped) process_signal(process, SIGSTOP);
    }
    signal_groups(tree, SIGSTOP);
    remember(&tree->stopped, &tree->now);
  } while (has_new && monotonic_ms() < end);
  return living;
}

#ifdef __linux__

/// Kills our own children as fast as the kernel names them.
///
/// A process that forks, leaves its session and ends, over and over, is gone before a look at the whole system is
/// complete. But each such orphan becomes our child at once, and the pid of a child stays taken until we reap it, so
/// here no identity has to be compared and nothing slow stands between seeing and killing.
static void kill_children(void) {
  enum { ROUNDS = 200 };
  char text[8192];
  int file = open("/proc/thread-self/children", O_RDONLY | O_CLOEXEC);
  if (file < 0) return;
  for (int round = 0; round < ROUNDS; round++) {
    ssize_t count = pread(file, text, sizeof text - 1, 0);
    if (count <= 0) break;
    text[count] = 0;
    // A number that the end of the buffer cut in two is not a pid.
    if (count == (ssize_t)sizeof text - 1) {
      char *last = strrchr(text, ' ');
      if (last != NULL) *last = 0;
    }
    for (char *cursor = text;;) {
      char *end = NULL;
      long pid = strtol(cursor, &end, 10);
      if (end == cursor) break;
      if (pid > 1) kill((pid_t)pid, SIGKILL);
      cursor = end;
    }
  }
  close(file);
}

#endif

long tree_kill(struct tree *tree) {
#ifdef __linux__
  if (tree->root == getpid()) kill_children();
#endif
  long living = freeze(tree);
  if (living <= 0) return living;
  signal_groups(tree, SIGKILL);
  for (size_t i = 0; i < tree->now.count; i++) {
    const struct process *process = &tree->now.items[i];
    if (process->is_member && !process->is_zombie) process_signal(process, SIGKILL);
  }
  return living;
}

void tree_free(struct tree *tree) {
  process_table_free(&tree->now);
  process_table_free(&tree->asked);
  process_table_free(&tree->stopped);
}
