import TokenDomain

/// A change of what a look-up answers, asked for by a client and carried out by a replica of the token service.
struct Change {
  /// What it does.
  enum Kind: CaseIterable {
    /// Deletes a credential, for ever.
    case delete
    /// Disables a credential.
    case disable
    /// Enables it again.
    case enable
    /// Suspends an account, and so all its credentials.
    case suspend
    /// Lets it act again.
    case resume

    /// Whether it allows what was forbidden.
    var isReversal: Bool { self == .enable || self == .resume }
    /// Whether its subject is an account.
    var isOfAccount: Bool { self == .suspend || self == .resume }
  }

  /// The change's number, for the trace.
  let number: Int
  /// What it does.
  let kind: Kind
  /// To which credential or account.
  let subject: Subject
  /// How often a reversal had been asked for when it was; `nil` while one was under way.
  let reversals: Int?
}

/// A credential or an account, by number.
enum Subject: Hashable {
  case credential(Int)
  case account(Int)

  /// Two of one account, two of another.
  static let credentialCount = 4
  static let accountCount = 2
  static let all = (0..<credentialCount).map(Self.credential) + (0..<accountCount).map(Self.account)

  private static let credentialIDs = (0..<credentialCount).map { "credential \($0)" }
  private static let accountIDs = (0..<accountCount).map { "account \($0)" }
  private static let identities = (0..<credentialCount).map {
    CredentialIdentity(credentialID: credentialIDs[$0], accountID: accountIDs[account(of: $0)])
  }

  /// The account of a credential.
  static func account(of credential: Int) -> Int { credential / 2 }

  /// The ids of a credential.
  static func identity(of credential: Int) -> CredentialIdentity { identities[credential] }

  /// Its place among all.
  var index: Int {
    switch self {
    case .credential(let number): number
    case .account(let number): Self.credentialCount + number
    }
  }

  /// As the log names it.
  var revoked: Revocation.Subject {
    switch self {
    case .credential(let number): .credential(Self.credentialIDs[number])
    case .account(let number): .account(Self.accountIDs[number])
    }
  }

  /// The credentials that it is or has.
  var credentials: Range<Int> {
    switch self {
    case .credential(let number): number..<number + 1
    case .account(let number): 2 * number..<2 * number + 2
    }
  }
}
