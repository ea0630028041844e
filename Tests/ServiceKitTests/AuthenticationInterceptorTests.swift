import GRPCCore
import GRPCInProcessTransport
import GRPCProtobuf
import ServiceKit
import SwiftProtobuf
import Synchronization
import TemporisAPI
import Testing
import TokenDomain

/// The interceptor in front of real handlers, over GRPCCore's in-process transport.
@Suite struct AuthenticationInterceptorTests {
  private typealias Service = Temporis_Predict_V1_PredictionService
  private static let predict = MethodDescriptor(
    fullyQualifiedService: "temporis.predict.v1.PredictionService", method: "Predict")

  /// Answers with what it was told to, and remembers what it was asked.
  private final class FixedVerifier: AuthorizationVerifier {
    let verdict: Result<Verdict, ServiceError>
    let asked = Mutex<[(String, Permission?)]>([])

    init(_ verdict: Result<Verdict, ServiceError>) { self.verdict = verdict }

    func verify(authorization: String, permission: Permission?) async throws -> Verdict {
      asked.withLock { $0.append((authorization, permission)) }
      return try verdict.get()
    }
  }

  /// Tells in its answer which account the call acts for.
  private struct Handler: Temporis_Predict_V1_PredictionService.SimpleServiceProtocol {
    func predict(
      request: Temporis_Predict_V1_PredictRequest, response: RPCWriter<Temporis_Predict_V1_PredictResponse>,
      context: ServerContext
    ) async throws {
      let account = try Principal.required().accountID
      try await response.write(.with { $0.header = .with { $0.requestID = account } })
    }
  }

  /// Calls a streaming method and returns the account that its handler saw.
  private func call(
    _ verifier: FixedVerifier, access: [MethodDescriptor: MethodAccess], authorization: [String]
  ) async throws -> String {
    let transport = InProcessTransport()
    let interceptor = AuthenticationInterceptor(verifier: verifier, access: access)
    return try await withGRPCServer(
      transport: transport.server, services: [Handler()], interceptorPipeline: [.apply(interceptor, to: .all)]
    ) { _ in
      try await withGRPCClient(transport: transport.client) { client in
        var metadata = Metadata()
        for value in authorization { metadata.addString(value, forKey: "authorization") }
        return try await Service.Client(wrapping: client).predict(.init(), metadata: metadata) { response in
          for try await message in response.messages { return message.header.requestID }
          return ""
        }
      }
    }
  }

  private func principal(_ kind: SecretKind = .accessToken) -> Principal {
    Principal(accountID: "acct_1", credentialID: "tok_1", kind: kind, permissions: [.predict])
  }

  private func reason(of body: () async throws -> String) async -> ServiceError.Reason? {
    do {
      _ = try await body()
      return nil
    } catch {
      return (error as? RPCError).flatMap { ServiceError($0) }?.reason
    }
  }

  @Test("A valid caller's account reaches the handler, a streaming one's producer too") func valid() async throws {
    let verifier = FixedVerifier(.success(.valid(principal())))
    let account = try await call(verifier, access: [Self.predict: .permission(.predict)], authorization: ["Bearer x"])
    #expect(account == "acct_1")
    let asked = verifier.asked.withLock { $0 }
    #expect(asked.map(\.0) == ["Bearer x"])
    #expect(asked.map(\.1) == [.predict])
  }

  @Test("Each verdict that is not valid is a refusal of its own, and a fault is a fault") func refusals() async throws {
    let access: [MethodDescriptor: MethodAccess] = [Self.predict: .permission(.predict)]
    let cases: [(Result<Verdict, ServiceError>, ServiceError.Reason)] = [
      (.success(.missing), .accessTokenMissing), (.success(.invalid), .accessTokenInvalid),
      (.success(.permissionDenied(principal())), .permissionDenied),
      (.failure(ServiceError(.unavailable)), .unavailable),
    ]
    for (verdict, expected) in cases {
      let found = await reason { try await call(FixedVerifier(verdict), access: access, authorization: ["Bearer x"]) }
      #expect(found == expected)
    }
  }

  @Test("A method for people refuses an access token, and one that no rule names refuses everyone") func methods() async
  {
    let verifier = FixedVerifier(.success(.valid(principal())))
    let token = await reason {
      try await call(verifier, access: [Self.predict: .dashboardSession], authorization: ["Bearer x"])
    }
    #expect(token == .sessionRequired)
    let unlisted = await reason { try await call(verifier, access: [:], authorization: ["Bearer x"]) }
    #expect(unlisted == .permissionDenied)
  }

  @Test("Two authorization values reach the verifier as the list that they are") func twoValues() async throws {
    let verifier = FixedVerifier(.success(.missing))
    _ = await reason {
      try await call(verifier, access: [Self.predict: .permission(.predict)], authorization: ["Bearer a", "Bearer b"])
    }
    #expect(verifier.asked.withLock { $0.map(\.0) } == ["Bearer a, Bearer b"])
  }
}
