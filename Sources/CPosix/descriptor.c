#ifndef _GNU_SOURCE
#define _GNU_SOURCE 1
#endif
#include "CPosix.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#ifdef __linux__

int cposix_pipe(int *descriptors) { return pipe2(descriptors, O_CLOEXEC) < 0 ? -errno : 0; }

int cposix_socket_pair(int *descriptors) {
  return socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, descriptors) < 0 ? -errno : 0;
}

#else

// The gap between the two calls is harmless here: cposix_spawn closes everything that it does not name.
static int keep_from_children(int *descriptors) {
  for (int i = 0; i < 2; i++) {
    fcntl(descriptors[i], F_SETFD, FD_CLOEXEC);
    fcntl(descriptors[i], F_SETNOSIGPIPE, 1);
  }
  return 0;
}

int cposix_pipe(int *descriptors) { return pipe(descriptors) < 0 ? -errno : keep_from_children(descriptors); }

int cposix_socket_pair(int *descriptors) {
  return socketpair(AF_UNIX, SOCK_STREAM, 0, descriptors) < 0 ? -errno : keep_from_children(descriptors);
}

#endif

int cposix_set_nonblocking(int descriptor) {
  int flags = fcntl(descriptor, F_GETFL);
  if (flags < 0) return -errno;
  return fcntl(descriptor, F_SETFL, flags | O_NONBLOCK) < 0 ? -errno : 0;
}

static ssize_t write_once(int descriptor, const void *bytes, size_t count) {
  ssize_t written;
  do {
    written = write(descriptor, bytes, count);
  } while (written < 0 && errno == EINTR);
  return written < 0 ? -errno : written;
}

#ifdef __linux__

// The disposition of SIGPIPE belongs to the program, so the signal is held back and taken from this thread alone.
ssize_t cposix_write(int descriptor, const void *bytes, size_t count) {
  sigset_t pipe_only, before, pending;
  sigemptyset(&pipe_only);
  sigaddset(&pipe_only, SIGPIPE);
  sigpending(&pending);
  bool was_pending = sigismember(&pending, SIGPIPE) == 1;
  if (pthread_sigmask(SIG_BLOCK, &pipe_only, &before) != 0) return -EINVAL;
  ssize_t result = write_once(descriptor, bytes, count);
  if (result == -EPIPE && !was_pending) {
    const struct timespec at_once = {0, 0};
    while (sigtimedwait(&pipe_only, NULL, &at_once) < 0 && errno == EINTR) continue;
  }
  pthread_sigmask(SIG_SETMASK, &before, NULL);
  return result;
}

#else

ssize_t cposix_write(int descriptor, const void *bytes, size_t count) {
  return write_once(descriptor, bytes, count);
}

#endif

struct thread_start {
  void (*body)(void *);
  void *argument;
};

static void *run_thread(void *raw) {
  struct thread_start start = *(struct thread_start *)raw;
  free(raw);
  start.body(start.argument);
  return NULL;
}

int cposix_start_thread(void (*body)(void *), void *argument) {
  struct thread_start *start = malloc(sizeof *start);
  if (start == NULL) return -ENOMEM;
  start->body = body;
  start->argument = argument;
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  pthread_t thread;
  int code = pthread_create(&thread, NULL, run_thread, start);
  pthread_sigmask(SIG_SETMASK, &before, NULL);
  if (code != 0) {
    free(start);
    return -code;
  }
  pthread_detach(thread);
  return 0;
}
