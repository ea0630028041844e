/// What a verifier knows of the revocation log: how far it has applied it, and the last entries.
///
/// It judges what was looked up. A look-up tells in which state of the log it was read; what has happened to its
/// credential since then is in the entries that follow.
package struct RevocationLog: Sendable {
  /// How many entries are kept. A look-up that was read further back is asked again.
  package static let capacity = 4_096

  /// What a look-up is worth.
  package enum Standing: Sendable, Hashable {
    /// It holds: no entry since names its credential.
    case current
    /// It was read in a state that the verifier has not applied yet: it can be judged once it has.
    case ahead
    /// It does not count, and must be asked again.
    case superseded
  }

  /// What became of an entry that arrived.
  package enum Arrival: Sendable, Hashable {
    /// It is the next one, and was applied.
    case applied
    /// It was applied before.
    case known
    /// Entries are missing between the last applied one and this.
    case gap
    /// Another entry with its revision was applied: one of the two is of a log that a failover lost.
    case conflict
  }

  /// The last entries that were applied, as a ring that begins with the one of ``origin``.
  private var entries: [Revocation]
  private let origin: Int64
  /// The first revision of ``entries``: a look-up that was read before it can't be judged.
  private(set) var floor: Int64
  /// How far the log was applied.
  private(set) package var applied: LogPosition

  /// Begins where a session was registered. What happened before is not known.
  package init(at position: LogPosition) {
    entries = [Revocation(at: position, of: .nothing)]
    origin = position.revision
    floor = position.revision
    applied = position
  }

  /// Adds an entry if it is the next one.
  ///
  /// While two streams overlap, they may read two logs after a failover. The next entry of a stream is applied only
  /// after all those before it on the same stream, so it suffices to compare what was applied before.
  package mutating func append(_ revocation: Revocation) -> Arrival {
    let revision = revocation.position.revision
    if revision <= applied.revision {
      return revision < floor || entry(revision).position == revocation.position ? .known : .conflict
    }
    guard revision == applied.revision + 1 else { return .gap }
    if entries.count < Self.capacity {
      entries.append(revocation)
    } else {
      entries[index(of: revision)] = revocation
      floor += 1
    }
    applied = revocation.position
    return .applied
  }

  /// Judges a look-up.
  ///
  /// - Parameters:
  ///   - position: The end of the log in the snapshot that the look-up was read in.
  ///   - identity: The credential that was found; `nil` when the secret is unknown.
  package func standing(of identity: CredentialIdentity?, readAt position: LogPosition) -> Standing {
    if position.revision > applied.revision { return .ahead }
    // A tag that differs is of a revision that was lost and given again: the look-up saw another log.
    guard position.revision >= floor, entry(position.revision).position == position else { return .superseded }
    guard let identity else { return .current }
    var revision = position.revision
    while revision < applied.revision {
      revision += 1
      if identity.isSubject(entry(revision).subject) { return .superseded }
    }
    return .current
  }

  private func entry(_ revision: Int64) -> Revocation {
    entries[index(of: revision)]
  }

  private func index(of revision: Int64) -> Int {
    Int((revision - origin) % Int64(Self.capacity))
  }
}
