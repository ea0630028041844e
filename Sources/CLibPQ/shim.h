#pragma once
#include <libpq-fe.h>
#include <pthread.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>

// glibc declares it for _GNU_SOURCE only, which Swift's importer does not define.
int pthread_setname_np(pthread_t thread, const char *name);
