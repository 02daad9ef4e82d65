#ifndef ORCH_PROCESS_TABLE_H
#define ORCH_PROCESS_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/// One process as the system showed it at one moment.
struct process {
  pid_t pid, parent, group;
  uint64_t start;   // comparable only; with the pid it names a process for the time of one boot
  bool is_zombie;
  bool is_stopped;
  bool is_member;   // belongs to the tree that the table was marked for
};

/// All processes, in ascending order of pid.
struct process_table {
  struct process *items;
  size_t count, capacity;
};

/// Reads one process. False when it is gone.
bool process_read(pid_t pid, struct process *process);

/// Replaces the content with what runs now. False when it could not be read.
bool process_table_read(struct process_table *table);

/// The entry of `pid`, or NULL.
struct process *process_table_find(const struct process_table *table, pid_t pid);

/// Appends; false without memory.
bool process_table_add(struct process_table *table, const struct process *process);

void process_table_free(struct process_table *table);

/// Whether the environment that the process was started with has exactly this entry.
bool process_has_mark(pid_t pid, const char *mark);

/// The identifier of this boot, zero-terminated; "unknown" where there is none.
void boot_id(char *buffer, size_t capacity);

#endif
