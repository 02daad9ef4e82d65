#ifndef ORCH_COMMON_H
#define ORCH_COMMON_H

#ifndef _GNU_SOURCE
#define _GNU_SOURCE 1
#endif

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

/// Milliseconds of a clock that never jumps.
int64_t monotonic_ms(void);

/// Milliseconds since 1970.
int64_t wall_ms(void);

/// Sleeps without waiting for anything else.
void pause_ms(int milliseconds);

#endif
