/// How many processes of each service run.
package struct Replicas: Hashable, Sendable {
  /// Processes of the token service, 1 to 16.
  package var token = 1
  /// Processes of the auth verifier, 1 to 16.
  package var verifier = 1
  /// Processes of the predict service, 1 to 16.
  package var predict = 1

  /// The flag's words for the services.
  private static var services: [String: WritableKeyPath<Replicas, Int>] {
    ["token": \.token, "verifier": \.verifier, "predict": \.predict]
  }

  /// One of each.
  package init() {}

  /// Reads a list such as `verifier=3,token=2,predict=2`. Services that are not named run once.
  ///
  /// - Throws: `LocalStackError` with `.badValue` for an unknown service, one that is named twice, or a count outside
  ///   of 1...16.
  package init(parsing text: String) throws(LocalStackError) {
    var named: Set<Substring> = []
    for part in text.split(separator: ",", omittingEmptySubsequences: false) {
      let pair = part.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      guard pair.count == 2 else {
        throw LocalStackError(.badValue, "'\(part)' must be a service and a number, such as verifier=3")
      }
      let (name, number) = (pair[0], pair[1])
      guard let service = Self.services[String(name)] else {
        throw LocalStackError(.badValue, "'\(name)' must be token, verifier or predict")
      }
      guard named.insert(name).inserted else { throw LocalStackError(.badValue, "\(name) is named twice") }
      guard let count = Int(number), (1...16).contains(count) else {
        throw LocalStackError(.badValue, "\(name) must run 1 to 16 times, not '\(number)'")
      }
      self[keyPath: service] = count
    }
  }
}
