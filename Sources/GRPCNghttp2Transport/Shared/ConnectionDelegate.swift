import HTTP2Session
import NIOCore

/// What a role makes of its connection's events; every call comes on the connection's event loop.
protocol ConnectionDelegate: AnyObject {
  /// The socket is connected.
  func connectionOpened(_ channel: any Channel)

  /// `bytes` are what a data event's range refers to.
  func connectionReceived(_ event: HTTP2Event, in bytes: ByteBuffer)

  /// Every event of `bytes` was received, and what was kept of them besides is about to be gone.
  func connectionReceivedAll(of bytes: ByteBuffer)

  /// The events of a burst of bytes, if there were any, have all come.
  func connectionReceivedBurst()

  /// The socket takes bytes, and what is submitted here is among the next.
  func connectionWillSend()

  /// The socket is closed: the last call. `error` is what went wrong first, if anything did.
  func connectionClosed(_ error: (any Error)?)
}

extension ConnectionDelegate {
  func connectionReceivedAll(of bytes: ByteBuffer) {}
  func connectionReceivedBurst() {}
}
