import HTTPTypes

/// The `Accept` header of a request (RFC 9110, section 12.5.1).
struct AcceptHeader {
  private let ranges: [Substring]

  init(_ headers: HTTPFields) {
    ranges = (headers[.accept] ?? "").split(separator: ",")
  }

  /// Whether HTML is named and preferred to JSON, as browsers do. `*/*` names neither.
  var prefersHTML: Bool {
    let html = max(weight(of: "text/html"), weight(of: "application/xhtml+xml"))
    return html > 0 && html > weight(of: "application/json")
  }

  /// The weight of a media type that is named; 0 when it is not, or its weight cannot be read.
  private func weight(of type: String) -> Double {
    let weights = ranges.compactMap { range -> Double? in
      let parts = range.split(separator: ";").map { $0.filter { $0 != " " && $0 != "\t" }.lowercased() }
      guard parts.first == type else { return nil }
      guard let weight = parts.dropFirst().first(where: { $0.hasPrefix("q=") }) else { return 1 }
      return Double(weight.dropFirst(2)).flatMap { 0...1 ~= $0 ? $0 : nil } ?? 0
    }
    return weights.max() ?? 0
  }
}
