#pragma once
#include <stddef.h>
#include <stdint.h>

/// Runs libFuzzer, which `-sanitize=fuzzer` links, with its command line and the function to call with each input.
int LLVMFuzzerRunDriver(int *argc, char ***argv, int (*test)(const uint8_t *bytes, size_t count));

/// Tells libFuzzer that the run showed a behaviour, which it then prefers inputs for as it does for new code.
void fuzzer_observe(uint32_t behaviour);
