#ifndef ORCH_SUPERVISE_H
#define ORCH_SUPERVISE_H

#include "record.h"
#include "spec.h"
#include "tree.h"

#include <sys/resource.h>

/// The supervision of one child, from its spec to its exit record.
struct run {
  struct spec spec;
  int directory, lock;
  int input, output, error;
  /// The connection to the starter; -1 once it is not needed.
  int starter;
  mode_t mask;
  struct record pid_record, exit_record;
  struct tree tree;

  pid_t child;
  bool is_child_gone;
  int status;
  int64_t started_wall, started, ended_wall, ended;

  /// Why the child was told to end: a word of the exit record, or NULL while it runs as it likes.
  const char *cause;
  enum { RUNNING, ASKING, KILLING } phase;
  int64_t deadline, kill_at, give_up_at;
};

/// `orch-shim RUN_DIRECTORY`. Returns the exit status of the program.
int supervise(const char *directory);

/// Starts the child up to its exec. Returns the failed step ("exec", ...) with `errno` in `code`, or NULL.
const char *launch(struct run *run, int *code);

/// From now on a request to stop is noticed. Comes before the child, which must not miss one.
void listen_to_signals(void);

/// Waits for the end of the whole tree, ending it when there is a reason to.
void watch(struct run *run);

/// `orch-shim --sweep RUN_DIRECTORY RUN_ID GRACE_MS`: ends what is left of a run whose shim died; prints how many.
int sweep(const char *directory, const char *run_id, const char *grace);

#endif
