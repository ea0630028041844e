package import GRPCNghttp2Transport

extension Setting where Value == SocketEndpoint {
  /// An address to listen on or to connect to.
  package static func endpoint(_ key: String, default address: String?, help: String) -> Setting<SocketEndpoint> {
    Setting(
      key, default: address, help: help, expected: "an address such as 127.0.0.1:50051 or unix:/run/temporis.sock"
    ) {
      try? SocketEndpoint(parsing: $0)
    }
  }
}

extension Setting where Value == SocketEndpoint? {
  /// An address that may be left out.
  package static func optionalEndpoint(_ key: String, help: String) -> Self {
    Setting(key, default: "", help: help, expected: "an address such as 127.0.0.1:9100") { text in
      guard !text.isEmpty else { return .some(nil) }
      return (try? SocketEndpoint(parsing: text)).map(Optional.some)
    }
  }
}

extension Setting where Value == [SocketEndpoint] {
  /// The addresses of a service's replicas, separated by commas.
  package static func endpoints(_ key: String, default addresses: String?, help: String) -> Self {
    Setting(key, default: addresses, help: help, expected: "addresses such as 127.0.0.1:50051,127.0.0.1:50061") {
      text in
      let parts = text.split(separator: ",", omittingEmptySubsequences: false)
      let endpoints = parts.compactMap { try? SocketEndpoint(parsing: String($0)) }
      return endpoints.count == parts.count ? endpoints : nil
    }
  }
}

extension Setting where Value == Duration {
  /// A length of time in seconds, over 0 and at most a day unless a wider range is given.
  package static func seconds(
    _ key: String, default seconds: Double, in range: ClosedRange<Double> = 0.001...86_400, help: String
  ) -> Self {
    Setting(
      key, default: seconds.formatted, help: help,
      expected: "seconds from \(range.lowerBound.formatted) to \(range.upperBound.formatted)"
    ) { text in
      guard let seconds = Double(text), range.contains(seconds) else { return nil }
      return .seconds(seconds)
    }
  }
}

extension Setting where Value == Int {
  /// A whole number.
  package static func integer(_ key: String, default number: Int, in range: ClosedRange<Int>, help: String) -> Self {
    Setting(
      key, default: String(number), help: help,
      expected: "a whole number from \(range.lowerBound) to \(range.upperBound)"
    ) { text in
      guard let number = Int(text), range.contains(number) else { return nil }
      return number
    }
  }
}

extension Setting where Value == Bool {
  /// A switch: `true` or `false`.
  package static func flag(_ key: String, default isOn: Bool, help: String) -> Self {
    Setting(key, default: String(isOn), help: help, expected: "true or false", parse: Bool.init)
  }
}

extension Setting where Value == String {
  /// A text. The default may be empty.
  package static func text(_ key: String, default text: String?, help: String) -> Self {
    Setting(key, default: text, help: help, expected: "a text") { $0 }
  }
}

extension Double {
  fileprivate var formatted: String {
    self == rounded() ? String(Int(self)) : String(self)
  }
}
