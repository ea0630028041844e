import Logging
import NIOCore
import NIOHTTP2
import NIOSSL
import ServiceKit

/// Says in the log why a connection or an HTTP/2 stream is ended for what its client sent, such as a header list that
/// is too long: there is no request yet, and so no answer.
///
/// Stands behind what finds the fault; lives on its channel's event loop.
final class ProtocolFaultHandler: ChannelInboundHandler, RemovableChannelHandler {
  typealias InboundIn = NIOAny

  private let faults: FaultLog

  /// Creates a handler that writes to `faults`.
  init(faults: FaultLog) {
    self.faults = faults
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    switch error {
    case let error as NIOSSLError where error == .handshakeFailed(.sslError([.eofDuringHandshake])):
      // Somebody only looks whether the port is open.
      break
    case NIOSSLError.handshakeFailed:
      faults.note("A TLS handshake failed", kind: "tls", error, level: .info)
    case is any NIOHTTP2Error:
      // The error itself may hold a header field.
      let reason = "\(type(of: error))"
      faults.note(
        "An HTTP/2 client broke the protocol or a limit", kind: "http2 " + reason, level: .info,
        metadata: ["reason": "\(reason)"])
    default:
      break
    }
    context.fireErrorCaught(error)
  }
}
