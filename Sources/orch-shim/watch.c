#include "common.h"
#include "supervise.h"

#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>

enum {
  // How often the size of the output is looked at, new members are asked to end, and the killing is repeated.
  OUTPUT_MS = 100,
  ASK_MS = 50,
  KILL_MS = 10,
  // What cannot be killed (another user's, or stuck in the kernel) must not keep the result from being told.
  GIVE_UP_MS = 10000,
  // A tree of this size while it was asked to end is a fork bomb: no more politeness.
  BOMB = 3000,
};

static int wake_pipe[2] = {-1, -1};
static volatile sig_atomic_t stop_requests;

static void on_signal(int number) {
  int saved = errno;
  if (number == SIGTERM) stop_requests++;
  ssize_t ignored = write(wake_pipe[1], "s", 1);
  (void)ignored;
  errno = saved;
}

void listen_to_signals(void) {
  if (pipe(wake_pipe) == 0) {
    for (int i = 0; i < 2; i++) {
      fcntl(wake_pipe[i], F_SETFD, FD_CLOEXEC);
      fcntl(wake_pipe[i], F_SETFL, O_NONBLOCK);
    }
  }
  struct sigaction action;
  memset(&action, 0, sizeof action);
  action.sa_handler = on_signal;
  action.sa_flags = SA_RESTART | SA_NOCLDSTOP;
  sigemptyset(&action.sa_mask);
  sigaction(SIGTERM, &action, NULL);
  sigaction(SIGCHLD, &action, NULL);
}

/// Reaps everything that ended. False when there is no child left, of whatever generation.
static bool reap(struct run *run) {
  for (;;) {
    int status = 0;
    pid_t pid = waitpid(-1, &status, WNOHANG);
    if (pid < 0 && errno == EINTR) continue;
    if (pid <= 0) return pid == 0;
    if (pid == run->child) {
      run->is_child_gone = true;
      run->status = status;
    }
  }
}

/// On Linux every orphan of the tree becomes our child, so "no children" proves that nothing is left.
static bool is_over(struct run *run, bool has_children) {
  if (!run->is_child_gone || has_children) return false;
#ifdef __linux__
  return true;
#else
  return tree_look(&run->tree) == 0;
#endif
}

static void begin_end(struct run *run, const char *cause, int64_t grace) {
  int64_t kill_at = monotonic_ms() + grace;
  if (run->phase != RUNNING) {
    if (cause != NULL && kill_at < run->kill_at) run->kill_at = kill_at;
    return;
  }
  run->phase = ASKING;
  run->cause = cause;
  run->kill_at = kill_at;
}

/// The grace that the stopper wrote into the run directory before it signalled, or the one of the spec.
static int64_t requested_grace(struct run *run) {
  char text[32];
  int file = openat(run->directory, "stop", O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
  if (file < 0) return run->spec.grace_ms;
  ssize_t count = read(file, text, sizeof text - 1);
  close(file);
  if (count <= 0) return run->spec.grace_ms;
  text[count] = 0;
  char *end = NULL;
  errno = 0;
  long long value = strtoll(text, &end, 10);
  bool is_number = errno == 0 && end != text && value >= 0 && value <= INT64_MAX / 2;
  return is_number ? value : run->spec.grace_ms;
}

static bool is_over_limit(struct run *run) {
  struct stat output, error;
  if (run->spec.output_limit <= 0) return false;
  bool too_long = fstat(run->output, &output) == 0 && output.st_size > run->spec.output_limit;
  return too_long || (fstat(run->error, &error) == 0 && error.st_size > run->spec.output_limit);
}

static bool is_starter_gone(struct run *run) {
  if (run->starter < 0) return false;
  char word;
  ssize_t got = recv(run->starter, &word, 1, MSG_DONTWAIT);
  if (got > 0 || (got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR))) return false;
  close(run->starter);
  run->starter = -1;
  return true;
}

static void look_for_causes(struct run *run, int64_t now) {
  static int seen_requests;
  if (stop_requests != seen_requests) {
    seen_requests = stop_requests;
    begin_end(run, "stopped", requested_grace(run));
  }
  if (is_starter_gone(run)) begin_end(run, "parent-gone", run->spec.grace_ms);
  if (run->phase != RUNNING) return;
  if (run->is_child_gone) {
    begin_end(run, NULL, run->spec.grace_ms);
  } else if (run->deadline > 0 && now >= run->deadline) {
    begin_end(run, "deadline", run->spec.grace_ms);
  } else if (is_over_limit(run)) {
    begin_end(run, "output-limit", run->spec.grace_ms);
  }
}

static void proceed(struct run *run, int64_t now) {
  long seen = 0;
  if (run->phase == ASKING) {
    seen = now < run->kill_at ? tree_ask(&run->tree) : BOMB;
    if (seen >= BOMB) {
      run->phase = KILLING;
      run->give_up_at = now + GIVE_UP_MS;
    }
  }
  if (run->phase == KILLING) seen = tree_kill(&run->tree);
  // Without a view of the processes there is still the group of the child; unreaped, it cannot be another's.
  if (seen < 0 && !run->is_child_gone) kill(-run->child, run->phase == KILLING ? SIGKILL : SIGTERM);
}

static int next_wait(const struct run *run, int64_t now) {
  if (run->phase == KILLING) return KILL_MS;
  int64_t wait = -1;
  if (run->phase == ASKING) {
    wait = run->kill_at - now < ASK_MS ? run->kill_at - now : ASK_MS;
  } else {
    if (run->deadline > 0) wait = run->deadline - now;
    if (run->spec.output_limit > 0 && (wait < 0 || wait > OUTPUT_MS)) wait = OUTPUT_MS;
    if (wait < 0 && run->deadline == 0) return -1;
  }
  return wait < 0 ? 0 : wait > 3600000 ? 3600000 : (int)wait;
}

static void wait_for_news(struct run *run, int timeout) {
  struct pollfd sources[2] = {{.fd = wake_pipe[0], .events = POLLIN}, {.fd = run->starter, .events = POLLIN}};
  // Should the pipe not exist, signals still interrupt the wait; the bound covers one that came just before it.
  if (wake_pipe[0] < 0 && (timeout < 0 || timeout > OUTPUT_MS)) timeout = OUTPUT_MS;
  poll(sources, 2, timeout);
  char words[64];
  while (wake_pipe[0] >= 0 && read(wake_pipe[0], words, sizeof words) > 0) continue;
}

void watch(struct run *run) {
  spec_forget_secrets(&run->spec);
  run->tree.root = getpid();
#ifndef __linux__
  static char mark[192];
  snprintf(mark, sizeof mark, "ORCH_RUN_ID=%s", run->spec.run_id);
  run->tree.mark = mark;
#endif
  if (run->spec.deadline_ms > 0) run->deadline = run->started + run->spec.deadline_ms;
  for (;;) {
    bool has_children = reap(run);
    if (is_over(run, has_children)) break;
    int64_t now = monotonic_ms();
    if (run->give_up_at > 0 && now >= run->give_up_at) break;
    look_for_causes(run, now);
    proceed(run, now);
    wait_for_news(run, next_wait(run, monotonic_ms()));
  }
  tree_free(&run->tree);
}
