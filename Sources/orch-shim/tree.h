#ifndef ORCH_TREE_H
#define ORCH_TREE_H

#include "process_table.h"

/// Which processes belong to a run, and what is known of them.
struct tree {
  /// Everything below this process belongs to the tree, itself not; 0: nothing.
  pid_t root;
  /// This process and everything below it belongs to the tree; pid 0: nothing.
  struct process child;
  /// Whoever was started with this environment entry belongs to the tree, and everything below; NULL: nobody.
  const char *mark;

  /// What the last look showed, and who was sent TERM and STOP already.
  struct process_table now, asked, stopped;
};

/// Looks again. Returns how many live, or -1 when the system did not answer.
///
/// This process and its own ancestors never belong to the tree, whatever their environment says.
long tree_look(struct tree *tree);

/// Sends TERM (and CONT, so that stopped ones hear it) to every member that was not asked before.
long tree_ask(struct tree *tree);

/// Stops everything first, until a look shows nobody new, and then kills it: what is stopped cannot fork.
long tree_kill(struct tree *tree);

void tree_free(struct tree *tree);

/// Signals the process only if it is still the one in the table.
bool process_signal(const struct process *process, int signal);

#endif
