import Forecasting

/// A line that `temporis forecast --jsonl` reads: a context that is on a regular grid already, and how to forecast it.
struct ForecastLine: Decodable {
  /// What a line calls itself; the answer repeats it.
  enum ID: Codable {
    case text(String)
    case number(Int64)

    init(from decoder: any Decoder) throws {
      let container = try decoder.singleValueContainer()
      if let text = try? container.decode(String.self) {
        self = .text(text)
      } else {
        self = .number(try container.decode(Int64.self))
      }
    }

    func encode(to encoder: any Encoder) throws {
      var container = encoder.singleValueContainer()
      switch self {
      case .text(let text): try container.encode(text)
      case .number(let number): try container.encode(number)
      }
    }
  }

  /// The id alone, of a line that is wrong otherwise.
  struct Identity: Decodable {
    let id: ID?
  }

  private enum CodingKeys: String, CodingKey {
    case id, interval, count, temperature, seed, context
    case patchLength = "patch_len"
    case horizonPatches = "horizon_patches"
    case topP = "top_p"
    case usesDiffs = "use_diffs"
  }

  /// The most points of a context, as of a data profile.
  private static let contextLimit = 131_072

  let id: ID?
  private let interval: Int64
  private let patchLength: Int
  private let horizonPatches: Int
  private let count: Int?
  private let temperature: Double?
  private let topP: Double?
  private let seed: UInt64?
  private let usesDiffs: Bool?
  /// Point by point, the oldest first; in each a value for every series.
  private let context: [[Double]]

  /// Forecasts the context.
  ///
  /// - Parameter defaults: What the line leaves out.
  /// - Throws: `ForecastError` that says what is wrong with the line.
  func forecast(_ defaults: OfflineForecaster.Sampling) throws -> Forecast {
    func refusal(_ message: String) -> ForecastError { ForecastError(code: .invalidArgument, message: message) }
    let width = context.first?.count ?? 0
    guard width > 0, context.allSatisfy({ $0.count == width }) else {
      throw refusal("context must hold points of as many values each, one at least")
    }
    guard context.count <= Self.contextLimit else {
      throw refusal("context must hold \(Self.contextLimit) points at most, not \(context.count)")
    }
    // The engine reads the context as it is: the number of patches is for the settings' rules alone.
    let settings = try ForecastSettings(
      names: (0..<width).map { "\($0)" }, interval: interval, patchLength: patchLength,
      numPatches: min(max(context.count / max(patchLength, 1), 1), 512), minPatches: 1,
      usesDiffs: usesDiffs ?? false, horizonPatches: horizonPatches)
    try OfflineForecaster.check(settings, count: count ?? defaults.count)
    return try Forecaster(settings: settings).forecast(
      context: ForecastContext(
        predictFrom: 0, channels: (0..<width).map { channel in context.map { $0[channel] } }),
      count: count ?? defaults.count, temperature: temperature ?? defaults.temperature,
      topP: topP ?? defaults.topP, seed: seed ?? defaults.seed)
  }
}
