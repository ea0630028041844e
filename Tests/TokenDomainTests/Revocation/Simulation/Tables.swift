import TokenDomain

/// What a node of the database holds: the rows that its statements see.
struct Tables {
  /// A verifier's lease.
  struct Lease {
    let session: VerifierSessionID
    var acknowledged: Int64
    var floor: Int64
    var duration: Duration
  }

  /// Whether a credential may be used.
  enum State {
    case active
    case disabled
    case deleted
  }

  /// The answer to a look-up.
  struct Found {
    /// Whether the credential is accepted.
    let isActive: Bool
    /// `nil` of a deleted one.
    let identity: CredentialIdentity?
    /// The end of the log in the same snapshot.
    let position: LogPosition
  }

  /// The revocation log, in order; never empty.
  private(set) var log: [Revocation]
  private(set) var credentials = Array(repeating: State.active, count: Subject.credentialCount)
  private(set) var suspended = Array(repeating: false, count: Subject.accountCount)
  private(set) var leases: [Lease] = []

  init(tag: UInt64) {
    log = [Revocation(at: LogPosition(revision: 0, tag: tag), of: .nothing)]
  }

  /// The last entry's place, which is also what the counter's row says.
  var end: LogPosition { log[log.count - 1].position }

  /// The entries from a place onwards, `limit` of them.
  func entries(from revision: Int64, limit: Int) -> [Revocation] {
    Array(log.drop { $0.position.revision < revision }.prefix(limit))
  }

  /// Whether the log holds exactly this entry.
  func contains(_ position: LogPosition) -> Bool {
    log.contains { $0.position == position }
  }

  /// Looks a credential up in one statement.
  func find(_ credential: Int) -> Found {
    let state = credentials[credential]
    let isActive = state == .active && !suspended[Subject.account(of: credential)]
    let identity = state == .deleted ? nil : Subject.identity(of: credential)
    return Found(isActive: isActive, identity: identity, position: end)
  }

  /// How many leases have not acknowledged a revision.
  func lagging(behind revision: Int64) -> Int {
    leases.reduce(0) { $1.acknowledged < revision ? $0 + 1 : $0 }
  }

  /// Whether a change would change anything.
  func allows(_ kind: Change.Kind, of subject: Subject) -> Bool {
    switch subject {
    case .credential(let number):
      switch kind {
      case .delete: credentials[number] != .deleted
      case .disable: credentials[number] == .active
      case .enable: credentials[number] == .disabled
      case .suspend, .resume: false
      }
    case .account(let number): suspended[number] == (kind == .resume)
    }
  }
}

// MARK: - Statements that write; each returns whether it wrote anything

extension Tables {
  /// Changes a credential or an account, with the revision that names it.
  mutating func apply(_ kind: Change.Kind, of subject: Subject, at position: LogPosition) -> Bool {
    switch (subject, kind) {
    case (.credential(let number), .delete): credentials[number] = .deleted
    case (.credential(let number), .disable): credentials[number] = .disabled
    case (.credential(let number), _): credentials[number] = .active
    case (.account(let number), _): suspended[number] = kind == .suspend
    }
    log.append(Revocation(at: position, of: subject.revoked))
    return true
  }

  /// Inserts a lease.
  mutating func insert(_ lease: Lease) -> Bool {
    leases.append(lease)
    return true
  }

  /// Extends a lease, which always writes its row.
  mutating func renew(_ session: VerifierSessionID, for duration: Duration) -> Bool {
    for index in leases.indices where leases[index].session == session {
      leases[index].duration = max(leases[index].duration, duration)
    }
    return true
  }

  /// Notes an acknowledgement if the log holds what is acknowledged.
  mutating func acknowledge(_ position: LogPosition, by session: VerifierSessionID) -> Bool {
    guard contains(position), let index = leases.firstIndex(where: { $0.session == session }) else { return false }
    leases[index].acknowledged = max(leases[index].acknowledged, position.revision)
    return true
  }

  /// Keeps the leases that have not acknowledged a revision from being renewed.
  ///
  /// - Returns: The longest of them; `nil` if there is none.
  mutating func raiseFloor(to revision: Int64) -> Duration? {
    var longest: Duration?
    for index in leases.indices where leases[index].acknowledged < revision {
      leases[index].floor = max(leases[index].floor, revision)
      longest = max(longest ?? .zero, leases[index].duration)
    }
    return longest
  }

  /// Deletes the leases that have not acknowledged a revision.
  mutating func removeLeases(behind revision: Int64) -> Bool {
    let count = leases.count
    leases.removeAll { $0.acknowledged < revision }
    return leases.count < count
  }

  /// Deletes a lease.
  mutating func removeLease(of session: VerifierSessionID) -> Bool {
    let count = leases.count
    leases.removeAll { $0.session == session }
    return leases.count < count
  }

  /// Forgets the log's beginning. The last entry stays.
  mutating func prune(keeping count: Int) -> Bool {
    let excess = log.count - max(1, count)
    if excess > 0 { log.removeFirst(excess) }
    return excess > 0
  }
}
