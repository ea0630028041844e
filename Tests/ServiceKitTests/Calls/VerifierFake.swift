import GRPCCore
import GRPCNghttp2Transport
import GRPCProtobuf
import ServiceKit
import SwiftProtobuf
import Synchronization
import TemporisAPI

/// A verifier that notes its calls and answers after `work`.
final class VerifierFake: RegistrableRPCService {
  private let seen = Mutex<[Duration?]>([])
  private let streams: Bool
  private let work: @Sendable () async throws -> Void

  /// With `streams` the work is done after the handler has returned, while its response is written.
  init(streams: Bool = false, _ work: @escaping @Sendable () async throws -> Void = {}) {
    self.streams = streams
    self.work = work
  }

  /// How long the callers wait, one for each call.
  var timeouts: [Duration?] { seen.withLock(\.self) }

  func registerMethods<Transport: ServerTransport>(with router: inout RPCRouter<Transport>) {
    router.registerHandler(
      forMethod: Temporis_Verifier_V1_VerifierService.Method.Verify.descriptor,
      deserializer: ProtobufDeserializer<Temporis_Verifier_V1_VerifyRequest>(),
      serializer: ProtobufSerializer<Temporis_Verifier_V1_VerifyResponse>()
    ) { [self] _, context in
      let timeout = context.deadline.map { ContinuousClock.now.duration(to: $0) }
      seen.withLock { $0.append(timeout) }
      if !streams { try await work() }
      return StreamingServerResponse { [self] writer in
        if streams { try await work() }
        try await writer.write(.with { $0.verdict = .missing })
        return [:]
      }
    }
  }
}

extension ServiceClient {
  /// Asks for a verdict as the services do.
  func verify(timeout: Duration = .seconds(600)) async throws {
    _ = try await RemoteVerifier(client: self, timeout: timeout).verify(authorization: "Bearer x", permission: nil)
  }
}
