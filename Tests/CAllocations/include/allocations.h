#pragma once
#include <stddef.h>

/// Counts allocations from here on, and growths of one, of at least so many bytes.
void allocations_count(size_t least);

/// How many there were.
size_t allocations_counted(void);
