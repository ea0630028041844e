import GRPCCore
package import GRPCNghttp2Transport
import ServiceKit
import TemporisAPI
import TokenDomain

extension CachingVerifier {
  /// Answers `Verify` without the handler, with the same bytes: on the connection's event loop by what is cached, and
  /// later by one look-up.
  package var fastPath: FastPath {
    let path = VerifyFastPath(self)
    return FastPath(method: Temporis_Verifier_V1_VerifierService.Method.Verify.descriptor) { message, context in
      path.answer(message, context)
    }
  }
}

/// What the fast path makes of a request. The order is that of ``CachingVerifier``: the header, the clock, the lease,
/// and only then the cache. The handler is asked whenever there is more to be done than one look-up.
///
/// A class, because a verifier is much to copy for each request.
final class VerifyFastPath: Sendable {
  private let verifier: CachingVerifier

  init(_ verifier: CachingVerifier) {
    self.verifier = verifier
  }

  func answer(_ message: RawSpan, _ context: FastPathContext) -> FastPathAnswer {
    message.withUnsafeBytes { bytes in
      let message = bytes.bindMemory(to: UInt8.self).span
      guard let request = VerifyRequestBytes(message) else { return .fallThrough }
      let authorization = message.extracting(request.authorization)
      switch PresentedSecret(authorization: authorization) {
      case .missing:
        // The message's own rules say that its text must be UTF-8, which all but ASCII would have to be looked at for.
        return Self.isASCII(authorization) ? .reply(VerifyResponseBytes.missing) : .fallThrough
      case .malformed: return .reply(VerifyResponseBytes.invalid)
      case .wellFormed(let hash, let kind):
        let time = ContinuousClock.now
        let now = ClockTicks(time)
        guard verifier.credentials.hasLease(at: now) else { return .fallThrough }
        switch verifier.credentials.find(hash, at: now) {
        case .nothing: return lookUp(hash, kind, request.permission, context, at: time)
        case .unknown: return .reply(VerifyResponseBytes.invalid)
        case .known(let credential):
          guard now < credential.useReportedUntil else { return .fallThrough }
          let outcome = credential.outcome(presentedAs: kind, permission: request.permission, at: now)
          verifier.refusals.note(credential, outcome)
          return .reply(VerifyResponseBytes.answer(credential, outcome))
        }
      }
    }
  }

  private func lookUp(
    _ hash: SecretHash, _ kind: SecretKind, _ permission: Permission?, _ context: FastPathContext,
    at now: ContinuousClock.Instant
  ) -> FastPathAnswer {
    let metadata = context.metadata
    let client = ClientAddress(metadata, sentBy: context.peer.identity)
    // A look-up is every call's, and bounded by itself.
    let promise = FastPathPromise(outlivesCall: false)
    let isOnItsWay = verifier.lookUp(
      hash, .init(kind: kind, permission: permission, client: client, now: now), requestID: RequestID.read(metadata),
      until: context.deadline
    ) { [refusals = verifier.refusals] found in
      switch found {
      case .credential(let found):
        let outcome = found.outcome(presentedAs: kind, permission: permission, at: ClockTicks(.now))
        let isAnswer = promise.complete(with: .reply(VerifyResponseBytes.answer(found, outcome)))
        if isAnswer { refusals.note(found, outcome) }
      case .unknown: promise.complete(with: .reply(VerifyResponseBytes.invalid))
      case .fault(let error): promise.complete(with: .error(RPCError(error)))
      case .undecided: promise.complete(with: .fallThrough)
      }
    }
    return isOnItsWay ? .later(promise) : .fallThrough
  }

  private static func isASCII(_ bytes: Span<UInt8>) -> Bool {
    var all: UInt8 = 0
    for index in bytes.indices { all |= bytes[index] }
    return all < 0x80
  }
}
