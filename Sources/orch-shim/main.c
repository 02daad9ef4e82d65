// orch-shim: supervises one child tree, so that an agent outlives the orchestrator and can be adopted again.
//
// It is C without a runtime because one runs beside every agent, and because it forks.

#include "common.h"
#include "inside.h"
#include "supervise.h"

int main(int count, char **words) {
  if (count == 2 && words[1][0] != '-') return supervise(words[1]);
  if (count == 5 && strcmp(words[1], "--sweep") == 0) return sweep(words[2], words[3], words[4]);
  if (count > 2 && strcmp(words[1], "--inside") == 0) return inside(words + 2);
  fprintf(stderr, "orch-shim: error: this program is started by claude-orch and is of no use by itself\n");
  return 64;
}
