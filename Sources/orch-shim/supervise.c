#include "common.h"
#include "supervise.h"

#include <sys/file.h>
#include <sys/stat.h>
#include <sys/wait.h>

#ifdef __linux__
#include <sys/prctl.h>
#endif

static void reply(struct run *run, const char *step, int code) {
  char text[96];
  int count = step == NULL ? snprintf(text, sizeof text, "running\n")
                           : snprintf(text, sizeof text, "failed %s %d\n", step, code);
  // A starter that died in the meantime finds everything in the run directory.
  ssize_t ignored = write(run->starter, text, (size_t)count);
  (void)ignored;
}

static const char *take_directory(struct run *run, const char *path, int *code) {
  run->directory = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (run->directory < 0) {
    *code = errno;
    return "directory";
  }
  run->lock = openat(run->directory, "lock", O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
  // A file system without locks is no reason to refuse: what follows catches all but a simultaneous start.
  bool is_locked = run->lock >= 0 && flock(run->lock, LOCK_EX | LOCK_NB) < 0 && errno == EWOULDBLOCK;
  if (run->lock < 0 || is_locked) {
    *code = errno;
    return "lock";
  }
  // A directory holds one run for ever: a second one would overwrite the proof of the first.
  if (faccessat(run->directory, "pid", F_OK, 0) == 0 || faccessat(run->directory, "exit", F_OK, 0) == 0) {
    *code = EEXIST;
    return "used";
  }
  return NULL;
}

static const char *open_files(struct run *run, int *code) {
  const int flags = O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW;
  const char *step = "record";
  *code = record_reserve(&run->exit_record, run->directory, "exit", "exit.draft");
  if (*code != 0) return step;
  *code = record_reserve(&run->pid_record, run->directory, "pid", "pid.draft");
  if (*code == 0) {
    step = "input";
    run->input = open(run->spec.input == NULL ? "/dev/null" : run->spec.input, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    *code = run->input < 0 ? errno : 0;
  }
  if (*code == 0) {
    step = "output";
    run->output = openat(run->directory, "stdout", flags, 0600);
    run->error = run->output < 0 ? -1 : openat(run->directory, "stderr", flags, 0600);
    *code = run->error < 0 ? errno : 0;
  }
  if (*code == 0) return NULL;
  record_drop(&run->pid_record);
  record_drop(&run->exit_record);
  return step;
}

static int64_t microseconds(struct timeval time) { return (int64_t)time.tv_sec * 1000000 + time.tv_usec; }

static void write_exit(struct run *run, const char *failed_step, int code, long survivors) {
  struct record *record = &run->exit_record;
  run->ended = monotonic_ms();
  run->ended_wall = wall_ms();
  if (run->started == 0) {
    run->started = run->ended;
    run->started_wall = run->ended_wall;
  }
  struct rusage usage;
  memset(&usage, 0, sizeof usage);
  getrusage(RUSAGE_CHILDREN, &usage);
#ifdef __linux__
  const int64_t unit = 1024;
#else
  const int64_t unit = 1;
#endif
  record_add(record, "orch-exit 1\nrun_id %s\n", run->spec.run_id);
  if (failed_step != NULL) {
    record_add(record, "outcome spawn-failed\nstep %s\nerrno %d\n", failed_step, code);
  } else {
    const char *natural = WIFSIGNALED(run->status) ? "signalled" : "exited";
    record_add(record, "outcome %s\n", run->cause != NULL ? run->cause : natural);
    if (run->is_child_gone && WIFEXITED(run->status)) record_add(record, "code %d\n", WEXITSTATUS(run->status));
    if (run->is_child_gone && WIFSIGNALED(run->status)) record_add(record, "signal %d\n", WTERMSIG(run->status));
  }
  record_add(
      record, "started_ms %lld\nended_ms %lld\nelapsed_ms %lld\n", (long long)run->started_wall,
      (long long)run->ended_wall, (long long)(run->ended - run->started));
  record_add(
      record, "user_us %lld\nsystem_us %lld\nmax_rss_bytes %lld\n", (long long)microseconds(usage.ru_utime),
      (long long)microseconds(usage.ru_stime), (long long)(usage.ru_maxrss * unit));
  record_add(record, "survivors %ld\nend\n", survivors);
  // What the record vouches for must not be younger than the record after a power cut.
  if (run->output >= 0) fsync(run->output);
  if (run->error >= 0) fsync(run->error);
  record_publish_surely(record);
}

static long count_survivors(struct run *run) {
  if (run->give_up_at == 0 || monotonic_ms() < run->give_up_at) return 0;
  long living = tree_look(&run->tree);
  return living < 0 ? 0 : living;
}

static int run_in(struct run *run, const char *path) {
  int code = 0;
  const char *step = take_directory(run, path, &code);
  if (step == NULL) step = open_files(run, &code);
  if (step != NULL) {
    reply(run, step, code);
    return 1;
  }
  // From here on we hold no directory of anybody: a file system may be unmounted while the agent runs.
  if (chdir("/") < 0) return 1;
  listen_to_signals();
  step = launch(run, &code);
  if (step != NULL) {
    record_drop(&run->pid_record);
    write_exit(run, step, code, 0);
    reply(run, step, code);
    return 0;
  }
  reply(run, NULL, 0);
  if (!run->spec.die_with_parent) {
    close(run->starter);
    run->starter = -1;
  }
  watch(run);
  write_exit(run, NULL, 0, count_survivors(run));
  return 0;
}

int supervise(const char *directory) {
  static struct run run;
  run.directory = run.lock = run.input = run.output = run.error = -1;
  run.starter = SPEC_DESCRIPTOR;
  signal(SIGPIPE, SIG_IGN);
  signal(SIGHUP, SIG_IGN);
  signal(SIGINT, SIG_IGN);
  setsid();  // fails when the starter has done it already, which is as good
  if (fcntl(SPEC_DESCRIPTOR, F_SETFD, FD_CLOEXEC) < 0) return 64;
  run.mask = umask(077);
  int code = spec_read(SPEC_DESCRIPTOR, &run.spec);
  if (code != 0) {
    reply(&run, "message", code);
    return 1;
  }
#ifdef __linux__
  // Children whose parent dies come to us and not to init, also those that left the session.
  prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
#endif
  return run_in(&run, directory);
}
