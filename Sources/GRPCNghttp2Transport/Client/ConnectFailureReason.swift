import GRPCCore
import Glibc
import NIOCore
import NIOPosix

/// What to tell of a failed attempt to connect, in a few words.
func connectFailureReason(_ error: any Error) -> String {
  switch error {
  case let error as NIOConnectionError:
    // Each address of a name has its own error, mostly the same one; a name that doesn't resolve has none.
    if let cause = error.connectionErrors.last?.error {
      connectFailureReason(cause)
    } else {
      "the name can't be resolved"
    }
  case let error as IOError: systemErrorText(error.errnoCode)
  case ChannelError.connectTimeout: "no answer in time"
  case let error as RPCError:
    error.cause.flatMap { HandshakeError(explaining: $0)?.description ?? ($0 as? RPCError)?.message } ?? error.message
  default: "\(error)"
  }
}

/// The system's own words for an `errno`, as "Connection refused".
private func systemErrorText(_ code: CInt) -> String {
  withUnsafeTemporaryAllocation(of: CChar.self, capacity: 128) { buffer in
    guard let start = buffer.baseAddress, strerror_r(code, start, buffer.count) == 0 else { return "error \(code)" }
    return String(cString: start)
  }
}
