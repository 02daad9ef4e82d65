#include "common.h"
#include "inside.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#ifdef __linux__
#include <sys/prctl.h>
#include <sys/syscall.h>
#endif

enum { PROXY_DESCRIPTOR = 3, BACKLOG = 128 };

static int fail(const char *what) {
  fprintf(stderr, "orch-shim: error: cannot %s in the sandbox: %s\n", what, strerror(errno));
  return 126;
}

/// Keeps the program from the abstract sockets of others, which belong to the network and not to the file system, and
/// from signalling them. Kernels before 6.12 cannot; there only a network of its own closes them.
static void close_abstract_sockets(void) {
#ifdef __linux__
  // linux/landlock.h, version 6 of the interface; older headers do not know the last field.
  struct {
    uint64_t files, network, scoped;
  } ruleset = {.scoped = 1 | 2};
  enum { CREATE_RULESET = 444, RESTRICT_SELF = 446, VERSION = 1 };
  if (syscall(CREATE_RULESET, NULL, 0, VERSION) < 6) return;
  int rules = (int)syscall(CREATE_RULESET, &ruleset, sizeof ruleset, 0);
  if (rules < 0) return;
  prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
  syscall(RESTRICT_SELF, rules, 0);
  close(rules);
#endif
}

static int send_descriptor(int connection, int descriptor) {
  char word = 'l';
  struct iovec part = {.iov_base = &word, .iov_len = 1};
  union {
    char bytes[CMSG_SPACE(sizeof(int))];
    struct cmsghdr aligned;
  } control = {0};
  struct msghdr message = {
      .msg_iov = &part, .msg_iovlen = 1, .msg_control = control.bytes, .msg_controllen = sizeof control.bytes};
  struct cmsghdr *head = CMSG_FIRSTHDR(&message);
  head->cmsg_level = SOL_SOCKET;
  head->cmsg_type = SCM_RIGHTS;
  head->cmsg_len = CMSG_LEN(sizeof(int));
  memcpy(CMSG_DATA(head), &descriptor, sizeof(int));
  return sendmsg(connection, &message, 0) == 1 ? 0 : -1;
}

/// Makes a socket that listens in here and gives it to the proxy out there: a socket belongs to the network in which
/// it was made, whoever accepts from it. So nothing has to be forwarded, and no process of ours stays inside.
static int listen_for_proxy(int port) {
  int listener = socket(AF_INET, SOCK_STREAM, 0);
  int yes = 1;
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (listener < 0 || setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes) < 0) return -1;
  if (bind(listener, (struct sockaddr *)&address, sizeof address) < 0 || listen(listener, BACKLOG) < 0) return -1;
  if (send_descriptor(PROXY_DESCRIPTOR, listener) < 0) return -1;
  close(listener);
  close(PROXY_DESCRIPTOR);
  return 0;
}

int inside(char **words) {
  if (words[0] != NULL && strcmp(words[0], "--listen") == 0 && words[1] != NULL) {
    if (listen_for_proxy(atoi(words[1])) < 0) return fail("listen for the proxy");
    words += 2;
  }
  if (words[0] == NULL || strcmp(words[0], "--") != 0 || words[1] == NULL) return 64;
  close_abstract_sockets();
  execv(words[1], words + 1);
  fprintf(stderr, "orch-shim: error: cannot start %s in the sandbox: %s\n", words[1], strerror(errno));
  return errno == ENOENT ? 127 : 126;
}
