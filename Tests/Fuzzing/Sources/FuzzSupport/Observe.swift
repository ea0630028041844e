import CLibFuzzer

/// Tells libFuzzer that something distinct happened, for libraries whose code it can't see.
package func observe(_ parts: UInt32...) {
  fuzzer_observe(parts.reduce(0) { $0 &* 1_000_003 &+ $1 })
}
