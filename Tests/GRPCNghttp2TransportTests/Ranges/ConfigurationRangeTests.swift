import GRPCNghttp2Transport
import Testing

/// What transports make of the numbers and times that they are given.
@Suite struct ConfigurationRangeTests {
  static let times: [Duration] = [
    .seconds(Int64.max) * 16, .seconds(Int64.max), .longest + .nanoseconds(1), .longest, .seconds(1), .milliseconds(1),
    .nanoseconds(1), .zero, .nanoseconds(-1), .seconds(-10_000_000_000), .seconds(Int64.min), .seconds(Int64.min) * 16,
  ]

  /// Tries a setting at each value, and that nothing else changes.
  private func check<Configuration, Value>(
    _ setting: Setting<Configuration, Value>, _ defaults: Configuration, at values: [Value],
    _ clamped: (Configuration) -> Configuration
  ) {
    for value in values {
      var configuration = defaults
      setting.set(&configuration, value)
      let expected = min(max(value, setting.range.lowerBound), setting.range.upperBound)
      let result = clamped(configuration)
      #expect(setting.get(result) == expected, "\(setting.name) of \(value)")
      setting.set(&configuration, expected)
      #expect("\(result)" == "\(configuration)", "\(setting.name) of \(value)")
    }
  }

  private func numbers(near range: ClosedRange<Int>) -> [Int] {
    [
      .min, .min + 1, -1, 0, 1, range.lowerBound - 1, range.lowerBound, range.lowerBound + 1, range.upperBound - 1,
      range.upperBound, range.upperBound == .max ? .max : range.upperBound + 1, .max - 1, .max,
    ]
  }

  @Test("A server's settings are clamped to their ranges", arguments: ServerConfiguration.numbers.indices)
  func serverNumbers(index: Int) {
    let setting = ServerConfiguration.numbers[index]
    self.check(setting, .defaults, at: self.numbers(near: setting.range)) { $0.clamped }
  }

  @Test("A server's times are clamped to their ranges", arguments: ServerConfiguration.durations.indices)
  func serverTimes(index: Int) {
    self.check(ServerConfiguration.durations[index], .defaults, at: Self.times) { $0.clamped }
  }

  @Test("A client's settings are clamped to their ranges", arguments: ClientConfiguration.numbers.indices)
  func clientNumbers(index: Int) {
    let setting = ClientConfiguration.numbers[index]
    self.check(setting, .defaults, at: self.numbers(near: setting.range)) { $0.clamped }
  }

  @Test("A client's times are clamped to their ranges", arguments: ClientConfiguration.durations.indices)
  func clientTimes(index: Int) {
    let setting = ClientConfiguration.durations[index]
    var defaults = ClientConfiguration.defaults
    defaults.backoff.maximum = .longest
    defaults.keepalive = ClientKeepalive()
    self.check(setting, defaults, at: Self.times) { $0.clamped }
  }

  @Test("The defaults are within their ranges, and a limit that there isn't stays away")
  func defaults() {
    #expect("\(ServerConfiguration.defaults.clamped)" == "\(ServerConfiguration.defaults)")
    #expect("\(ClientConfiguration.defaults.clamped)" == "\(ClientConfiguration.defaults)")
    var configuration = ServerConfiguration.defaults
    configuration.keepaliveTime = nil
    #expect(configuration.clamped.keepaliveTime == nil)
    #expect(configuration.clamped.maxConnectionAge == nil)
  }

  @Test("Every setting has a range, or is a choice that needs none")
  func all() {
    func names(_ configuration: Any) -> Set<String> {
      Set(Mirror(reflecting: configuration).children.compactMap(\.label))
    }
    let server = ServerConfiguration.numbers.map(\.name) + ServerConfiguration.durations.map(\.name)
    #expect(names(ServerConfiguration.defaults) == Set(server + ServerConfiguration.choices))
    let client = ClientConfiguration.numbers.map(\.name) + ClientConfiguration.durations.map(\.name)
    #expect(names(ClientConfiguration.defaults) == Set(client + ClientConfiguration.choices))
  }
}
