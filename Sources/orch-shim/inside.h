#ifndef ORCH_INSIDE_H
#define ORCH_INSIDE_H

/// `orch-shim --inside [--listen PORT] -- PROGRAM ARGUMENT...`: the first program in a sandbox. Closes what a mount
/// cannot close, opens the way to the proxy, and becomes the program. `words` begins behind `--inside`.
int inside(char **words);

#endif
