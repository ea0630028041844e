#include "allocations.h"
#include <errno.h>
#include <stdatomic.h>
#include <stdint.h>

static _Atomic size_t least = SIZE_MAX;
static _Atomic size_t counted;

void allocations_count(size_t bytes) {
  atomic_store(&least, bytes);
}

size_t allocations_counted(void) {
  return atomic_load(&counted);
}

// A sanitizer has its own functions in place of the C library's.
#if !__has_feature(address_sanitizer) && !__has_feature(thread_sanitizer)

extern void *__libc_malloc(size_t);
extern void *__libc_calloc(size_t, size_t);
extern void *__libc_realloc(void *, size_t);
extern void *__libc_memalign(size_t, size_t);

static void count(size_t bytes) {
  if (bytes >= atomic_load_explicit(&least, memory_order_relaxed)) {
    atomic_fetch_add_explicit(&counted, 1, memory_order_relaxed);
  }
}

// Every part of the process finds these before the C library's; free stays as it is.

void *malloc(size_t bytes) {
  count(bytes);
  return __libc_malloc(bytes);
}

void *calloc(size_t number, size_t bytes) {
  size_t total;
  if (!__builtin_mul_overflow(number, bytes, &total)) {
    count(total);
  }
  return __libc_calloc(number, bytes);
}

void *realloc(void *old, size_t bytes) {
  count(bytes);
  return __libc_realloc(old, bytes);
}

void *aligned_alloc(size_t alignment, size_t bytes) {
  count(bytes);
  return __libc_memalign(alignment, bytes);
}

int posix_memalign(void **result, size_t alignment, size_t bytes) {
  count(bytes);
  *result = __libc_memalign(alignment, bytes);
  return *result ? 0 : ENOMEM;
}

#endif
