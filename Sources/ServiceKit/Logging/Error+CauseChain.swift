import GRPCCore

extension Error {
  /// The error and what caused it, outermost first, as one line for the log.
  ///
  /// Holds what the errors say of themselves, which is never a secret, at most 1,000 characters of it.
  package var causeChain: String {
    var parts: [String] = []
    var next: (any Error)? = self
    while let error = next, parts.count < 8 {
      let part: String
      switch error {
      case let error as RPCError:
        // A service's refusal says its reason.
        part = ServiceError(error).map { "\($0)" } ?? "\(error.code): \(error.message)"
        next = error.cause
      case let error as any RPCErrorConvertible:
        part = "\(error)"
        next = error.rpcErrorCause
      default:
        part = "\(error)"
        next = nil
      }
      // An error that was only given another type says nothing new.
      if part != parts.last { parts.append(part) }
    }
    return String(parts.joined(separator: "; caused by ").map { $0.isNewline ? " " : $0 }.prefix(1_000))
  }
}
