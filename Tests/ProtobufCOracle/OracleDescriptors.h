#pragma once
#include <protobuf-c/protobuf-c.h>

// Every message that Generated holds.
extern const ProtobufCMessageDescriptor *const oracle_descriptors[];
extern const size_t oracle_descriptor_count;
