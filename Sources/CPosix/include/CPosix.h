#ifndef CPOSIX_H
#define CPOSIX_H

// What Swift cannot call by itself: variadic functions, function-like macros, system calls without a wrapper, and
// the few places where Linux and macOS do one thing in two ways. Every function returns 0 (or a descriptor, or a
// count) on success and -errno on failure, because errno does not survive a thread change.

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#pragma clang assume_nonnull begin

/// What to start. `path` is used as it is: no search in PATH.
struct cposix_spawn_request {
  const char *path;
  char *const _Nullable *_Nonnull arguments;
  char *const _Nullable *_Nonnull environment;
  const char *_Nullable directory;
  int standard_input;
  int standard_output;
  int standard_error;
  /// Becomes descriptor 3 of the child; -1 for none.
  int extra;
};

/// Starts a program as leader of its own session, with default signals and no descriptor but the named ones.
int cposix_spawn(const struct cposix_spawn_request *request, pid_t *child);

/// Lets this process have as many open files as the system allows it, up to `most`. On Linux, programs that it starts
/// afterwards have the limit that it had itself: some go through all numbers, others count on small ones. Call it once.
int cposix_raise_descriptor_limit(uint64_t most);

/// A descriptor that polls readable once the process has exited (also unreaped); -ENOSYS where there is none.
int cposix_exit_descriptor(pid_t process);

enum cposix_exit_kind { cposix_still_running = 0, cposix_exited = 1, cposix_signalled = 2, cposix_not_a_child = 3 };

/// Whether the child has exited, without reaping it: its pid stays reserved.
int cposix_peek_exit(pid_t child);

/// Reaps the child if it has exited; `value` is its exit code or signal.
enum cposix_exit_kind cposix_reap(pid_t child, int *value);

/// When the process started, in a unit of the system that only serves to compare; -ESRCH when it is gone or a zombie.
int cposix_start_time(pid_t process, uint64_t *start);

/// CPU time in milliseconds that a process and everything below it have used, those that have ended included as far as
/// their parents have reaped them; -ENOSYS where the system does not tell. Looks at no process outside of the tree.
int cposix_tree_cpu(pid_t root, uint64_t *milliseconds);

/// A number that differs when a file below the directory was made, changed or removed; `.git` at its top is left out.
/// Looks at no more than `limit` entries, follows no link, reads no content.
int cposix_tree_digest(const char *directory, size_t limit, uint64_t *digest);

/// Signals the process only if it is still the one that started then; -ESRCH otherwise.
int cposix_signal_identified(pid_t process, uint64_t start, int signal);

/// The identifier of this boot of the machine, zero-terminated.
int cposix_boot_id(char *buffer, size_t capacity);

/// The file of the running program with all links resolved, zero-terminated.
int cposix_executable_path(char *buffer, size_t capacity);

/// A pipe whose ends no child inherits: [0] reads, [1] writes.
int cposix_pipe(int *descriptors);

/// Two connected stream sockets that no child inherits.
int cposix_socket_pair(int *descriptors);

int cposix_set_nonblocking(int descriptor);

/// `write` that answers -EPIPE instead of raising SIGPIPE.
ssize_t cposix_write(int descriptor, const void *bytes, size_t count);

/// Starts a detached thread on which no signal of the program is handled.
int cposix_start_thread(void (*body)(void *_Nullable), void *_Nullable argument);

/// Takes a descriptor that came through a socket; -ECONNRESET when the other end closed without one. Does not block
/// where the socket does not.
int cposix_receive_descriptor(int connection);

/// Accepts without waiting. The connection does not block and is inherited by no child.
int cposix_accept(int listener);

/// Begins a TCP connection to an address of 4 or 16 bytes; writable once it stands or has failed.
int cposix_connect(const uint8_t *address, size_t length, uint16_t port);

/// Whether the connection stands: 0, or why it does not.
int cposix_socket_error(int descriptor);

/// Tells the other end of a connection that no more comes.
int cposix_end_writing(int descriptor);

/// 4 or 16 bytes in the order of the network.
struct cposix_address {
  size_t length;
  uint8_t bytes[16];
};

/// Asks the resolver of the system, which may take seconds. Returns how many addresses there are.
int cposix_resolve(const char *name, struct cposix_address *addresses, int capacity);

#pragma clang assume_nonnull end

#endif
