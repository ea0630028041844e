import GRPCCore
import GRPCNghttp2Transport
import Postgres
import ServiceKit
import SwiftProtobuf
import TemporisAPI
import Testing
import TokenDomain
import TokenServer

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// Look-ups that are answered without a handler.
@Suite struct CredentialFastPathTests {
  private static func request(_ secrets: [String]) throws -> Temporis_Token_V1_LookupCredentialsRequest {
    var request = Temporis_Token_V1_LookupCredentialsRequest()
    request.secretSha256 = secrets.map { Data(SecretHash(of: $0.utf8.span).bytes) }
    return request
  }

  /// What becomes of a request; nil when it is for the handler at once.
  private static func answer(
    _ message: [UInt8], by service: TokenServiceFixture, within time: Duration? = nil
  ) async throws -> FastPathPromise.Completion? {
    let context = FastPathContext(
      peer: ConnectionPeer(remote: "", local: ""), deadline: time.map { .now + $0 })
    switch service.credentials.fastPath.handler(message.span.bytes, context) {
    case .fallThrough: return nil
    case .later(let promise):
      return await withCheckedContinuation { continuation in
        promise.notify { continuation.resume(returning: $0) }
      }
    case .reply, .error:
      Issue.record("Nothing can be known at once.")
      return nil
    }
  }

  private static func reply(
    to request: Temporis_Token_V1_LookupCredentialsRequest, by service: TokenServiceFixture
  ) async throws -> [UInt8]? {
    guard case .reply(let bytes)? = try await answer(request.serializedBytes(), by: service) else { return nil }
    return bytes
  }

  @Test("Its answers are the handler's, byte for byte, and note the use as it does", arguments: [1, 2, 3, 5, 64])
  func sameBytes(count: Int) async throws {
    try await TokenServiceFixture.run { service in
      let ada = try await service.principal("ada@example.com")
      let tokens = [try await service.createToken(for: ada), try await service.createToken(for: ada)]
      let unknown = (0..<count).map { _ in Secret(kind: .accessToken).revealed }
      // Known ones among unknown ones, and one twice.
      let secrets = Array((unknown.dropLast(1) + tokens.map(\.secret) + tokens.map(\.secret)).suffix(count))
      let request = try Self.request(secrets)
      let handled = try await service.credentials.lookupCredentials(request: request, context: .test)
      try await service.maintenance.flush()
      _ = try await service.owner.execute("UPDATE token.access_token SET last_use_day = NULL")
      let reply = try #require(try await Self.reply(to: request, by: service))
      #expect(try reply == handled.serializedBytes())
      let found = try Temporis_Token_V1_LookupCredentialsResponse(serializedBytes: reply).results
      #expect(found.map(\.hasCredential) == secrets.map { secret in tokens.contains { $0.secret == secret } })
      try await service.maintenance.flush()
      let used = try await service.count("SELECT count(*) FROM token.access_token WHERE last_use_day IS NOT NULL")
      #expect(used == Set(secrets).intersection(tokens.map(\.secret)).count)
    }
  }

  @Test("What breaks a rule is the handler's, which says which")
  func rules() async throws {
    try await TokenServiceFixture.run { service in
      try await service.store.requirePeppers()
      var short = try Self.request([Secret(kind: .accessToken).revealed])
      short.secretSha256.append(Data([1, 2, 3]))
      let many = try Self.request((0..<65).map { "\($0)" })
      for request in [short, many, Temporis_Token_V1_LookupCredentialsRequest()] {
        let completion = try await Self.answer(request.serializedBytes(), by: service)
        #expect(completion == nil)
        let error = await #expect(throws: ServiceError.self) {
          try await service.credentials.lookupCredentials(request: request, context: .test)
        }
        #expect(error?.reason == .invalidArgument)
      }
      let noMessage = try await Self.answer([0xFF], by: service)
      #expect(noMessage == nil)
    }
  }

  @Test("Before the stored peppers are known it answers nothing, and never with those that are lacking")
  func peppers() async throws {
    try await TokenServiceFixture.run { before in
      let ada = try await before.principal("ada@example.com")
      let request = try Self.request([try await before.createToken(for: ada).secret])
      #expect(try await Self.reply(to: request, by: before) != nil)
      let other = before.with(peppers: try .test("2"))
      for _ in 0..<2 {
        let completion = try await Self.answer(request.serializedBytes(), by: other)
        #expect(completion == nil)
        await #expect(throws: (any Error).self) { try await other.store.requirePeppers() }
      }
    }
  }

  @Test("A fault of the database is what the handler's is: UNAVAILABLE, with the cause")
  func fault() async throws {
    try await TokenServiceFixture.run { service in
      let request = try Self.request([Secret(kind: .accessToken).revealed])
      try await service.store.requirePeppers()
      #expect(try await Self.reply(to: request, by: service) != nil)
      await service.database.close()
      guard case .error(let error)? = try await Self.answer(request.serializedBytes(), by: service) else {
        Issue.record("There is an answer.")
        return
      }
      #expect(error.code == .unavailable)
      #expect(ServiceError(error)?.reason == .unavailable)
      #expect((error.cause as? PostgresError)?.code == .closed)
      #expect(!error.metadata.contains { $0.key == "grpc-retry-pushback-ms" })
    }
  }

  @Test("A question whose time is over before its turn is not asked, and its caller told not to try again")
  func late() async throws {
    try await TokenServiceFixture.run { service in
      try await service.store.requirePeppers()
      let request = try Self.request([Secret(kind: .accessToken).revealed])
      guard
        case .error(let error)? = try await Self.answer(request.serializedBytes(), by: service, within: .zero)
      else {
        Issue.record("There is an answer.")
        return
      }
      #expect(error.code == .unavailable)
      #expect((error.cause as? PostgresError)?.code == .timeout)
      #expect(Array(error.metadata[stringValues: "grpc-retry-pushback-ms"]) == ["-1"])
      let reply = try await Self.answer(request.serializedBytes(), by: service, within: .seconds(30))
      guard case .reply? = reply else {
        Issue.record("There is no answer.")
        return
      }
    }
  }
}
