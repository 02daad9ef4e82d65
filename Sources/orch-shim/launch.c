#include "common.h"
#include "supervise.h"

#include <sys/stat.h>
#include <sys/wait.h>

#ifdef __linux__
#include <sys/prctl.h>
#include <sys/syscall.h>
#ifndef SYS_close_range
#define SYS_close_range 436
#endif
#endif

/// What the child reports when it cannot become the program.
struct trouble {
  char step[16];
  int code;
};

static int make_pipe(int *ends) {
  if (pipe(ends) < 0) return errno;
  for (int i = 0; i < 2; i++) fcntl(ends[i], F_SETFD, FD_CLOEXEC);
  return 0;
}

/// Everything from 3 on is closed by exec, whoever opened it.
static void close_on_exec(void) {
#ifdef __linux__
  enum { CLOSE_RANGE_ON_EXEC = 4 };
  if (syscall(SYS_close_range, 3, ~0U, CLOSE_RANGE_ON_EXEC) == 0) return;
#endif
  long most = sysconf(_SC_OPEN_MAX);
  for (int i = 3; i < (most > 0 && most < 65536 ? most : 65536); i++) fcntl(i, F_SETFD, FD_CLOEXEC);
}

static void reset_signals(void) {
  for (int number = 1; number < NSIG; number++) {
    if (number != SIGKILL && number != SIGSTOP) signal(number, SIG_DFL);
  }
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, NULL);
}

static _Noreturn void fail(int reports, const char *step, int code) {
  struct trouble trouble = {.code = code};
  snprintf(trouble.step, sizeof trouble.step, "%s", step);
  ssize_t ignored = write(reports, &trouble, sizeof trouble);
  (void)ignored;
  _exit(127);
}

static _Noreturn void become(struct run *run, int go, int reports, pid_t shim) {
  char word;
  ssize_t got;
  setsid();
#ifdef __linux__
  // The shim has one thread, so "the parent thread died" means that the shim died.
  if (run->spec.die_with_parent) prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
#endif
  do {
    got = read(go, &word, 1);
  } while (got < 0 && errno == EINTR);
  if (got != 1 || getppid() != shim) _exit(127);
  umask(run->mask);
  if (run->spec.directory != NULL && chdir(run->spec.directory) < 0) fail(reports, "chdir", errno);
  int input = fcntl(run->input, F_DUPFD_CLOEXEC, 10);
  int output = fcntl(run->output, F_DUPFD_CLOEXEC, 10);
  int error = fcntl(run->error, F_DUPFD_CLOEXEC, 10);
  int moved = fcntl(reports, F_DUPFD_CLOEXEC, 10);
  if (moved < 0) fail(reports, "streams", errno);
  if (dup2(input, 0) < 0 || dup2(output, 1) < 0 || dup2(error, 2) < 0) fail(moved, "streams", errno);
  close_on_exec();
  reset_signals();
  execve(run->spec.executable, run->spec.arguments, run->spec.environment);
  fail(moved, "exec", errno);
}

/// Adds the mark by which the tree is found when we are gone, in place of one that the starter may have given.
static void add_mark(struct spec *spec) {
  static char mark[192];
  snprintf(mark, sizeof mark, "ORCH_RUN_ID=%s", spec->run_id);
  size_t kept = 0;
  for (size_t i = 0; spec->environment[i] != NULL; i++) {
    if (strncmp(spec->environment[i], "ORCH_RUN_ID=", 12) != 0) spec->environment[kept++] = spec->environment[i];
  }
  spec->environment[kept++] = mark;
  spec->environment[kept] = NULL;
}

static int write_pid(struct run *run) {
  struct process shim, child;
  char boot[128];
  if (!process_read(getpid(), &shim) || !process_read(run->child, &child)) return ESRCH;
  boot_id(boot, sizeof boot);
  struct record *record = &run->pid_record;
  record_add(record, "orch-pid 1\nrun_id %s\n", run->spec.run_id);
  record_add(record, "shim %d %llu\n", (int)shim.pid, (unsigned long long)shim.start);
  record_add(record, "child %d %llu\n", (int)child.pid, (unsigned long long)child.start);
  record_add(record, "boot %s\nstarted_ms %lld\nend\n", boot, (long long)wall_ms());
  return record_publish(record);
}

static const char *await_exec(struct run *run, int reports, int *code) {
  struct trouble trouble;
  size_t count = 0;
  while (count < sizeof trouble) {
    ssize_t got = read(reports, (char *)&trouble + count, sizeof trouble - count);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) break;
    count += (size_t)got;
  }
  if (count < sizeof trouble) return NULL;  // closed by exec
  static char step[sizeof trouble.step];
  memcpy(step, trouble.step, sizeof step);
  step[sizeof step - 1] = 0;
  *code = trouble.code;
  while (waitpid(run->child, &run->status, 0) < 0 && errno == EINTR) continue;
  run->is_child_gone = true;
  return step;
}

const char *launch(struct run *run, int *code) {
  int go[2], reports[2];
  *code = make_pipe(go);
  if (*code != 0) return "pipe";
  *code = make_pipe(reports);
  if (*code != 0) return "pipe";
  add_mark(&run->spec);
  pid_t shim = getpid();
  run->child = fork();
  if (run->child < 0) {
    *code = errno;
    return "fork";
  }
  if (run->child == 0) {
    close(go[1]);
    close(reports[0]);
    become(run, go[0], reports[1], shim);
  }
  close(go[0]);
  close(reports[1]);
  close(run->input);
  run->input = -1;
  // The child must not run before it can be found: without the record it is never let go.
  *code = write_pid(run);
  const char *step = *code == 0 ? NULL : "record";
  run->started = monotonic_ms();
  run->started_wall = wall_ms();
  ssize_t sent = step == NULL ? write(go[1], "g", 1) : 0;
  close(go[1]);
  if (step == NULL && sent == 1) step = await_exec(run, reports[0], code);
  if (step != NULL && !run->is_child_gone) {
    while (waitpid(run->child, &run->status, 0) < 0 && errno == EINTR) continue;
  }
  close(reports[0]);
  return step;
}
