import Glibc
import NIOCore
import NIOSSL

/// A socket on which everything was written: half-closed, and closed with the peer or after a ``Linger``.
///
/// What still comes must be read and thrown away by the channel's last handler. It is used on the channel's event loop
/// only.
final class LingeringSocket {
  private let channel: any Channel
  private var linger: Linger
  private var timer: Scheduled<Void>?

  /// Half-closes the channel of `context` once what is flushed is written, after TLS has said that it is at its end.
  init(_ context: ChannelHandlerContext, patience: TimeAmount, end: NIODeadline?) {
    self.channel = context.channel
    self.linger = Linger(context.channel.unsentBytes, patience: patience, end: end, at: .now())
    let halfClosed = context.eventLoop.makePromise(of: Void.self)
    context.close(mode: .output, promise: halfClosed)
    halfClosed.futureResult.assumeIsolated().whenFailure { _ in self.close() }
    self.step()
  }

  /// Closes the socket at `deadline` at the latest.
  func limit(to deadline: NIODeadline) {
    self.linger.limit(to: deadline)
    self.step()
  }

  /// Closes the socket now.
  func close() {
    self.stop()
    // Past TLS, which would wait for the peer once more.
    if let tls = try? self.channel.pipeline.syncOperations.context(handlerType: NIOSSLHandler.self) {
      tls.close(promise: nil)
    } else {
      self.channel.close(promise: nil)
    }
  }

  /// The socket is closed.
  func stop() {
    self.timer?.cancel()
    self.timer = nil
  }

  private func step() {
    self.stop()
    guard self.channel.isActive else { return }
    switch self.linger.step(self.channel.unsentBytes, at: .now()) {
    case .close:
      self.close()
    case .wait(let deadline):
      self.timer = self.channel.eventLoop.assumeIsolated().scheduleTask(deadline: deadline) { self.step() }
    }
  }
}

extension Channel {
  /// What was written and the peer's kernel hasn't acknowledged; on the event loop.
  fileprivate var unsentBytes: Linger.Unsent {
    let queued = try? self.syncOptions?.getOption(.bufferedWritableBytes)
    let unacknowledged = try? self.pipeline.syncOperations.withUnsafeTransportIfAvailable(
      of: NIOBSDSocket.Handle.self
    ) { descriptor in
      var count: CInt = 0
      // Of a Unix socket it is what the peer hasn't read.
      return ioctl(descriptor, UInt(TIOCOUTQ), &count) == 0 ? Int(count) : 0
    }
    return Linger.Unsent(queued: queued ?? 0, unacknowledged: unacknowledged ?? 0)
  }
}
