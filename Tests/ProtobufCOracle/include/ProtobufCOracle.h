#pragma once
#include <stddef.h>
#include <stdint.h>

/// How many messages protobuf-c knows.
size_t oracle_message_count(void);

/// The full name of the message at this index. Lives as long as the process.
const char *oracle_message_name(size_t index);

/// Bytes that protobuf-c packed. `data` is null when it could not parse what it was given.
typedef struct {
  uint8_t *data;
  size_t size;
} OracleBytes;

/// Parses `size` bytes as the message at this index and packs it again.
/// The caller ends the result with ``oracle_free``.
OracleBytes oracle_repack(size_t index, const uint8_t *bytes, size_t size);

/// Frees what ``oracle_repack`` returned.
void oracle_free(OracleBytes bytes);
