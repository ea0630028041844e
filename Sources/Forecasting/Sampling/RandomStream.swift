import Glibc

/// The random stream of one trajectory: xoshiro256++ (Blackman and Vigna 2019, "Scrambled linear pseudorandom number
/// generators"), seeded by SplitMix64 (Steele, Lea and Flood 2014) as its authors advise.
package struct RandomStream: RandomNumberGenerator {
  private static let gamma: UInt64 = 0x9E37_79B9_7F4A_7C15
  private var state: (UInt64, UInt64, UInt64, UInt64)
  private var spare: Double?

  /// Trajectory `i` takes outputs `4i` to `4i + 3` of the SplitMix64 sequence of the request's seed, which jumps there
  /// at no cost: its stream does not depend on how many trajectories are asked for.
  package init(seed: UInt64, trajectory: Int) {
    let start = seed &+ Self.gamma &* 4 &* UInt64(trajectory)
    state = (
      Self.mix(start &+ Self.gamma), Self.mix(start &+ 2 &* Self.gamma), Self.mix(start &+ 3 &* Self.gamma),
      Self.mix(start &+ 4 &* Self.gamma)
    )
  }

  /// 64 random bits.
  package mutating func next() -> UInt64 {
    let sum = state.0 &+ state.3
    let result = (sum << 23 | sum >> 41) &+ state.0
    let shifted = state.1 << 17
    state.2 ^= state.0
    state.3 ^= state.1
    state.1 ^= state.2
    state.0 ^= state.3
    state.2 ^= shifted
    state.3 = state.3 << 45 | state.3 >> 19
    return result
  }

  /// Uniform on 0 up to 1, in steps of 2^-53.
  package mutating func uniform() -> Double { Double(next() >> 11) * 0x1p-53 }

  /// Standard normal (Box and Muller 1958).
  package mutating func normal() -> Double {
    if let spare {
      self.spare = nil
      return spare
    }
    let radius = (-2 * log(1 - uniform())).squareRoot()
    let angle = 2 * .pi * uniform()
    spare = radius * sin(angle)
    return radius * cos(angle)
  }

  private static func mix(_ value: UInt64) -> UInt64 {
    var z = value
    z = (z ^ z >> 30) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ z >> 27) &* 0x94D0_49BB_1331_11EB
    return z ^ z >> 31
  }
}
