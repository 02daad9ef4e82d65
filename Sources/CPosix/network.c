#ifndef _GNU_SOURCE
#define _GNU_SOURCE 1
#endif
#include "CPosix.h"

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static int prepared(int descriptor) {
  if (descriptor < 0) return -errno;
  fcntl(descriptor, F_SETFD, FD_CLOEXEC);
  fcntl(descriptor, F_SETFL, O_NONBLOCK);
  return descriptor;
}

int cposix_receive_descriptor(int connection) {
  char word;
  struct iovec part = {.iov_base = &word, .iov_len = 1};
  union {
    char bytes[CMSG_SPACE(sizeof(int))];
    struct cmsghdr aligned;
  } control;
  struct msghdr message = {
      .msg_iov = &part, .msg_iovlen = 1, .msg_control = control.bytes, .msg_controllen = sizeof control.bytes};
  ssize_t count;
  do {
    count = recvmsg(connection, &message, 0);
  } while (count < 0 && errno == EINTR);
  if (count < 0) return -errno;
  struct cmsghdr *head = count == 0 ? NULL : CMSG_FIRSTHDR(&message);
  if (head == NULL || head->cmsg_level != SOL_SOCKET || head->cmsg_type != SCM_RIGHTS) return -ECONNRESET;
  int descriptor;
  memcpy(&descriptor, CMSG_DATA(head), sizeof descriptor);
  return prepared(descriptor);
}

int cposix_accept(int listener) { return prepared(accept(listener, NULL, NULL)); }

int cposix_connect(const uint8_t *address, size_t length, uint16_t port) {
  struct sockaddr_in four = {.sin_family = AF_INET, .sin_port = htons(port)};
  struct sockaddr_in6 six = {.sin6_family = AF_INET6, .sin6_port = htons(port)};
  bool is_four = length == 4;
  if (is_four) memcpy(&four.sin_addr, address, 4);
  else memcpy(&six.sin6_addr, address, 16);
  int descriptor = prepared(socket(is_four ? AF_INET : AF_INET6, SOCK_STREAM, 0));
  if (descriptor < 0) return descriptor;
  const struct sockaddr *target = is_four ? (struct sockaddr *)&four : (struct sockaddr *)&six;
  int code = connect(descriptor, target, is_four ? sizeof four : sizeof six) < 0 ? -errno : 0;
  if (code == 0 || code == -EINPROGRESS) return descriptor;
  close(descriptor);
  return code;
}

int cposix_socket_error(int descriptor) {
  int code = 0;
  socklen_t size = sizeof code;
  return getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &code, &size) < 0 ? -errno : -code;
}

int cposix_end_writing(int descriptor) { return shutdown(descriptor, SHUT_WR) < 0 ? -errno : 0; }

int cposix_resolve(const char *name, struct cposix_address *addresses, int capacity) {
  struct addrinfo hints = {.ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM}, *found = NULL;
  if (getaddrinfo(name, NULL, &hints, &found) != 0) return -ENOENT;
  int count = 0;
  for (struct addrinfo *item = found; item != NULL && count < capacity; item = item->ai_next) {
    struct cposix_address *address = &addresses[count];
    if (item->ai_family == AF_INET) {
      address->length = 4;
      memcpy(address->bytes, &((struct sockaddr_in *)item->ai_addr)->sin_addr, 4);
    } else if (item->ai_family == AF_INET6) {
      address->length = 16;
      memcpy(address->bytes, &((struct sockaddr_in6 *)item->ai_addr)->sin6_addr, 16);
    } else {
      continue;
    }
    count++;
  }
  freeaddrinfo(found);
  return count;
}
