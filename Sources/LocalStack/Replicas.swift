/// How many processes of each service run.
package struct Replicas: Hashable, Sendable {
  /// Processes of the token service, 1 to 16.
  package var token = 1
  /// Processes of the auth verifier, 1 to 16.
  package var verifier = 1
  /// Processes of the predict service, 1 to 16.
  package var predict = 1

  /// One of each.
  package init() {}

  /// Reads a list such as `verifier=3,token=2,predict=2`. Services that are not named run once.
  ///
  /// - Returns: Nothing for an unknown service, one that is named twice, or a count outside of 1...16.
  package init?(parsing text: String) {
    var named: Set<Substring> = []
    for part in text.split(separator: ",", omittingEmptySubsequences: false) {
      let pair = part.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      guard pair.count == 2, let count = Int(pair[1]), (1...16).contains(count), named.insert(pair[0]).inserted
      else { return nil }
      switch pair[0] {
      case "token": token = count
      case "verifier": verifier = count
      case "predict": predict = count
      default: return nil
      }
    }
  }
}
