/// A place in the revocation log, which PostgreSQL holds: one entry a revision, without gaps.
package struct LogPosition: Sendable, Hashable {
  /// The revision, from 0.
  package let revision: Int64
  /// A random number drawn with the revision. A revision whose commit was lost in a failover may be given again; its
  /// tag is another then.
  package let tag: UInt64

  /// Names a place.
  package init(revision: Int64, tag: UInt64) {
    self.revision = revision
    self.tag = tag
  }
}

/// An entry of the revocation log: what was looked up before about its subject must be looked up again.
package struct Revocation: Sendable, Hashable {
  /// What a revision is about.
  package enum Subject: Sendable, Hashable {
    /// One credential, by its id.
    case credential(String)
    /// An account and all its credentials.
    case account(String)
    /// All credentials: what a verifier makes of a kind that it doesn't know.
    case everything
    /// No credential at all.
    case nothing
  }

  /// The entry's place.
  package let position: LogPosition
  /// What it is about.
  package let subject: Subject

  /// Describes an entry.
  package init(at position: LogPosition, of subject: Subject) {
    self.position = position
    self.subject = subject
  }
}

/// A credential's ids, by which revisions name it. `nil` of a secret that no credential has: a revision can't name it,
/// and need not, since secrets are random and an unknown one never becomes known.
package struct CredentialIdentity: Sendable, Hashable {
  /// The credential's id.
  package let credentialID: String
  /// Its account's id.
  package let accountID: String

  /// Names a credential.
  package init(credentialID: String, accountID: String) {
    self.credentialID = credentialID
    self.accountID = accountID
  }

  /// Whether an entry of the log is about the credential.
  func isSubject(_ subject: Revocation.Subject) -> Bool {
    switch subject {
    case .credential(let id): id == credentialID
    case .account(let id): id == accountID
    case .everything: true
    case .nothing: false
    }
  }
}

/// The name of a verifier's registration: 128 random bits, drawn for each and never used again.
package struct VerifierSessionID: Sendable, Hashable {
  private let high: UInt64
  private let low: UInt64

  /// How many bytes a name has.
  package static let byteCount = 16

  /// Draws a new name.
  package init(using generator: inout some RandomNumberGenerator) {
    high = generator.next()
    low = generator.next()
  }

  /// Reads a name that came with a call. `nil` unless it is 16 bytes long.
  package init?(bytes: some Collection<UInt8>) {
    guard bytes.count == Self.byteCount else { return nil }
    high = bytes.prefix(8).reduce(0) { $0 << 8 | UInt64($1) }
    low = bytes.dropFirst(8).reduce(0) { $0 << 8 | UInt64($1) }
  }

  /// The name as it travels.
  package var bytes: [UInt8] {
    [high, low].flatMap { word in (0..<8).map { UInt8(truncatingIfNeeded: word >> (56 - 8 * $0)) } }
  }
}
