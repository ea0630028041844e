import PredictServer
import ServiceKit
import TemporisAPI
import Testing
import TokenDomain

@Suite("Accounts")
struct IsolationTests {
  @Test("Two accounts with the same names never see each other's things, in any method")
  func isolation() async throws {
    let stack = try await PredictStack.make()
    let (owner, other) = (stack.account(), stack.account())
    try await owner.furnish()
    let requestID = try await owner.predict(key: "k")[0].header.requestID
    #expect(try await other.sourceNames() == [[]])
    #expect(try await other.profileNames().isEmpty)
    await expectRefusal(.dataSourceNotFound) { try await other.ingest([.of("orders", 1, 1)]) }
    await expectRefusal(.dataSourceNotFound) { try await other.setArchived(true) }
    await expectRefusal(.dataSourceNotFound) { try await other.setArchived(false) }
    await expectRefusal(.dataSourceNotFound) { try await other.createProfile("mine") }
    await expectRefusal(.dataProfileNotFound) { try await other.profile() }
    await expectRefusal(.dataProfileNotFound) { try await other.deleteProfile() }
    await expectRefusal(.dataProfileNotFound) { try await other.updateProfile() }
    await expectRefusal(.dataProfileNotFound) { try await other.context() }
    await expectRefusal(.permissionDenied) { try await other.publish() }
    await expectRefusal(.permissionDenied) { try await other.unpublish() }
    #expect(try await other.publicProfiles().isEmpty)
    await expectRefusal(.dataSourceNotFound) { try await other.series() }
    await expectRefusal(.dataSourceNotFound) { try await other.source() }
    await expectRefusal(.dataSourceNotFound) { try await other.deleteRecords() }
    await expectRefusal(.dataSourceNotFound) { try await other.deleteSource(force: true) }
    await expectRefusal(.chargeNotFound) { try await other.charge(requestID) }
    await expectRefusal(.paymentMethodNotFound) { try await other.card() }
    await expectRefusal(.cardMissing) { try await other.predict(key: "k") }
    try await other.removeCard()
    try await other.setCard()
    await expectRefusal(.dataProfileNotFound) { try await other.predict(key: "k") }
    #expect(try await other.usage().predictions == 0)
    #expect(try await other.charges().isEmpty)

    // The same names, and yet other things.
    try await other.createSource()
    try await other.ingest(.hourly("orders", count: 10))
    await expectRefusal(.dataProfileNotReady) {
      try await other.createProfile()
      return try await other.predict()
    }
    #expect(try await other.deleteRecords().deletedRecords == 10)
    try await other.deleteSource(force: true)
    try await other.removeCard()
    #expect(try await owner.profile().ready)
    #expect(try await owner.card().status == .good)
    #expect(try await owner.ingest([.of("orders", 1, 1)]) == 1)
    #expect(try await owner.rows().count == 201)
    #expect(try await owner.predict().count == 4)
    #expect(try await owner.usage().predictions == 2)
  }

  @Test("Of an operator others see what is published: its name, its series, the forecast's shape, and forecasts")
  func operatorIsolation() async throws {
    let operatorID = ResourceID.make("acct")
    let stack = try await PredictStack.make { $0.operatorAccount = operatorID }
    let (maintainer, other) = (stack.account(id: operatorID), stack.account())
    try await maintainer.furnish()
    try await maintainer.createProfile("kept")
    try await maintainer.publish()
    try await other.setCard()
    let listed = try await other.publicProfiles()
    #expect(listed.map(\.name) == ["temporis/hourly"] && listed.map(\.names) == [["orders"]])
    #expect(try await other.predict("temporis/hourly")[0].header.names == ["orders"])
    await expectRefusal(.dataProfileNotFound) { try await other.predict("temporis/kept") }
    // Neither name of it opens what an owner's calls open, and nothing can be made that reads its rows.
    for name in ["hourly", "temporis/hourly", "kept", "temporis/kept"] {
      await expectRefusal(.dataProfileNotFound) { try await other.profile(name) }
      await expectRefusal(.dataProfileNotFound) { try await other.context(name) }
      await expectRefusal(.dataProfileNotFound) { try await other.updateProfile(name) }
      await expectRefusal(.dataProfileNotFound) { try await other.deleteProfile(name) }
      await expectRefusal(.permissionDenied) { try await other.unpublish(name) }
    }
    #expect(try await other.profileNames().isEmpty)
    for source in ["metrics", "temporis/metrics"] {
      await expectRefusal(.dataSourceNotFound) { try await other.source(source) }
      await expectRefusal(.dataSourceNotFound) { try await other.series(of: source) }
      await expectRefusal(.dataSourceNotFound) { try await other.ingest([.of("orders", 1, 1)], into: source) }
      await expectRefusal(.dataSourceNotFound) { try await other.deleteRecords(of: source) }
      await expectRefusal(.dataSourceNotFound) { try await other.createProfile("mine") { $0.dataSource = source } }
    }
    // And what others pay for a forecast is theirs alone.
    #expect(try await other.usage().predictions == 1)
    #expect(try await maintainer.usage().predictions == 0)
    #expect(try await maintainer.charges().isEmpty)
  }

  @Test("A call without a principal is refused")
  func noPrincipal() async throws {
    let service = try await PredictStack.make().service
    await expectRefusal(.accessTokenMissing) { try await service.predictions.response(to: .init()) }
  }

  @Test("Access tokens ingest and predict; every other method takes a dashboard session")
  func access() {
    let access = PredictService.access
    #expect(access[Temporis_Predict_V1_DataSourceService.Method.Ingest.descriptor] == .permission(.ingest))
    #expect(access[Temporis_Predict_V1_PredictionService.Method.Predict.descriptor] == .permission(.predict))
    #expect(access.count == 9 + 9 + 1 + 7)
    #expect(access.values.filter { $0 == .dashboardSession }.count == 24)
  }
}
