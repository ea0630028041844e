import NIOCore
import NIOSSL
import NIOTLS

/// Keeps a channel from becoming active for the handlers after it until TLS has shown who the peer is, then leaves the
/// pipeline. Lives on its channel's event loop.
final class HandshakeHandler: ChannelDuplexHandler, RemovableChannelHandler {
  typealias InboundIn = NIOAny
  typealias InboundOut = NIOAny
  typealias OutboundIn = NIOAny
  typealias OutboundOut = NIOAny

  private let tls: NIOSSLHandler
  private let own: SPIFFEID
  private let expected: ExpectedPeer
  private let deadline: NIODeadline
  private let verified: (String) -> Void
  private var timer: Scheduled<Void>?
  private var isVerified = false
  private var hasFailed = false

  /// `tls` is the handler before it in the pipeline.
  init(
    tls: NIOSSLHandler, own: SPIFFEID, expected: ExpectedPeer, deadline: NIODeadline,
    verified: @escaping (String) -> Void
  ) {
    self.tls = tls
    self.own = own
    self.expected = expected
    self.deadline = deadline
    self.verified = verified
  }

  func handlerAdded(context: ChannelHandlerContext) {
    self.timer = context.eventLoop.assumeIsolated().scheduleTask(deadline: self.deadline) {
      self.fail(context, .timedOut)
    }
  }

  func handlerRemoved(context: ChannelHandlerContext) {
    self.timer?.cancel()
    self.timer = nil
  }

  func channelActive(context: ChannelHandlerContext) {
    // The socket is; the connection isn't yet.
  }

  func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
    guard case .handshakeCompleted(let negotiated)? = event as? TLSUserEvent else {
      context.fireUserInboundEventTriggered(event)
      return
    }
    guard !self.hasFailed else { return }
    do throws(HandshakeError) {
      self.verified(try self.peer(negotiated).uri)
    } catch {
      self.fail(context, error)
      return
    }
    self.isVerified = true
    context.fireUserInboundEventTriggered(event)
    context.fireChannelActive()
    context.pipeline.syncOperations.removeHandler(context: context, promise: nil)
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    if self.isVerified {
      context.fireErrorCaught(error)
    } else {
      var failure = HandshakeError(explaining: error) ?? HandshakeError("\(error)")
      if failure == .invalidCertificate, let certificate = self.tls.peerCertificate, let fault = certificate.timeFault {
        failure = .outOfDate(fault)
      }
      self.fail(context, failure)
    }
  }

  func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
    guard !self.isVerified else {
      context.write(data, promise: promise)
      return
    }
    // Only a connection that is given up has something to say by now, and there is nobody to hear it.
    promise?.fail(ChannelError.ioOnClosedChannel)
    let channel = context.channel
    context.eventLoop.execute { channel.close(promise: nil) }
  }

  private func fail(_ context: ChannelHandlerContext, _ error: HandshakeError) {
    guard !self.hasFailed, !self.isVerified else { return }
    self.hasFailed = true
    context.fireErrorCaught(error)
    context.close(promise: nil)
  }

  private func peer(_ negotiated: String?) throws(HandshakeError) -> SPIFFEID {
    guard negotiated == "h2" else { throw .noHTTP2 }
    guard let certificate = self.tls.peerCertificate else { throw .invalidCertificate }
    // A resumed session brings the certificate along, but not the look at its time.
    if let fault = certificate.timeFault { throw .outOfDate(fault) }
    guard let peer = SPIFFEID(certificate) else { throw .namesNobody }
    guard self.expected.includes(peer, from: self.own) else {
      throw HandshakeError(
        "the peer's certificate names '\(peer.uri)', not \(self.expected.description(from: self.own))")
    }
    return peer
  }
}
