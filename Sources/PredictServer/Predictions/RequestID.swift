/// The public id of a prediction: 128 random bits.
struct RequestID: Sendable {
  private let high: UInt64
  private let low: UInt64

  init() {
    high = .random(in: .min ... .max)
    low = .random(in: .min ... .max)
  }

  /// 32 hexadecimal digits.
  var text: String { Self.hexadecimal(high) + Self.hexadecimal(low) }

  /// What the engine's random streams are derived from, so that an answer can be drawn again from its id and its rows.
  var seed: UInt64 { high ^ low }

  private static func hexadecimal(_ word: UInt64) -> String {
    let digits = String(word, radix: 16)
    return String(repeating: "0", count: 16 - digits.count) + digits
  }
}
