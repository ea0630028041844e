import HTTP2Session
import NIOCore
import NIOSSL

/// What lies between a transport and its sockets.
public enum TransportSecurity: Sendable {
  /// Nothing: HTTP/2 with prior knowledge, for processes on one machine.
  case plaintext
  /// TLS 1.2 or later, where both sides show a certificate that the other's CA has signed, and agree on HTTP/2 by ALPN.
  case mutualTLS(WorkloadIdentity, peer: ExpectedPeer = .anyWorkload)
}

extension TransportSecurity {
  var isPlaintext: Bool {
    if case .plaintext = self { true } else { false }
  }

  /// What a client sends as `:scheme`.
  var scheme: String {
    self.isPlaintext ? "http" : "https"
  }

  /// Adds to an empty pipeline what secures it; on the channel's event loop.
  ///
  /// What comes after finds its channel active only once the peer is verified, and `verified` was told its identity. An
  /// error is thrown to it when that fails, or isn't done by `deadline`.
  func secure(
    _ channel: any Channel, role: HTTP2Role, deadline: NIODeadline, verified: @escaping (String) -> Void
  ) throws {
    guard case .mutualTLS(let identity, let peer) = self else { return }
    let credentials = identity.credentials
    let tls: NIOSSLHandler =
      switch role {
      case .server: NIOSSLServerHandler(context: credentials.server)
      case .client: try NIOSSLClientHandler(context: credentials.client, serverHostname: nil)
      }
    let handshake = HandshakeHandler(
      tls: tls, own: credentials.id, expected: peer, deadline: deadline, verified: verified)
    try channel.pipeline.syncOperations.addHandlers([tls, handshake])
  }
}
