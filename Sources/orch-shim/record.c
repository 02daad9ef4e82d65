#include "common.h"
#include "record.h"

#include <stdarg.h>
#include <sys/stat.h>

enum { RETRY_FIRST_MS = 20, RETRY_MOST_MS = 1000 };

static int write_fully(int file, const char *bytes, size_t count) {
  size_t done = 0;
  while (done < count) {
    ssize_t written = pwrite(file, bytes + done, count - done, (off_t)done);
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return errno;
    done += (size_t)written;
  }
  return 0;
}

int record_reserve(struct record *record, int directory, const char *name, const char *draft) {
  memset(record, 0, sizeof *record);
  record->directory = directory;
  record->name = name;
  record->draft = draft;
  record->reserved = openat(directory, draft, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (record->reserved < 0) return errno;
  int code = write_fully(record->reserved, record->text, RECORD_SIZE);
  if (code != 0) record_drop(record);
  return code;
}

void record_add(struct record *record, const char *format, ...) {
  size_t room = RECORD_SIZE - record->length;
  va_list values;
  va_start(values, format);
  int count = vsnprintf(record->text + record->length, room, format, values);
  va_end(values);
  // Every line is far shorter than the room; one that does not fit is left out whole rather than cut.
  if (count > 0 && (size_t)count < room) record->length += (size_t)count;
}

int record_publish(struct record *record) {
  if (record->reserved < 0) {
    record->reserved = openat(record->directory, record->draft, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (record->reserved < 0) return errno;
  }
  int code = write_fully(record->reserved, record->text, record->length);
  if (code == 0 && ftruncate(record->reserved, (off_t)record->length) < 0) code = errno;
  if (code == 0 && fsync(record->reserved) < 0) code = errno;
  if (code == 0 && renameat(record->directory, record->draft, record->directory, record->name) < 0) code = errno;
  close(record->reserved);
  record->reserved = -1;
  if (code == 0) fsync(record->directory);
  return code;
}

bool record_publish_surely(struct record *record) {
  int wait = RETRY_FIRST_MS;
  while (record_publish(record) != 0) {
    struct stat status;
    if (fstat(record->directory, &status) == 0 && status.st_nlink == 0) return false;
    pause_ms(wait);
    wait = wait * 2 < RETRY_MOST_MS ? wait * 2 : RETRY_MOST_MS;
  }
  return true;
}

void record_drop(struct record *record) {
  if (record->reserved >= 0) close(record->reserved);
  record->reserved = -1;
  unlinkat(record->directory, record->draft, 0);
}
