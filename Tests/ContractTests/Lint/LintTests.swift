import SwiftProtobuf
import Testing

extension Contracts {
  /// The contracts are in the house style, comments included.
  @Suite struct LintTests {
    private static let sources = Task { try await Google_Protobuf_FileDescriptorSet.sources() }

    private static func files() async throws -> [Google_Protobuf_FileDescriptorProto] {
      try await sources.value.file.filter { !$0.name.hasPrefix("google/") }
    }

    @Test("The contracts keep to every rule, but for what is exempt for a reason") func contracts() async throws {
      let lints = try await Self.files().map { Lint($0) }
      #expect(lints.count > 8)
      #expect(Set(lints.flatMap(\.findings)) == Set(Lint.exemptions.keys))
      ContractReport.shared.add(.lint, 0, 0, lints.reduce(0) { $0 + $1.elements })
    }

    @Test("What breaks a rule is found where it is", arguments: LintFinding.Rule.allCases)
    func example(rule: LintFinding.Rule) async throws {
      let example = rule.example
      var file = try #require(try await Self.files().first { $0.name == example.file })
      let before = Set(Lint(file).findings)
      try example.edit(&file)
      let found = Set(Lint(file).findings).subtracting(before)
      #expect(found.contains(LintFinding(rule: rule, element: example.element)), "\(found)")
      ContractReport.shared.add(.lint, 1, 1, 0)
    }

    @Test("A rule of its own finds nothing else", arguments: LintFinding.Rule.allCases)
    func precision(rule: LintFinding.Rule) async throws {
      let example = rule.example
      var file = try #require(try await Self.files().first { $0.name == example.file })
      let before = Set(Lint(file).findings)
      try example.edit(&file)
      let others = Set(Lint(file).findings.map(\.rule)).subtracting(before.map(\.rule)).subtracting([rule])
      #expect(others.isSubset(of: rule.implied), "\(others)")
    }

    @Test("The services were built with the contracts as they are written") func isCurrent() async throws {
      var sources = try await Self.sources.value.file
      for index in sources.indices { sources[index].clearSourceCodeInfo() }
      #expect(Set(sources) == Set(try Google_Protobuf_FileDescriptorSet.contracts().file))
    }
  }
}

extension LintFinding.Rule {
  /// What cannot be broken without breaking these as well.
  fileprivate var implied: Set<Self> {
    switch self {
    case .money: [.fieldName]
    case .enumName: [.enumValueName]
    case .enumZeroValue: []
    case .sharedMessage: [.responseName]
    case .methodName: [.messageName]
    default: []
    }
  }
}
