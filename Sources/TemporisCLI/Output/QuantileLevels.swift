import ArgumentParser

/// Levels of quantiles as they are typed: `0.1,0.5,0.9`.
package struct QuantileLevels: Sendable, Hashable, ExpressibleByArgument {
  /// The most that are read.
  private static let limit = 99

  /// Those of the band that holds 80 %, and the median.
  package static let fan = QuantileLevels(levels: [0.1, 0.5, 0.9])

  /// From 0 to 1, ascending, each once.
  package let levels: [Double]

  private init(levels: [Double]) {
    self.levels = levels
  }

  /// Reads numbers from 0 to 1 with commas between them, in any order. `nil` for anything else, and for one that comes
  /// twice.
  package init?(argument text: String) {
    let parts = text.split(separator: ",", omittingEmptySubsequences: false)
    guard (1...Self.limit).contains(parts.count) else { return nil }
    var levels: Set<Double> = []
    for part in parts {
      // Double(_:) also takes "nan", "0x1p-1" and a sign.
      guard part.utf8.allSatisfy({ (0x30...0x39).contains($0) || "-.eE".utf8.contains($0) }), let level = Double(part),
        (0...1).contains(level), levels.insert(level).inserted
      else { return nil }
    }
    self.levels = levels.sorted()
  }

  package var defaultValueDescription: String { levels.map { "\($0)" }.joined(separator: ",") }

  /// What each is called: `p10`, `p50`, `p97.5`.
  package var labels: [String] {
    levels.map { level in
      // A hundred times .07 is a little more than 7.
      let percent = (level * 1e8).rounded() / 1e6
      let whole = Int(percent)
      return "p" + (percent == Double(whole) ? "\(whole)" : "\(percent)")
    }
  }
}
