import GRPCCore
import Postgres
import PredictServer
import ServiceDatabase
import ServiceKit
import SwiftProtobuf
import TemporisAPI
import TokenDomain

/// An account and the calls that it makes.
struct Account: Sendable {
  let stack: PredictStack
  let id: String
  private static let context = ServerContext(
    descriptor: MethodDescriptor(fullyQualifiedService: "test", method: "Test"), remotePeer: "test", localPeer: "test",
    cancellation: ServerContext.RPCCancellationHandle())

  var principal: Principal {
    Principal(accountID: id, credentialID: "tok_\(id)", kind: .accessToken, permissions: [.ingest, .predict])
  }

  /// Calls a handler. An error is what the caller receives: here no server turns it into that.
  func call<Result>(_ body: (PredictService, ServerContext) async throws -> Result) async throws -> Result {
    do {
      return try await Principal.$current.withValue(principal) { try await body(stack.service, Self.context) }
    } catch let error as any ServiceErrorConvertible {
      throw error.serviceError
    } catch is CancellationError {
      throw RPCError(code: .cancelled, message: "cancelled")
    }
  }

  @discardableResult
  func createSource(_ name: String = "metrics", key: String = "") async throws -> Temporis_Predict_V1_DataSource {
    try await call { service, context in
      var request = Temporis_Predict_V1_CreateDataSourceRequest()
      request.name = name
      request.idempotencyKey = key
      return try await service.dataSources.createDataSource(request: request, context: context).dataSource
    }
  }

  func source(_ name: String = "metrics") async throws -> Temporis_Predict_V1_DataSource {
    var request = Temporis_Predict_V1_GetDataSourceRequest()
    request.name = name
    return try await call { [request] in
      try await $0.dataSources.getDataSource(request: request, context: $1).dataSource
    }
  }

  func deleteSource(_ name: String = "metrics", force: Bool = false) async throws {
    var request = Temporis_Predict_V1_DeleteDataSourceRequest()
    request.name = name
    request.force = force
    _ = try await call { [request] in try await $0.dataSources.deleteDataSource(request: request, context: $1) }
  }

  /// Deletes the rows that `change` selects; all of them when it selects none.
  @discardableResult
  func deleteRecords(
    of source: String = "metrics", _ change: (inout Temporis_Predict_V1_DeleteRecordsRequest) -> Void = { _ in }
  ) async throws -> Temporis_Predict_V1_DeleteRecordsResponse {
    var request = Temporis_Predict_V1_DeleteRecordsRequest()
    request.dataSource = source
    change(&request)
    return try await call { [request] in try await $0.dataSources.deleteRecords(request: request, context: $1) }
  }

  func sourceNames(size: Int32 = 0) async throws -> [[String]] {
    try await pages { token in
      var request = Temporis_Predict_V1_ListDataSourcesRequest()
      request.pageSize = size
      request.pageToken = token
      let response = try await call { [request] in
        try await $0.dataSources.listDataSources(request: request, context: $1)
      }
      return (response.dataSources.map(\.name), response.nextPageToken)
    }
  }

  func setArchived(_ isArchived: Bool, _ name: String = "metrics") async throws -> Temporis_Predict_V1_DataSource {
    try await call { service, context in
      if isArchived {
        var request = Temporis_Predict_V1_ArchiveDataSourceRequest()
        request.name = name
        return try await service.dataSources.archiveDataSource(request: request, context: context).dataSource
      }
      var request = Temporis_Predict_V1_UnarchiveDataSourceRequest()
      request.name = name
      return try await service.dataSources.unarchiveDataSource(request: request, context: context).dataSource
    }
  }

  @discardableResult
  func ingest(
    _ records: [Temporis_Predict_V1_Record], into source: String = "metrics", batch: Int = 1_000
  ) async throws -> Int64 {
    var parts = [Temporis_Predict_V1_IngestRequest.with { $0.header.dataSource = source }]
    for start in stride(from: 0, to: records.count, by: batch) {
      parts.append(.with { $0.batch.records = Array(records[start..<min(start + batch, records.count)]) })
    }
    return try await ingest(parts: parts)
  }

  func ingest(parts: [Temporis_Predict_V1_IngestRequest]) async throws -> Int64 {
    let stream = AsyncThrowingStream<Temporis_Predict_V1_IngestRequest, any Error> { continuation in
      for part in parts { continuation.yield(part) }
      continuation.finish()
    }
    return try await call { service, context in
      try await service.dataSources.ingest(request: RPCAsyncSequence(wrapping: stream), context: context).storedRecords
    }
  }

  /// The rows of an account, as `name timestamp value`, in the order of their keys.
  func rows() async throws -> [String] {
    try await stack.administrator.query(
      #"SELECT name, "timestamp", value FROM predict.record WHERE account_id = $1 ORDER BY name, "timestamp""#,
      .text(id)
    ).map { row in
      "\(try row.decode(0, as: String.self)) \(try row.decode(1, as: Int64.self)) \(try row.decode(2, as: Double.self))"
    }
  }

  @discardableResult
  func createProfile(
    _ name: String = "hourly", key: String = "",
    _ change: (inout Temporis_Predict_V1_ProfileSettings) -> Void = { _ in }
  ) async throws -> Temporis_Predict_V1_DataProfile {
    var request = Temporis_Predict_V1_CreateDataProfileRequest()
    request.name = name
    request.idempotencyKey = key
    request.settings.dataSource = "metrics"
    request.settings.names = ["orders"]
    request.settings.interval = 3_600
    change(&request.settings)
    return try await call { [request] in
      try await $0.dataProfiles.createDataProfile(request: request, context: $1).dataProfile
    }
  }

  func profile(_ name: String = "hourly") async throws -> Temporis_Predict_V1_DataProfile {
    var request = Temporis_Predict_V1_GetDataProfileRequest()
    request.name = name
    return try await call { [request] in
      try await $0.dataProfiles.getDataProfile(request: request, context: $1).dataProfile
    }
  }

  /// Changes the settings that the mask names to what `change` makes of those of `createProfile`.
  @discardableResult
  func updateProfile(
    _ name: String = "hourly", mask: [String] = [],
    _ change: (inout Temporis_Predict_V1_ProfileSettings) -> Void = { _ in }
  ) async throws -> Temporis_Predict_V1_DataProfile {
    var request = Temporis_Predict_V1_UpdateDataProfileRequest()
    request.name = name
    request.updateMask.paths = mask
    request.settings.dataSource = "metrics"
    request.settings.names = ["orders"]
    request.settings.interval = 3_600
    change(&request.settings)
    return try await call { [request] in
      try await $0.dataProfiles.updateDataProfile(request: request, context: $1).dataProfile
    }
  }

  /// The series of a source, page by page.
  func series(of source: String = "metrics", size: Int32 = 0) async throws -> [[Temporis_Predict_V1_Series]] {
    try await pages { token in
      var request = Temporis_Predict_V1_ListSeriesRequest()
      request.dataSource = source
      request.pageSize = size
      request.pageToken = token
      let response = try await call { [request] in
        try await $0.dataSources.listSeries(request: request, context: $1)
      }
      return (response.series, response.nextPageToken)
    }
  }

  /// The charges, newest first.
  func charges(size: Int32 = 0) async throws -> [Temporis_Billing_V1_Charge] {
    try await pages { token in
      var request = Temporis_Billing_V1_ListChargesRequest()
      request.pageSize = size
      request.pageToken = token
      let response = try await call { [request] in
        try await $0.billing.listCharges(request: request, context: $1)
      }
      return (response.charges, response.nextPageToken)
    }.flatMap(\.self)
  }

  func charge(_ requestID: String) async throws -> Temporis_Billing_V1_Charge {
    var request = Temporis_Billing_V1_GetChargeRequest()
    request.requestID = requestID
    return try await call { [request] in try await $0.billing.getCharge(request: request, context: $1).charge }
  }

  private func pages<Item>(_ page: (String) async throws -> (items: [Item], next: String)) async throws -> [[Item]] {
    var pages: [[Item]] = []
    var token = ""
    repeat {
      let (items, next) = try await page(token)
      pages.append(items)
      token = next
    } while !token.isEmpty
    return pages
  }

  func profiles() async throws -> [Temporis_Predict_V1_DataProfile] {
    try await call { service, context in
      try await service.dataProfiles.listDataProfiles(request: .init(), context: context).dataProfiles
    }
  }

  func profileNames() async throws -> [String] { try await profiles().map(\.name) }

  func deleteProfile(_ name: String = "hourly") async throws {
    var request = Temporis_Predict_V1_DeleteDataProfileRequest()
    request.name = name
    _ = try await call { [request] in try await $0.dataProfiles.deleteDataProfile(request: request, context: $1) }
  }

  @discardableResult
  func setCard(_ reference: String = "pm_card_visa") async throws -> Temporis_Billing_V1_PaymentMethod {
    var request = Temporis_Billing_V1_SetPaymentMethodRequest()
    request.paymentMethodReference = reference
    return try await call { [request] in
      try await $0.billing.setPaymentMethod(request: request, context: $1).paymentMethod
    }
  }

  func card() async throws -> Temporis_Billing_V1_PaymentMethod {
    try await call { try await $0.billing.getPaymentMethod(request: .init(), context: $1).paymentMethod }
  }

  func removeCard() async throws {
    _ = try await call { try await $0.billing.removePaymentMethod(request: .init(), context: $1) }
  }

  func usage() async throws -> Temporis_Billing_V1_GetUsageResponse {
    try await call { try await $0.billing.getUsage(request: .init(), context: $1) }
  }

  func usage(of credentialID: String) async throws -> Temporis_Billing_V1_GetCredentialUsageResponse {
    var request = Temporis_Billing_V1_GetCredentialUsageRequest()
    request.credentialID = credentialID
    return try await call { [request] in try await $0.billing.getCredentialUsage(request: request, context: $1) }
  }

  /// Asks for a prediction and takes all its messages, through the response that goes onto the wire.
  func predict(
    _ profile: String = "hourly", count: Int32 = 3, temperature: Double = 1, topP: Double = 0.9, key: String = "",
    chargeTimeout: Duration? = nil
  ) async throws -> [Temporis_Predict_V1_PredictResponse] {
    var request = Temporis_Predict_V1_PredictRequest()
    request.dataProfile = profile
    request.count = count
    request.temperature = temperature
    request.topP = topP
    request.idempotencyKey = key
    if let chargeTimeout { request.chargeTimeout = .init(rounding: chargeTimeout) }
    let response = try await call { [request] in
      try await $0.predictions.predict(request: ServerRequest(metadata: [:], message: request), context: $1)
    }
    let collector = MessageCollector()
    _ = try await response.accepted.get().producer(RPCWriter(wrapping: collector))
    return collector.messages
  }

  /// How many predictions were billed, whenever.
  func billedCount() async throws -> Int {
    try await stack.administrator.query(
      "SELECT count(*) FROM predict.billing_record WHERE account_id = $1", .text(id)
    )[0].decode(0)
  }

  /// A source, hourly rows of `orders`, a ready profile `hourly` and a card.
  func furnish(hours: Int = 200) async throws {
    try await createSource()
    try await ingest(.hourly("orders", count: hours))
    try await createProfile()
    try await setCard()
  }
}
