// The least that a program can do for each row of the table: what our own programs are measured against.
// Every probe prints the milliseconds that its work took, without the start of the process.
#define _GNU_SOURCE
#include <dirent.h>
#include <fcntl.h>
#include <pthread.h>
#include <spawn.h>
#include <sqlite3.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include <yaml.h>

extern char **environ;

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec * 1e3 + t.tv_nsec / 1e6;
}

static void die(const char *what) {
  fprintf(stderr, "floor: %s\n", what);
  exit(1);
}

// MARK: Files

typedef struct {
  char *path;
  struct stat status;
} File;

static File *files;
static size_t count, capacity;

static void walk(int parent, const char *name, const char *path) {
  int directory = openat(parent, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (directory < 0) { die(path); }
  DIR *stream = fdopendir(directory);
  struct dirent *entry;
  while ((entry = readdir(stream)) != NULL) {
    if (entry->d_name[0] == '.') { continue; }
    char child[4096];
    snprintf(child, sizeof child, "%s/%s", path, entry->d_name);
    if (entry->d_type == DT_DIR) {
      walk(directory, entry->d_name, child);
      continue;
    }
    size_t length = strlen(entry->d_name);
    if (length < 4 || strcmp(entry->d_name + length - 3, ".md") != 0) { continue; }
    if (count == capacity) { files = realloc(files, (capacity = capacity ? capacity * 2 : 1024) * sizeof *files); }
    if (fstatat(directory, entry->d_name, &files[count].status, AT_SYMLINK_NOFOLLOW) != 0) { die(child); }
    files[count++].path = strdup(child);
  }
  closedir(stream);
}

static volatile size_t events;

static void parse(const unsigned char *text, size_t length) {
  if (length < 4 || memcmp(text, "---\n", 4) != 0) { return; }
  const unsigned char *end = memmem(text + 4, length - 4, "\n---", 4);
  if (end == NULL) { return; }
  yaml_parser_t parser;
  yaml_event_t event;
  yaml_parser_initialize(&parser);
  yaml_parser_set_input_string(&parser, text + 4, end - text - 3);
  for (int done = 0; !done;) {
    if (!yaml_parser_parse(&parser, &event)) { die("YAML"); }
    done = event.type == YAML_STREAM_END_EVENT;
    events++;
    yaml_event_delete(&event);
  }
  yaml_parser_delete(&parser);
}

static void read_one(const File *file) {
  static __thread unsigned char buffer[1 << 20];
  struct stat status;
  int descriptor = open(file->path, O_RDONLY | O_CLOEXEC);
  if (descriptor < 0 || fstat(descriptor, &status) != 0) { die(file->path); }
  ssize_t length = read(descriptor, buffer, sizeof buffer);
  close(descriptor);
  if (length > 0) { parse(buffer, length); }
}

static size_t next;

static void *reader(void *unused) {
  size_t i;
  while ((i = __atomic_fetch_add(&next, 16, __ATOMIC_RELAXED)) < count) {
    for (size_t k = i; k < i + 16 && k < count; k++) { read_one(&files[k]); }
  }
  return unused;
}

static void read_all(void) {
  pthread_t other;
  pthread_create(&other, NULL, reader, NULL);
  reader(NULL);
  pthread_join(other, NULL);
}

// MARK: SQLite

static sqlite3 *db;

static void sql(const char *text) {
  char *message = NULL;
  if (sqlite3_exec(db, text, NULL, NULL, &message) != SQLITE_OK) { die(message); }
}

static void open_database(const char *path) {
  if (sqlite3_open(path, &db) != SQLITE_OK) { die(path); }
  sql("PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL");
}

static sqlite3_stmt *prepare(const char *text) {
  sqlite3_stmt *statement;
  if (sqlite3_prepare_v2(db, text, -1, &statement, NULL) != SQLITE_OK) { die(sqlite3_errmsg(db)); }
  return statement;
}

static void run(sqlite3_stmt *statement) {
  if (sqlite3_step(statement) != SQLITE_DONE) { die(sqlite3_errmsg(db)); }
  sqlite3_reset(statement);
}

static void store_all(long edges) {
  sql("CREATE TABLE tasks (id TEXT PRIMARY KEY, module TEXT, number INT, title TEXT, path TEXT, status TEXT,"
      " priority TEXT, state TEXT, inode INT, size INT, mtime INT, hash INT, attempts INT, updated INT) WITHOUT ROWID;"
      "CREATE TABLE edges (task TEXT, depends_on TEXT, PRIMARY KEY (task, depends_on)) WITHOUT ROWID;"
      "CREATE TABLE counters (status TEXT PRIMARY KEY, n INT)");
  sql("BEGIN IMMEDIATE");
  sqlite3_stmt *task = prepare("INSERT INTO tasks VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?)");
  sqlite3_stmt *edge = prepare("INSERT INTO edges VALUES (?,?)");
  long left = edges;
  for (size_t i = 0; i < count; i++) {
    char id[32], other[32];
    snprintf(id, sizeof id, "module-%04zu/E%02zu", i / 50, i % 50);
    sqlite3_bind_text(task, 1, id, -1, SQLITE_TRANSIENT);
    sqlite3_bind_text(task, 2, "module", -1, SQLITE_STATIC);
    sqlite3_bind_int64(task, 3, i % 50);
    sqlite3_bind_text(task, 4, "Compute the object view", -1, SQLITE_STATIC);
    sqlite3_bind_text(task, 5, files[i].path, -1, SQLITE_STATIC);
    sqlite3_bind_text(task, 6, "not_started", -1, SQLITE_STATIC);
    sqlite3_bind_text(task, 7, "normal", -1, SQLITE_STATIC);
    sqlite3_bind_text(task, 8, "blocked", -1, SQLITE_STATIC);
    sqlite3_bind_int64(task, 9, files[i].status.st_ino);
    sqlite3_bind_int64(task, 10, files[i].status.st_size);
    sqlite3_bind_int64(task, 11, files[i].status.st_mtim.tv_sec * 1000000000LL + files[i].status.st_mtim.tv_nsec);
    sqlite3_bind_int64(task, 12, i * 2654435761u);
    sqlite3_bind_int64(task, 13, 0);
    sqlite3_bind_int64(task, 14, 1);
    run(task);
    long share = (long)((count - i) ? left / (long)(count - i) : left);
    for (long k = 0; k < share; k++, left--) {
      snprintf(other, sizeof other, "module-%04zu/E%02ld", (i + k) / 50, (long)(i + k * 7) % 50);
      sqlite3_bind_text(edge, 1, id, -1, SQLITE_TRANSIENT);
      sqlite3_bind_text(edge, 2, other, -1, SQLITE_TRANSIENT);
      sqlite3_step(edge);
      sqlite3_reset(edge);
    }
  }
  sql("INSERT INTO counters VALUES ('not_started', 1), ('in_progress', 0), ('complete', 0); COMMIT");
}

static volatile size_t loaded;

static void load(const char *text) {
  sqlite3_stmt *statement = prepare(text);
  while (sqlite3_step(statement) == SQLITE_ROW) {
    for (int i = 0; i < sqlite3_column_count(statement); i++) {
      if (sqlite3_column_type(statement, i) == SQLITE_TEXT) {
        loaded += (size_t)sqlite3_column_text(statement, i)[0] + sqlite3_column_bytes(statement, i);
      } else {
        loaded += sqlite3_column_int64(statement, i);
      }
    }
  }
  sqlite3_finalize(statement);
}

static void load_all(void) {
  load("SELECT * FROM tasks");
  load("SELECT * FROM edges");
}

static void update_one(void) {
  sql("BEGIN IMMEDIATE");
  sqlite3_stmt *statement = prepare("UPDATE tasks SET mtime = mtime + 1 WHERE id = 'module-0000/E07'");
  run(statement);
  sql("COMMIT");
}

// MARK: Processes

// Runs no-op programs in the order of a graph, eight at a time. Input: one line per task: "number dependency...".
static void dag(const char *path, const char *program) {
  FILE *input = fopen(path, "r");
  if (input == NULL) { die(path); }
  static char line[1 << 16];
  size_t n = 0, room = 0, edges = 0, edge_room = 0;
  int *missing = NULL, *from = NULL, *to = NULL;
  while (fgets(line, sizeof line, input) != NULL) {
    if (n == room) { missing = realloc(missing, (room = room ? room * 2 : 1024) * sizeof *missing); }
    char *rest = line;
    missing[n] = 0;
    strtol(rest, &rest, 10);
    for (;;) {
      char *end;
      long dependency = strtol(rest, &end, 10);
      if (end == rest) { break; }
      rest = end;
      if (edges == edge_room) {
        edge_room = edge_room ? edge_room * 2 : 4096;
        from = realloc(from, edge_room * sizeof *from);
        to = realloc(to, edge_room * sizeof *to);
      }
      from[edges] = (int)dependency;
      to[edges++] = (int)n;
      missing[n]++;
    }
    n++;
  }
  int *first = calloc(n + 1, sizeof *first), *dependents = malloc((edges + 1) * sizeof *dependents);
  for (size_t i = 0; i < edges; i++) { first[from[i] + 1]++; }
  for (size_t i = 0; i < n; i++) { first[i + 1] += first[i]; }
  int *fill = malloc((n + 1) * sizeof *fill);
  memcpy(fill, first, (n + 1) * sizeof *fill);
  for (size_t i = 0; i < edges; i++) { dependents[fill[from[i]]++] = to[i]; }
  int *queue = malloc((n + 1) * sizeof *queue);
  size_t head = 0, tail = 0, done = 0;
  for (size_t i = 0; i < n; i++) {
    if (missing[i] == 0) { queue[tail++] = (int)i; }
  }
  struct { pid_t pid; int task; } slots[8] = {0};
  int busy = 0;
  char *arguments[] = {(char *)program, NULL};
  while (done < n) {
    for (int s = 0; s < 8 && head < tail; s++) {
      if (slots[s].pid != 0) { continue; }
      slots[s].task = queue[head++];
      if (posix_spawn(&slots[s].pid, program, NULL, NULL, arguments, environ) != 0) { die(program); }
      busy++;
    }
    if (busy == 0) { die("the graph has a cycle"); }
    int status;
    pid_t ended = wait(&status);
    for (int s = 0; s < 8; s++) {
      if (slots[s].pid != ended) { continue; }
      for (int e = first[slots[s].task]; e < first[slots[s].task + 1]; e++) {
        if (--missing[dependents[e]] == 0) { queue[tail++] = dependents[e]; }
      }
      slots[s].pid = 0;
      busy--;
      done++;
    }
  }
}

// Runs a program and prints "wall_ms user_ms system_ms maximum_rss_kb status"; posix_spawn keeps our own small size
// out of its resident set.
static int launch(char **arguments) {
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0);
  struct rusage usage;
  pid_t pid;
  int status;
  double start = now();
  if (posix_spawnp(&pid, arguments[0], &actions, NULL, arguments, environ) != 0) { die(arguments[0]); }
  wait4(pid, &status, 0, &usage);
  double wall = now() - start;
  long rss = usage.ru_maxrss;
#ifdef __APPLE__
  rss /= 1024;
#endif
  printf("%.3f %.3f %.3f %ld %d\n", wall, usage.ru_utime.tv_sec * 1e3 + usage.ru_utime.tv_usec / 1e3,
    usage.ru_stime.tv_sec * 1e3 + usage.ru_stime.tv_usec / 1e3, rss, WIFEXITED(status) ? WEXITSTATUS(status) : 255);
  return 0;
}

int main(int argc, char **argv) {
  if (argc < 3) { die("usage: floor run PROGRAM... | cold|warm|edit PLANS DB [EDGES|FILE] | list|status DB | dag FILE PROGRAM"); }
  const char *probe = argv[1];
  if (strcmp(probe, "run") == 0) { return launch(argv + 2); }
  double start = now();
  if (strcmp(probe, "cold") == 0) {
    walk(AT_FDCWD, argv[2], argv[2]);
    read_all();
    open_database(argv[3]);
    store_all(atol(argv[4]));
  } else if (strcmp(probe, "warm") == 0 || strcmp(probe, "edit") == 0) {
    walk(AT_FDCWD, argv[2], argv[2]);
    open_database(argv[3]);
    load_all();
    if (strcmp(probe, "edit") == 0) {
      File file = {.path = argv[4]};
      read_one(&file);
      update_one();
    }
  } else if (strcmp(probe, "list") == 0) {
    open_database(argv[2]);
    load_all();
  } else if (strcmp(probe, "status") == 0) {
    open_database(argv[2]);
    load("SELECT status, n FROM counters");
  } else if (strcmp(probe, "dag") == 0) {
    dag(argv[2], argv[3]);
  } else {
    die(probe);
  }
  if (db != NULL) { sqlite3_close(db); }
  printf("%.3f\n", now() - start);
  return 0;
}
