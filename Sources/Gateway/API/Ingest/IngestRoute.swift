import Hummingbird

/// `POST /v1/data_sources/ingest`: stores rows and answers 204.
struct IngestRoute: Sendable {
  static let bodyLimit = 16 << 20
  /// The longest name of a data source that a service is asked for, in bytes: no source has one as long.
  private static let nameLimit = 255

  let client: any IngestClient
  let intake: OperationIntake

  func respond(to request: APIRequest) async throws -> Response {
    let ingest = try await intake.accept(request) { bytes throws(APIError) in
      let body = try IngestBody(bytes)
      guard body.dataSource.utf8.count <= Self.nameLimit else { throw .dataSourceNotFound }
      return body
    }
    do {
      try await ingest.client.cancellingWhenGone { [client] in
        try await client.ingest(
          ingest.body.batches, into: ingest.body.dataSource, authorization: ingest.authorization)
      }
    } catch {
      throw APIError(error, during: .ingest)
    }
    return Response(status: .noContent).withoutLength
  }
}

extension Response {
  /// The same answer without `Content-Length`, which a 204 must not have (RFC 9110, section 8.6).
  fileprivate var withoutLength: Response {
    var response = self
    response.headers[.contentLength] = nil
    return response
  }
}
