/// SplitMix64 (G. Steele et al., "Fast splittable pseudorandom number generators", 2014): a seed's numbers are the same
/// on every machine, so that a schedule can be run again.
struct SimulationRandom: RandomNumberGenerator {
  private var state: UInt64

  init(seed: UInt64) {
    state = seed
    // Neighbouring seeds would begin with neighbouring states.
    state = next()
  }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }

  /// A number from 0 to `bound`, that excluded.
  mutating func below(_ bound: Int) -> Int {
    Int(truncatingIfNeeded: next().multipliedFullWidth(by: UInt64(bound)).high)
  }

  /// Whether something happens that does so with this probability.
  mutating func chance(percent: Int) -> Bool {
    below(100) < percent
  }

  /// An element that satisfies the condition, each with the same probability; `nil` if there is none.
  mutating func index<Element>(in elements: [Element], where isEligible: (Element) -> Bool) -> Int? {
    guard !elements.isEmpty else { return nil }
    // From a random place onwards: one pass, no list of the eligible.
    let start = below(elements.count)
    for offset in 0..<elements.count {
      let index = (start + offset) % elements.count
      if isEligible(elements[index]) { return index }
    }
    return nil
  }
}
