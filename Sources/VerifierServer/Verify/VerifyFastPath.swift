package import GRPCNghttp2Transport
import TemporisAPI
import TokenDomain

extension CachingVerifier {
  /// Answers `Verify` on the connection's event loop where no look-up is needed, with the same bytes as the handler.
  package var fastPath: FastPath {
    FastPath(method: Temporis_Verifier_V1_VerifierService.Method.Verify.descriptor) {
      [credentials, refusals] message, _ in
      VerifyFastPath.answer(message, credentials, refusals)
    }
  }
}

/// What the fast path makes of a request. The order is that of ``CachingVerifier``: the header, the clock, the lease,
/// and only then the cache.
enum VerifyFastPath {
  static func answer(
    _ message: RawSpan, _ credentials: VerifiedCredentials, _ refusals: Refusals
  ) -> FastPathAnswer {
    message.withUnsafeBytes { bytes in
      let message = bytes.bindMemory(to: UInt8.self).span
      guard let request = VerifyRequestBytes(message) else { return .fallThrough }
      let authorization = message.extracting(request.authorization)
      switch PresentedSecret(authorization: authorization) {
      case .missing:
        // The message's own rules say that its text must be UTF-8, which all but ASCII would have to be looked at for.
        return isASCII(authorization) ? .reply(VerifyResponseBytes.missing) : .fallThrough
      case .malformed: return .reply(VerifyResponseBytes.invalid)
      case .wellFormed(let hash, let kind):
        let now = ClockTicks(.now)
        guard credentials.hasLease(at: now) else { return .fallThrough }
        switch credentials.find(hash, at: now) {
        case .nothing: return .fallThrough
        case .unknown: return .reply(VerifyResponseBytes.invalid)
        case .known(let credential):
          guard now < credential.useReportedUntil else { return .fallThrough }
          let outcome = credential.outcome(presentedAs: kind, permission: request.permission, at: now)
          refusals.note(credential, outcome)
          return .reply(VerifyResponseBytes.answer(credential, outcome))
        }
      }
    }
  }

  private static func isASCII(_ bytes: Span<UInt8>) -> Bool {
    var all: UInt8 = 0
    for index in bytes.indices { all |= bytes[index] }
    return all < 0x80
  }
}
