import Synchronization

/// What the contract tests have covered, printed when they are over.
final class ContractReport: Sendable {
  /// A line of the report.
  enum Line: Int, CaseIterable, Sendable {
    case oracle, refusals, serving, callKinds, golden, baseline, breaking, lint, python, readme, secrets
  }

  static let shared = ContractReport()

  private let figures = Mutex<[Line: Figures]>([:])

  /// Adds to a line's figures, in the order of ``Line/labels``.
  func add(_ line: Line, _ counts: Int...) {
    figures.withLock { $0[line, default: Figures(count: counts.count)].add(counts) }
  }

  /// The report; nil when no test had something to say.
  var text: String? {
    let figures = figures.withLock { $0 }
    let lines = Line.allCases.compactMap { line in
      figures[line].map { "  " + line.text($0.counts) }
    }
    return lines.isEmpty ? nil : (["Contract report"] + lines).joined(separator: "\n")
  }
}

extension ContractReport {
  private struct Figures {
    var counts: [Int]

    init(count: Int) { counts = Array(repeating: 0, count: count) }

    mutating func add(_ other: [Int]) { counts = zip(counts, other).map { $0 + $1 } }
  }
}

extension ContractReport.Line {
  /// The line with its figures filled in, one for each `#`.
  fileprivate func text(_ counts: [Int]) -> String {
    let parts = template.split(separator: "#", omittingEmptySubsequences: false).map(String.init)
    let middle = zip(parts, counts.map(String.init) + [""]).map { $0 + $1 }
    return middle.joined()
  }

  private var template: String {
    switch self {
    case .oracle: "protobuf-c agrees: # messages, # instances, # bytes"
    case .refusals: "protobuf-c refuses alike: # messages, # damaged instances"
    case .serving: "served where they should be and nowhere else: # methods on # processes, # calls"
    case .callKinds: "call kinds on the wire: # methods"
    case .golden: "golden bytes: # messages of # methods"
    case .baseline: "baseline: # messages, # methods unchanged"
    case .breaking: "breaking changes: # rules, # examples found, # additions allowed"
    case .lint: "lint: # rules, # examples found, # elements"
    case .python: "called from Python: # methods, # documented outcomes"
    case .readme: "examples run from Protos/README.md: #"
    case .secrets: "messages that hold a secret and show none: #"
    }
  }
}
