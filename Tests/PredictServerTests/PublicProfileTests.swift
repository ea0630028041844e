import PredictServer
import ServiceKit
import TemporisAPI
import Testing

/// Profiles of the operator's account that every account may have forecast.
@Suite("Public profiles") struct PublicProfileTests {
  /// An operator with a ready profile `hourly`, and somebody else with a card.
  private static func make() async throws -> (maintainer: Account, caller: Account) {
    let operatorID = ResourceID.make("acct")
    let stack = try await PredictStack.make { $0.operatorAccount = operatorID }
    let accounts = (maintainer: stack.account(id: operatorID), caller: stack.account())
    try await accounts.maintainer.furnish()
    try await accounts.caller.setCard()
    return accounts
  }

  @Test("What the operator has not published is nobody's but its own, and what it has, every account may ask for")
  func publish() async throws {
    let (maintainer, caller) = try await Self.make()
    for account in [caller, maintainer] {
      await expectRefusal(.dataProfileNotFound) { try await account.predict("temporis/hourly") }
      #expect(try await account.publicProfiles().isEmpty)
    }
    #expect(try await maintainer.publish().published)
    #expect(try await maintainer.publish().published)
    for account in [caller, maintainer] {
      let header = try await account.predict("temporis/hourly", count: 1)[0].header
      #expect(header.dataProfile == "temporis/hourly" && header.names == ["orders"])
      #expect(try await account.charges().map(\.dataProfile) == ["temporis/hourly"])
    }
    let listed = try #require(try await caller.publicProfiles().first)
    #expect(listed.name == "temporis/hourly" && listed.names == ["orders"] && listed.ready)
    let profile = try await maintainer.profile()
    #expect(listed.forecast == profile.forecast && profile.published && profile.publishable)
    #expect(try await maintainer.predict("hourly", count: 1).count == 2)
  }

  @Test("An unpublished profile stops at once, and so does a deleted one")
  func unpublish() async throws {
    let (maintainer, caller) = try await Self.make()
    for stop in [Account.unpublished, Account.deleted] {
      try await maintainer.publish()
      // Once to be known to the service, and once more.
      for _ in 0..<2 { #expect(try await caller.predict("temporis/hourly", count: 1).count == 2) }
      try await stop(maintainer)
      for account in [caller, maintainer] {
        await expectRefusal(.dataProfileNotFound) { try await account.predict("temporis/hourly") }
        #expect(try await account.publicProfiles().isEmpty)
      }
    }
    // Another one by the same name is another profile.
    try await maintainer.createProfile()
    await expectRefusal(.dataProfileNotFound) { try await caller.predict("temporis/hourly") }
    #expect(try await caller.billedCount() == 4)
  }

  @Test("Who is the operator no longer has no public profiles, and the next operator's are its own")
  func successor() async throws {
    let (maintainer, _) = try await Self.make()
    try await maintainer.publish()
    let successorID = ResourceID.make("acct")
    let stack = try await PredictStack.make { $0.operatorAccount = successorID }
    let before = try await stack.account(id: maintainer.id).profile()
    #expect(!before.published && !before.publishable)
    await expectRefusal(.permissionDenied) { try await stack.account(id: maintainer.id).unpublish() }
    let caller = stack.account()
    try await caller.setCard()
    #expect(try await caller.publicProfiles().isEmpty)
    await expectRefusal(.dataProfileNotFound) { try await caller.predict("temporis/hourly") }
    let successor = stack.account(id: successorID)
    try await successor.furnish()
    #expect(try await successor.publish().published)
    #expect(try await caller.publicProfiles().map(\.name) == ["temporis/hourly"])
  }

  @Test("A list of public profiles judges some that may have become ready, whoever asks")
  func readiness() async throws {
    let operatorID = ResourceID.make("acct")
    let stack = try await PredictStack.make { $0.operatorAccount = operatorID }
    let (maintainer, caller) = (stack.account(id: operatorID), stack.account())
    try await maintainer.createSource()
    try await maintainer.createProfile()
    #expect(try await !maintainer.publish().ready)
    try await maintainer.ingest(.hourly("orders", count: 100))
    #expect(try await caller.publicProfiles().map(\.ready) == [true])
  }

  @Test("An answer that was paid for can be asked for again with its key")
  func replay() async throws {
    let (maintainer, caller) = try await Self.make()
    try await maintainer.publish()
    let answer = try await caller.predict("temporis/hourly", key: "k")
    try await maintainer.unpublish()
    #expect(try await caller.predict("temporis/hourly", key: "k") == answer)
    await expectRefusal(.dataProfileNotFound) { try await caller.predict("temporis/hourly", key: "other") }
  }

  @Test("Only the operator publishes, and others are not even told what there is")
  func permission() async throws {
    let (_, caller) = try await Self.make()
    try await caller.furnish()
    for name in ["hourly", "none", "temporis/hourly", ""] {
      await expectRefusal(.permissionDenied) { try await caller.publish(name) }
      await expectRefusal(.permissionDenied) { try await caller.unpublish(name) }
    }
    let own = try await caller.profile()
    #expect(!own.published && !own.publishable)
    let nobody = try await PredictStack.make().account()
    try await nobody.furnish()
    await expectRefusal(.permissionDenied, saying: "operator") { try await nobody.publish() }
    #expect(try await nobody.publicProfiles().isEmpty)
  }

  @Test("A profile that the operator does not have cannot be published")
  func unknown() async throws {
    let (maintainer, _) = try await Self.make()
    for name in ["none", "temporis/hourly", "", "No Name"] {
      await expectRefusal(.dataProfileNotFound) { try await maintainer.publish(name) }
      await expectRefusal(.dataProfileNotFound) { try await maintainer.unpublish(name) }
    }
  }

  @Test("They are listed by name, page by page, and one whose settings changed is listed as it is")
  func list() async throws {
    let (maintainer, caller) = try await Self.make()
    for name in ["b", "a", "c"] {
      try await maintainer.createProfile(name)
      if name != "c" { try await maintainer.publish(name) }
    }
    #expect(try await caller.publicProfiles(size: 1).map(\.name) == ["temporis/a", "temporis/b"])
    try await maintainer.updateProfile("a", mask: ["names"]) { $0.names = ["visits"] }
    let changed = try #require(try await caller.publicProfiles().first)
    #expect(changed.names == ["visits"] && !changed.ready)
    await expectRefusal(.dataProfileNotReady) { try await caller.predict("temporis/a") }
  }
}

extension Account {
  fileprivate static let unpublished: @Sendable (Account) async throws -> Void = { try await $0.unpublish() }
  fileprivate static let deleted: @Sendable (Account) async throws -> Void = { try await $0.deleteProfile() }
}
