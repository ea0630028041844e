/// A simple way to continue a channel.
package struct Expert: Sendable, Equatable {
  /// The method, by its usual abbreviation.
  package enum Method: String, Sendable {
    case naive
    case smoothing = "ets"
    case seasonalSmoothing = "etsS"
    case theta = "th"
    case autoregression = "ar"
    case drift
    case seasonalNaive = "sn"
    case seasonalMean = "snm"
  }

  let method: Method
  /// Whether it works on logarithms.
  let isLogarithmic: Bool

  /// The method, and an L for logarithms.
  package var name: String { method.rawValue + (isLogarithmic ? "L" : "") }

  /// How much it is believed before anything is known of its errors: smoothing first, autoregression last; and growth
  /// without end must be earned.
  var prior: Double {
    switch method {
    case .naive: 0.5
    case .smoothing: isLogarithmic ? 0.01 : 3
    case .seasonalSmoothing, .theta: 3
    case .autoregression: 0.1
    case .drift, .seasonalNaive, .seasonalMean: 1
    }
  }
}
