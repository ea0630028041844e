import HTTP2Session
import NIOCore

/// What a role makes of its connection's events; every call comes on the connection's event loop.
protocol ConnectionDelegate: AnyObject {
  /// How long the socket may stay open while nothing of the last bytes leaves, once the session is over; nil for what a
  /// peer is given after an error.
  var patience: TimeAmount? { get }

  /// The socket is connected.
  func connectionOpened(_ channel: any Channel)

  /// `bytes` are what a data event's range refers to.
  func connectionReceived(_ event: HTTP2Event, in bytes: ByteBuffer)

  /// Every event of `bytes` was received, and what was kept of them besides is about to be gone.
  func connectionReceivedAll(of bytes: ByteBuffer)

  /// Bytes came, and their events, if they made any, have all come, too.
  func connectionReceivedBurst()

  /// The socket takes bytes, and what is submitted here is among the next.
  func connectionWillSend()

  /// Nothing more is sent or heard, so that what is open can't be finished any more; ``connectionClosed()`` alone
  /// follows. `error` is what went wrong first, if anything did.
  func connectionEnded(_ error: (any Error)?)

  /// The socket is closed: the last call.
  func connectionClosed()
}

extension ConnectionDelegate {
  var patience: TimeAmount? { nil }
  func connectionReceivedAll(of bytes: ByteBuffer) {}
  func connectionReceivedBurst() {}
}
