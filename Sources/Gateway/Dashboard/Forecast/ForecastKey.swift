import Crypto
import TokenDomain

/// The key of a form, with which sending it again, by a reload or from the browser's history, draws and charges nothing
/// again.
///
/// The service replays an answer for 24 hours; a form that old is refused instead of charged a second time.
package struct ForecastKey: Sendable, Hashable, CustomStringConvertible {
  /// The time for which a form is good, in seconds.
  package static let lifetime: Int64 = 23 * 3_600
  /// The most by which the clocks of two replicas may differ, in seconds.
  private static let skew: Int64 = 300

  private let issued: Int64
  private let random: String

  /// Makes a new key.
  /// - Parameter now: Unix seconds.
  package init(now: Int64) {
    issued = now
    random = Base62.random(count: 22)
  }

  /// Reads a key. `nil` for anything else.
  package init?(_ text: String) {
    let parts = text.split(separator: "-", omittingEmptySubsequences: false)
    guard parts.count == 2, 1...12 ~= parts[0].utf8.count, let issued = Int64(parts[0]), issued >= 0,
      parts[1].utf8.count == 22, parts[1].utf8.allSatisfy(Base62.isDigit)
    else { return nil }
    self.issued = issued
    random = String(parts[1])
  }

  /// As the form's field holds it.
  package var description: String { "\(issued)-\(random)" }

  /// Whether the form is too old.
  package func isExpired(now: Int64) -> Bool {
    now - issued >= Self.lifetime || issued - now > Self.skew
  }

  /// The idempotency key of a prediction. Other parameters in the same form, which a browser's history allows, are
  /// another prediction.
  package func idempotencyKey(_ parameters: ForecastParameters) -> String {
    var hash = SHA256()
    let parts = [
      description, parameters.dataProfile, String(parameters.count), String(parameters.temperature.bitPattern),
      String(parameters.topP.bitPattern),
    ]
    // No part but the profile's name could hold a line feed, and there is one of it.
    for part in parts { hash.update(data: Array("\(part)\n".utf8)) }
    return "dashboard-" + hash.finalize().map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
  }
}
