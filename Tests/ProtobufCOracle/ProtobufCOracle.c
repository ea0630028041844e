#include "ProtobufCOracle.h"

#include <stdlib.h>

#include "OracleDescriptors.h"

size_t oracle_message_count(void) { return oracle_descriptor_count; }

const char *oracle_message_name(size_t index) { return oracle_descriptors[index]->name; }

OracleBytes oracle_repack(size_t index, const uint8_t *bytes, size_t size) {
  OracleBytes none = {NULL, 0};
  ProtobufCMessage *message = protobuf_c_message_unpack(oracle_descriptors[index], NULL, size, bytes);
  if (message == NULL) return none;
  size_t expected = protobuf_c_message_get_packed_size(message);
  // A message without fields packs to nothing, and malloc(0) may answer null.
  OracleBytes packed = {malloc(expected + 1), 0};
  if (packed.data != NULL) {
    packed.size = protobuf_c_message_pack(message, packed.data);
    // The announced size is a part of what the oracle vouches for.
    if (packed.size != expected) {
      free(packed.data);
      packed = none;
    }
  }
  protobuf_c_message_free_unpacked(message, NULL);
  return packed;
}

void oracle_free(OracleBytes bytes) { free(bytes.data); }
