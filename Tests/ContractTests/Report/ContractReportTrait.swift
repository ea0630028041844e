import Testing

/// Prints the contract report once every test of a suite is over.
struct ContractReportTrait: SuiteTrait, TestScoping {
  func provideScope(
    for test: Test, testCase: Test.Case?, performing function: @Sendable () async throws -> Void
  ) async throws {
    let start = ContinuousClock.now
    try await function()
    guard let text = ContractReport.shared.text else { return }
    let seconds = (ContinuousClock.now - start).components.seconds
    print("\(text)\n  in \(seconds) seconds")
  }
}

extension Trait where Self == ContractReportTrait {
  /// Prints the contract report once every test of the suite is over.
  static var contractReport: Self { ContractReportTrait() }
}
