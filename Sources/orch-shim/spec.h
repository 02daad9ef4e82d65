#ifndef ORCH_SPEC_H
#define ORCH_SPEC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// The descriptor of the connection to the starter. The spec comes through it and not through a file, the command line
// or our own environment, because it holds the secrets of the child: what passes through a socket is on no disk, in
// no `ps`, and can be read once only.
enum { SPEC_DESCRIPTOR = 3, SPEC_LIMIT = 16 * 1024 * 1024 };

/// What to run, as the starter sent it. The strings point into `payload`.
struct spec {
  char *payload;
  size_t payload_size;
  char run_id[129];
  const char *executable;
  const char *directory;
  const char *input;
  char **arguments;
  char **environment;
  int64_t deadline_ms;  // 0: none
  int64_t grace_ms;
  int64_t output_limit;  // bytes of each stream; 0: none
  bool die_with_parent;
};

/// Reads and checks the message. Returns 0, or an errno: EPROTO for a message of another version.
int spec_read(int descriptor, struct spec *spec);

/// Overwrites the arguments and the environment once the child has them; the run id and the limits stay.
void spec_forget_secrets(struct spec *spec);

/// Letters, digits, dot, dash and underscore: fit for an environment entry and a record line.
bool spec_is_run_id(const char *text);

#endif
