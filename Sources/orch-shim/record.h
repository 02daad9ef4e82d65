#ifndef ORCH_RECORD_H
#define ORCH_RECORD_H

#include <stdbool.h>
#include <stddef.h>

enum { RECORD_SIZE = 4096 };

/// A file that appears under its name complete or not at all.
struct record {
  int directory;
  const char *name, *draft;
  /// Holds the space on the disk from the start, so that the end of a run can be written on a full disk; -1: none.
  int reserved;
  char text[RECORD_SIZE];
  size_t length;
};

/// Creates the draft and takes its space. Returns 0 or an errno.
int record_reserve(struct record *record, int directory, const char *name, const char *draft);

/// Appends a line of the form `key value`.
void record_add(struct record *record, const char *format, ...) __attribute__((format(printf, 2, 3)));

/// Writes, syncs and renames. Returns 0 or an errno; may be called again after a failure.
int record_publish(struct record *record);

/// As `record_publish`, and goes on until it succeeds or nobody can ever read it because the directory is gone.
bool record_publish_surely(struct record *record);

/// Removes a draft that will not be needed.
void record_drop(struct record *record);

#endif
