import Hummingbird
import ServiceKit
import TokenDomain

/// `POST /v1/data_sources/ingest`: stores rows and answers 204.
struct IngestRoute: Sendable {
  static let bodyLimit = 16 << 20
  /// The longest name of a data source that a service is asked for, in bytes: no source has one as long.
  private static let nameLimit = 255

  let client: any IngestClient
  let authorizer: RequestAuthorizer
  let parsing = ParsingQueue()

  /// Returns the refusal of a caller who may not ingest.
  func admit(_ headers: HTTPFields) async -> APIError? {
    await authorizer.refusal(of: headers, permission: .ingest, operation: .ingest)
  }

  func respond(to request: APIRequest) async throws -> Response {
    let authorization = try request.headers.authorization()
    let presence = try await request.context.channel.clientPresence()
    let body: IngestBody
    do {
      body = try await read(request.body, from: presence)
    } catch let error as APIError {
      throw await admit(request.headers) ?? error
    }
    do {
      try await presence.cancellingWhenGone { [client] in
        try await client.ingest(body.batches, into: body.dataSource, authorization: authorization)
      }
    } catch {
      throw APIError(error, during: .ingest)
    }
    return Response(status: .noContent).withoutLength
  }

  private func read(_ body: Result<[UInt8], APIError>, from sender: ClientPresence) async throws -> IngestBody {
    let body = try await parsing.parse(body.get(), from: sender) { bytes throws(APIError) in try IngestBody(bytes) }
    guard body.dataSource.utf8.count <= Self.nameLimit else { throw APIError.dataSourceNotFound }
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
