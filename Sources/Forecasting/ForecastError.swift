/// Why a forecast, a context or a profile's settings were refused.
///
/// The message says what is wrong, which value it was and what to do; it holds nothing secret.
package struct ForecastError: Error, Sendable, Hashable, CustomStringConvertible {
  /// The kind of refusal, for callers that map it to a status.
  package struct Code: Sendable, Hashable, CustomStringConvertible {
    private enum Kind: String { case invalidSettings, invalidArgument, notEnoughData, windowCoversForecast }
    private let kind: Kind

    /// A profile's settings break one of their limits.
    package static let invalidSettings = Code(kind: .invalidSettings)
    /// `count`, `temperature`, `topP` or the context given to the engine is out of range.
    package static let invalidArgument = Code(kind: .invalidArgument)
    /// Fewer usable points than the profile asks for.
    package static let notEnoughData = Code(kind: .notEnoughData)
    /// Every future grid point falls inside the exclude window.
    package static let windowCoversForecast = Code(kind: .windowCoversForecast)

    package var description: String { kind.rawValue }
  }

  /// For callers that map it to a status.
  package var code: Code
  /// What, which, and what to do.
  package var message: String

  package init(code: Code, message: String) {
    self.code = code
    self.message = message
  }

  package var description: String { "\(code): \(message)" }
}
