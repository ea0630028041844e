import Testing
import TokenDomain

@Suite struct RevocationLogTests {
  private static let mine = CredentialIdentity(credentialID: "token", accountID: "account")

  private static func position(_ revision: Int64, tag: UInt64 = 0) -> LogPosition {
    LogPosition(revision: revision, tag: tag == 0 ? UInt64(revision) * 1_000 : tag)
  }

  private static func entry(_ revision: Int64, _ subject: Revocation.Subject = .nothing) -> Revocation {
    Revocation(at: position(revision), of: subject)
  }

  /// A log that begins at revision 5 and has applied one entry for each subject.
  private static func log(_ subjects: [Revocation.Subject]) -> RevocationLog {
    var log = RevocationLog(at: position(5))
    for (index, subject) in subjects.enumerated() {
      #expect(log.append(entry(6 + Int64(index), subject)) == .applied)
    }
    return log
  }

  @Test("Only the entry after the last applied one is applied")
  func arrivals() {
    var log = RevocationLog(at: Self.position(5))
    #expect(log.append(Self.entry(4)) == .known)
    #expect(log.append(Self.entry(5)) == .known)
    #expect(log.append(Self.entry(7)) == .gap)
    #expect(log.applied == Self.position(5))
    #expect(log.append(Self.entry(6)) == .applied)
    #expect(log.append(Self.entry(6)) == .known)
    #expect(log.append(Self.entry(8)) == .gap)
    #expect(log.append(Self.entry(7)) == .applied)
    #expect(log.applied == Self.position(7))
  }

  @Test("An entry that was applied with another tag is of another log, unless it is too old to tell")
  func conflicts() {
    var log = Self.log([.nothing, .nothing])
    for revision in 5...7 as ClosedRange<Int64> {
      let other = Revocation(at: Self.position(revision, tag: 1), of: .credential("token"))
      #expect(log.append(other) == .conflict)
      #expect(log.append(Self.entry(revision)) == .known)
    }
    #expect(log.append(Revocation(at: Self.position(4, tag: 1), of: .nothing)) == .known)
    #expect(log.applied == Self.position(7))
    #expect(log.append(Self.entry(8)) == .applied)
  }

  @Test(
    "A look-up counts unless an entry after it names its credential or its account",
    arguments: [
      ([], .current),
      ([.nothing, .credential("other"), .account("other")], .current),
      ([.credential("token")], .superseded),
      ([.account("account")], .superseded),
      ([.everything], .superseded),
      ([.nothing, .credential("token"), .nothing], .superseded),
      // Ids of credentials and of accounts are two kinds of names.
      ([.credential("account"), .account("token")], .current),
    ] as [([Revocation.Subject], RevocationLog.Standing)])
  func subjects(subjects: [Revocation.Subject], standing: RevocationLog.Standing) {
    let log = Self.log(subjects)
    #expect(log.standing(of: Self.mine, readAt: Self.position(5)) == standing)
    #expect(log.standing(of: Self.mine, readAt: log.applied) == .current)
  }

  @Test(
    "A look-up is judged by where it was read",
    arguments: [
      // Before the log begins, nothing is known of what has happened since.
      (position(4), .superseded),
      (position(0), .superseded),
      // The entry that names the credential is revision 7.
      (position(5), .superseded),
      (position(6), .superseded),
      (position(7), .current),
      (position(8), .current),
      (position(9), .ahead),
      (position(1_000_000), .ahead),
      // Another log's revision of the same number.
      (position(8, tag: 1), .superseded),
      (position(7, tag: 1), .superseded),
    ] as [(LogPosition, RevocationLog.Standing)])
  func places(position: LogPosition, standing: RevocationLog.Standing) {
    let log = Self.log([.nothing, .credential("token"), .nothing])
    #expect(log.standing(of: Self.mine, readAt: position) == standing)
  }

  @Test("An unknown secret is named by no entry, yet has to be read in the same log")
  func unknownSecrets() {
    let log = Self.log([.everything, .credential("token")])
    #expect(log.standing(of: nil, readAt: Self.position(5)) == .current)
    #expect(log.standing(of: nil, readAt: Self.position(4)) == .superseded)
    #expect(log.standing(of: nil, readAt: Self.position(6, tag: 1)) == .superseded)
    #expect(log.standing(of: nil, readAt: Self.position(8)) == .ahead)
  }

  @Test(
    "However long the log gets, a look-up is judged as by all entries, and one from before the kept ones never counts")
  func longLog() {
    var random = SimulationRandom(seed: 1)
    let names = (0..<6_000).map { "\($0)" }
    let first: Int64 = 90
    var subjects: [Revocation.Subject] = []
    var log = RevocationLog(at: Self.position(first))
    for count in 1...13_000 {
      let name = names[random.below(names.count)]
      subjects.append(random.chance(percent: 50) ? .credential(name) : .account(name))
      #expect(log.append(Self.entry(first + Int64(count), subjects[count - 1])) == .applied)
      guard count.isMultiple(of: 7) else { continue }
      let read = random.below(count + 1)
      let identity = CredentialIdentity(
        credentialID: names[random.below(names.count)], accountID: names[random.below(names.count)])
      let isNamed =
        subjects[read...].contains(.credential(identity.credentialID))
        || subjects[read...].contains(.account(identity.accountID))
      let isKept = count - read < RevocationLog.capacity
      #expect(
        log.standing(of: identity, readAt: Self.position(first + Int64(read)))
          == (isKept && !isNamed ? .current : .superseded),
        "\(count) entries, read at \(read)")
    }
  }
}
