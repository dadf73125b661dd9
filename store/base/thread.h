/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Threads: all signals are blocked in them, so that a signal comes to the program's first
 * thread, whose waits it ends and who is asked whether to go on.
 */
#ifndef EW_BASE_THREAD_H
#define EW_BASE_THREAD_H

#include <pthread.h>
#include <stdbool.h>

/* False when the system has no more threads. */
bool ew_thread_start(pthread_t *out, void *(*fn)(void *), void *arg);

#endif
