#include "LibFuzzer.h"

enum { behaviours = 4096 };

// libFuzzer reads and clears every counter of this section.
__attribute__((section("__libfuzzer_extra_counters"))) static uint8_t counters[behaviours];

void fuzzer_observe(uint32_t behaviour) {
  uint32_t index = (behaviour * 2654435761u) >> 20;
  if (counters[index] < UINT8_MAX) {
    counters[index]++;
  }
}
