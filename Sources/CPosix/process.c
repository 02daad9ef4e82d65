#ifndef _GNU_SOURCE
#define _GNU_SOURCE 1
#endif
#include "CPosix.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#ifdef __linux__
#include <sys/syscall.h>
// The numbers are the same on every architecture of Linux; older headers do not name them.
#ifndef SYS_pidfd_send_signal
#define SYS_pidfd_send_signal 424
#endif
#ifndef SYS_pidfd_open
#define SYS_pidfd_open 434
#endif
#else
#include <libproc.h>
#include <mach-o/dyld.h>
#include <sys/event.h>
#include <sys/sysctl.h>
#endif

int cposix_peek_exit(pid_t child) {
  siginfo_t info;
  memset(&info, 0, sizeof info);
  int code;
  do {
    code = waitid(P_PID, (id_t)child, &info, WEXITED | WNOHANG | WNOWAIT);
  } while (code < 0 && errno == EINTR);
  if (code < 0) return -errno;
  return info.si_pid == child ? 1 : 0;
}

enum cposix_exit_kind cposix_reap(pid_t child, int *value) {
  int status = 0;
  pid_t reaped;
  *value = 0;
  do {
    reaped = waitpid(child, &status, WNOHANG);
  } while (reaped < 0 && errno == EINTR);
  if (reaped < 0) return cposix_not_a_child;
  if (reaped == 0) return cposix_still_running;
  if (WIFSIGNALED(status)) {
    *value = WTERMSIG(status);
    return cposix_signalled;
  }
  *value = WEXITSTATUS(status);
  return cposix_exited;
}

#ifdef __linux__

static int read_text(const char *path, char *buffer, size_t capacity) {
  int file = open(path, O_RDONLY | O_CLOEXEC);
  if (file < 0) return -errno;
  ssize_t count;
  do {
    count = read(file, buffer, capacity - 1);
  } while (count < 0 && errno == EINTR);
  int code = count < 0 ? -errno : 0;
  close(file);
  if (code == 0) buffer[count] = 0;
  return code;
}

int cposix_start_time(pid_t process, uint64_t *start) {
  char path[64], text[1024];
  snprintf(path, sizeof path, "/proc/%d/stat", (int)process);
  int code = read_text(path, text, sizeof text);
  if (code == -ENOENT || code == -ESRCH) return -ESRCH;
  if (code != 0) return code;
  // The name may hold spaces and parentheses: the fields are counted from the last parenthesis.
  char *field = strrchr(text, ')');
  if (field == NULL || field[1] != ' ') return -EPROTO;
  field += 2;
  if (*field == 'Z' || *field == 'X') return -ESRCH;
  for (int skipped = 3; skipped < 22; skipped++) {
    field = strchr(field, ' ');
    if (field == NULL) return -EPROTO;
    field++;
  }
  *start = strtoull(field, NULL, 10);
  return 0;
}

int cposix_exit_descriptor(pid_t process) {
  int descriptor = (int)syscall(SYS_pidfd_open, process, 0);
  return descriptor < 0 ? -errno : descriptor;
}

int cposix_signal_identified(pid_t process, uint64_t start, int signal) {
  if (process <= 1) return -ESRCH;
  // The order matters: the descriptor pins the process, so what is compared is what is signalled.
  int descriptor = cposix_exit_descriptor(process);
  if (descriptor == -ESRCH) return -ESRCH;
  uint64_t found = 0;
  int code = cposix_start_time(process, &found);
  if (code == 0 && found != start) code = -ESRCH;
  if (code == 0) {
    long sent = descriptor >= 0 ? syscall(SYS_pidfd_send_signal, descriptor, signal, NULL, 0) : kill(process, signal);
    if (sent < 0) code = -errno;
  }
  if (descriptor >= 0) close(descriptor);
  return code;
}

int cposix_boot_id(char *buffer, size_t capacity) {
  int code = read_text("/proc/sys/kernel/random/boot_id", buffer, capacity);
  if (code == 0) buffer[strcspn(buffer, "\n")] = 0;
  return code;
}

int cposix_executable_path(char *buffer, size_t capacity) {
  ssize_t count = readlink("/proc/self/exe", buffer, capacity - 1);
  if (count < 0) return -errno;
  buffer[count] = 0;
  return 0;
}

#else

int cposix_start_time(pid_t process, uint64_t *start) {
  struct proc_bsdinfo info;
  int size = proc_pidinfo(process, PROC_PIDTBSDINFO, 0, &info, sizeof info);
  if (size != (int)sizeof info || info.pbi_status == SZOMB) return -ESRCH;
  *start = info.pbi_start_tvsec * 1000000ull + info.pbi_start_tvusec;
  return 0;
}

int cposix_exit_descriptor(pid_t process) {
  int queue = kqueue();
  if (queue < 0) return -errno;
  fcntl(queue, F_SETFD, FD_CLOEXEC);
  struct kevent change;
  EV_SET(&change, (uintptr_t)process, EVFILT_PROC, EV_ADD | EV_ONESHOT, NOTE_EXIT, 0, NULL);
  if (kevent(queue, &change, 1, NULL, 0, NULL) < 0) {
    int code = -errno;
    close(queue);
    return code;
  }
  return queue;
}

int cposix_signal_identified(pid_t process, uint64_t start, int signal) {
  if (process <= 1) return -ESRCH;
  uint64_t found = 0;
  int code = cposix_start_time(process, &found);
  if (code != 0) return code;
  if (found != start) return -ESRCH;
  return kill(process, signal) < 0 ? -errno : 0;
}

int cposix_boot_id(char *buffer, size_t capacity) {
  size_t size = capacity;
  if (sysctlbyname("kern.bootsessionuuid", buffer, &size, NULL, 0) < 0) return -errno;
  buffer[capacity - 1] = 0;
  return 0;
}

int cposix_executable_path(char *buffer, size_t capacity) {
  char raw[PATH_MAX], resolved[PATH_MAX];
  uint32_t size = sizeof raw;
  if (_NSGetExecutablePath(raw, &size) != 0) return -ENAMETOOLONG;
  if (realpath(raw, resolved) == NULL) return -errno;
  if (strlen(resolved) >= capacity) return -ENAMETOOLONG;
  strcpy(buffer, resolved);
  return 0;
}

#endif
