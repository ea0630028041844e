/// How a case ended between two peers.
enum Outcome {
  case passed
  /// A peer can't do all of it, for these reasons; what it can do was right.
  case limited(by: [String])
  case failed(CaseFailure)
}
