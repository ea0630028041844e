import Hummingbird
import ServiceKit
import TokenDomain

/// `POST /v1/data_sources/ingest`: stores rows. Answers 204.
struct IngestRoute: Sendable {
  static let bodyLimit = 16 << 20
  /// No data source has a name as long as this; what is longer is not worth a message.
  private static let nameLimit = 255

  let client: any IngestClient
  let gatekeeper: Gatekeeper
  let parsing = ParsingQueue()

  func respond(to request: APIRequest) async throws -> Response {
    let authorization = try request.authorization()
    let body: IngestBody
    do throws(APIError) {
      body = try await read(request.body)
    } catch {
      throw await gatekeeper.authenticated(
        error, authorization: authorization, permission: .ingest, operation: .ingest)
    }
    do {
      try await request.context.channel.clientPresence().cancellingWhenGone { [client] in
        try await client.ingest(body.batches, into: body.dataSource, authorization: authorization)
      }
    } catch {
      throw APIError(error, during: .ingest)
    }
    return Response(status: .noContent).withoutLength
  }

  private func read(_ bytes: [UInt8]?) async throws(APIError) -> IngestBody {
    guard let bytes else { throw .bodyTooLarge }
    let body = try await parsing.parse(bytes) { bytes throws(APIError) in try IngestBody(bytes) }
    guard body.dataSource.utf8.count <= Self.nameLimit else { throw .dataSourceNotFound }
    return body
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
