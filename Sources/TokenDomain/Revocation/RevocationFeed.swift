/// The place of one stream in the revocation log, which it reads again and again from the last entry that it sent.
package struct RevocationFeed: Sendable {
  /// What a read is worth.
  package enum Outcome: Sendable, Hashable {
    /// These entries come next. None: there is nothing new.
    case send([Revocation])
    /// The log does not hold the last entry any more, or holds another in its place: the verifier must register anew.
    case reset
  }

  /// The last entry that was sent.
  private(set) package var position: LogPosition

  /// Resumes after what a verifier has applied.
  package init(after position: LogPosition) {
    self.position = position
  }

  /// Takes the log from the last entry that was sent, that entry included, in the order of revisions.
  package mutating func read(_ entries: [Revocation]) -> Outcome {
    guard let first = entries.first, first.position == position else { return .reset }
    for (entry, revision) in zip(entries, first.position.revision...) where entry.position.revision != revision {
      return .reset
    }
    position = entries.last?.position ?? position
    return .send(Array(entries.dropFirst()))
  }
}
