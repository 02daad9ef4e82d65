#include "common.h"
#include "spec.h"

// The message: "ORC1", the length of the rest in four bytes (least significant first), and zero-terminated
// "key=value" strings. "arg" and "env" may repeat; the first "arg" is argv[0].

static int read_fully(int descriptor, void *bytes, size_t count) {
  char *cursor = bytes;
  while (count > 0) {
    ssize_t got = read(descriptor, cursor, count);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return errno;
    if (got == 0) return ECONNRESET;
    cursor += got;
    count -= (size_t)got;
  }
  return 0;
}

static bool parse_number(const char *text, int64_t *number) {
  char *end = NULL;
  errno = 0;
  long long value = strtoll(text, &end, 10);
  if (errno != 0 || end == text || *end != 0 || value < 0 || value > INT64_MAX / 2) return false;
  *number = value;
  return true;
}

bool spec_is_run_id(const char *text) {
  size_t length = strlen(text);
  if (length == 0 || length > 128) return false;
  for (; *text != 0; text++) {
    bool is_word = (*text >= '0' && *text <= '9') || (*text >= 'a' && *text <= 'z') || (*text >= 'A' && *text <= 'Z');
    if (!is_word && strchr("._-", *text) == NULL) return false;
  }
  return true;
}

static const char *value_of(const char *entry, const char *key) {
  size_t length = strlen(key);
  return strncmp(entry, key, length) == 0 && entry[length] == '=' ? entry + length + 1 : NULL;
}

static bool take_entry(struct spec *spec, char *entry, size_t *arguments, size_t *variables) {
  const char *value;
  int64_t flag = 0;
  if ((value = value_of(entry, "arg"))) {
    spec->arguments[(*arguments)++] = (char *)value;
    return true;
  }
  if ((value = value_of(entry, "env"))) {
    spec->environment[(*variables)++] = (char *)value;
    return true;
  }
  if ((value = value_of(entry, "run_id"))) {
    if (!spec_is_run_id(value)) return false;
    strcpy(spec->run_id, value);
    return true;
  }
  if ((value = value_of(entry, "executable"))) return (spec->executable = value)[0] != 0;
  if ((value = value_of(entry, "directory"))) return (spec->directory = value)[0] != 0;
  if ((value = value_of(entry, "input"))) return (spec->input = value)[0] != 0;
  if ((value = value_of(entry, "deadline_ms"))) return parse_number(value, &spec->deadline_ms);
  if ((value = value_of(entry, "grace_ms"))) return parse_number(value, &spec->grace_ms);
  if ((value = value_of(entry, "output_limit"))) return parse_number(value, &spec->output_limit);
  if ((value = value_of(entry, "die_with_parent"))) {
    bool known = parse_number(value, &flag);
    spec->die_with_parent = flag != 0;
    return known;
  }
  return false;
}

static int take_payload(struct spec *spec) {
  size_t count = 0, arguments = 0, variables = 0;
  for (size_t i = 0; i < spec->payload_size; i++) count += spec->payload[i] == 0;
  spec->arguments = calloc(count + 1, sizeof(char *));
  spec->environment = calloc(count + 2, sizeof(char *));
  if (spec->arguments == NULL || spec->environment == NULL) return ENOMEM;
  for (size_t at = 0; at < spec->payload_size; at += strlen(spec->payload + at) + 1) {
    if (!take_entry(spec, spec->payload + at, &arguments, &variables)) return EPROTO;
  }
  bool complete = spec->run_id[0] != 0 && spec->executable != NULL && arguments > 0;
  return complete ? 0 : EPROTO;
}

int spec_read(int descriptor, struct spec *spec) {
  memset(spec, 0, sizeof *spec);
  unsigned char head[8];
  int code = read_fully(descriptor, head, sizeof head);
  if (code != 0) return code;
  if (memcmp(head, "ORC1", 4) != 0) return EPROTO;
  size_t size = head[4] | (size_t)head[5] << 8 | (size_t)head[6] << 16 | (size_t)head[7] << 24;
  if (size == 0 || size > SPEC_LIMIT) return EMSGSIZE;
  spec->payload = malloc(size);
  if (spec->payload == NULL) return ENOMEM;
  spec->payload_size = size;
  code = read_fully(descriptor, spec->payload, size);
  if (code != 0) return code;
  if (spec->payload[size - 1] != 0) return EPROTO;
  return take_payload(spec);
}

void spec_forget_secrets(struct spec *spec) {
  volatile char *cursor = spec->payload;
  for (size_t i = 0; i < spec->payload_size; i++) cursor[i] = 0;
  free(spec->payload);
  free(spec->arguments);
  free(spec->environment);
  spec->payload = NULL;
  spec->arguments = spec->environment = NULL;
  spec->executable = spec->directory = spec->input = NULL;
}
