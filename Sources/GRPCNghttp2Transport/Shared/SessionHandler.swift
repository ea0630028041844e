import HTTP2Session
import NIOCore

/// Runs one ``HTTP2Session`` on a channel: the bytes read go in, events go to the delegate, and one flush follows each
/// burst.
///
/// Once the session is over or has failed, the delegate is told, and the socket stays open for what was written to
/// reach the peer; what still comes is thrown away.
///
/// `@unchecked Sendable`: every variable is used on `eventLoop` only; other threads may hold it and hop there.
/// Exclusive access to the session isn't checked at run time, so what is done with it in ``perform(_:)`` must not use
/// the handler.
final class SessionHandler: ChannelInboundHandler, @unchecked Sendable {
  typealias InboundIn = ByteBuffer
  typealias OutboundOut = ByteBuffer

  let eventLoop: any EventLoop
  @exclusivity(unchecked) private var session: HTTP2Session
  /// Held from joining a pipeline until the channel is closed: the delegate holds the handler, too.
  private var delegate: (any ConnectionDelegate)?
  private var context: ChannelHandlerContext?
  private var isReading = false
  private var isFlushScheduled = false
  /// Whether the peer is known to be the right one, and so may be written to.
  private var isOpened = false
  private var isEnding = false
  private var hasToldEnd = false
  private var firstError: (any Error)?
  /// The socket from the end of the session on.
  private var lingering: LingeringSocket?
  private var lingerEnd: NIODeadline?
  /// How long the peer of a session that has ended is given at least to read the last bytes, and after an error at
  /// most.
  private let lingerTime: TimeAmount
  /// What came and has to wait, since the event loop has other connections to serve; no more is read meanwhile.
  private var unread: ByteBuffer?
  /// Until when the present read may occupy the event loop.
  private var readEnd = NIODeadline.distantFuture
  /// What was written last, which the next write will likely be about as long as.
  private var lastWriteBytes = 0

  /// The most that is taken from the session before the socket's writability is looked at again.
  private static let writeChunk = 1 << 16
  private static let smallWrite = 1 << 10
  /// What is looked at before the time is: header fields may take thousands of times as long to process as they took to
  /// send.
  private static let readSlice = 4 << 10
  /// How long a client's bytes may occupy the event loop at a time.
  private static let readTime = TimeAmount.microseconds(500)

  init(
    role: HTTP2Role, configuration: HTTP2Configuration, lingerTime: TimeAmount = .seconds(5), eventLoop: any EventLoop
  ) throws(HTTP2Error) {
    self.eventLoop = eventLoop
    self.lingerTime = lingerTime
    self.session = try HTTP2Session(role: role, configuration: configuration)
  }

  /// Becomes the last handler of the channel, and holds and calls `delegate` until the channel is closed.
  func join(_ channel: any Channel, delegate: any ConnectionDelegate) throws {
    self.delegate = delegate
    do {
      try channel.pipeline.syncOperations.addHandler(self)
    } catch {
      self.delegate = nil
      throw error
    }
  }

  /// Whether the socket is open and the connection isn't ending.
  var isOpen: Bool { self.context != nil && !self.isEnding }

  /// Whether the delegate has heard its last call.
  var isClosed: Bool { self.delegate == nil }

  /// Uses the session and sends what that queued with the next flush. Returns nil after an error.
  ///
  /// A fatal error ends the connection. Others concern a stream that has meanwhile ended, so there is nobody to tell.
  @discardableResult
  func perform<Result>(_ body: (inout HTTP2Session) throws(HTTP2Error) -> Result) -> Result? {
    self.eventLoop.assertInEventLoop()
    do {
      let result = try body(&self.session)
      self.scheduleFlush()
      return result
    } catch {
      if error.isFatal {
        self.fail(error)
      }
      return nil
    }
  }

  /// Like ``perform(_:)``, for a caller that has somebody to tell.
  func attempt<Result>(_ body: (inout HTTP2Session) throws(HTTP2Error) -> Result) throws(HTTP2Error) -> Result {
    self.eventLoop.assertInEventLoop()
    let result = try body(&self.session)
    self.scheduleFlush()
    return result
  }

  /// Looks at the session.
  func inspect<Result>(_ body: (borrowing HTTP2Session) -> Result) -> Result {
    self.eventLoop.assertInEventLoop()
    return body(self.session)
  }

  /// Ends the session at once, whatever is open; closes the socket of one that has ended.
  func abort(_ error: any Error) {
    self.eventLoop.assertInEventLoop()
    if let lingering = self.lingering {
      lingering.close()
    } else {
      self.fail(error)
    }
  }

  /// Has the socket closed at `deadline`; that of a session which isn't over by then a ``lingerTime`` after its end.
  func limitLinger(to deadline: NIODeadline) {
    self.eventLoop.assertInEventLoop()
    self.lingerEnd = deadline
    self.lingering?.limit(to: deadline)
  }

  func handlerAdded(context: ChannelHandlerContext) {
    self.context = context
    if context.channel.isActive {
      self.opened(context)
    }
  }

  func handlerRemoved(context: ChannelHandlerContext) {
    self.closed()
  }

  func channelActive(context: ChannelHandlerContext) {
    self.opened(context)
    context.fireChannelActive()
  }

  func channelInactive(context: ChannelHandlerContext) {
    self.closed()
    context.fireChannelInactive()
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    guard !self.isEnding else { return }
    var bytes = self.unwrapInboundIn(data)
    if self.unread != nil {
      self.unread?.writeBuffer(&bytes)
    } else if self.isReading, self.session.role == .server, .now() >= self.readEnd {
      // A read may come in many pieces, such as TLS's records.
      self.postpone(bytes)
    } else {
      self.receive(bytes)
    }
  }

  /// Takes what the peer sent: what a client sent as far as there is time for it, and the rest later.
  private func receive(_ bytes: ByteBuffer) {
    if !self.isReading {
      self.isReading = true
      self.readEnd = .now() + Self.readTime
    }
    let slice = self.session.role == .server ? Self.readSlice : bytes.readableBytes
    var failure: HTTP2Error?
    var count = 0
    repeat {
      let end = min(count + slice, bytes.readableBytes)
      bytes.withUnsafeReadableBytes { buffer in
        do throws(HTTP2Error) {
          try self.session.receive(UnsafeRawBufferPointer(rebasing: buffer[count..<end]), offset: count)
        } catch {
          failure = error
        }
      }
      count = end
      self.dispatchEvents(in: bytes)
    } while failure == nil && !self.isEnding && count < bytes.readableBytes && .now() < self.readEnd
    self.delegate?.connectionReceivedAll(of: bytes)
    if let failure {
      self.fail(failure)
    } else if !self.isEnding, count < bytes.readableBytes {
      var rest = bytes
      rest.moveReaderIndex(forwardBy: count)
      self.postpone(rest)
    }
  }

  private func postpone(_ rest: ByteBuffer) {
    self.unread = rest
    try? self.context?.channel.syncOptions?.setOption(.autoRead, value: false)
    // Not at once: the event loop looks at its other sockets only when it has no task to run.
    self.eventLoop.assumeIsolated().scheduleTask(in: .microseconds(50)) { self.receiveUnread() }
  }

  private func receiveUnread() {
    guard let rest = self.unread.take(), let context = self.context, !self.isEnding else { return }
    self.receive(rest)
    self.finishReading()
    if self.unread == nil {
      try? context.channel.syncOptions?.setOption(.autoRead, value: true)
    }
  }

  func channelReadComplete(context: ChannelHandlerContext) {
    self.finishReading()
    context.fireChannelReadComplete()
  }

  private func finishReading() {
    if self.isReading, !self.isEnding {
      self.delegate?.connectionReceivedBurst()
    }
    self.isReading = false
    self.flush()
  }

  func channelWritabilityChanged(context: ChannelHandlerContext) {
    if context.channel.isWritable {
      self.flush()
    }
    context.fireChannelWritabilityChanged()
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    self.fail(error)
  }

  private func opened(_ context: ChannelHandlerContext) {
    self.isOpened = true
    self.delegate?.connectionOpened(context.channel)
    self.flush()
  }

  private func closed() {
    self.isEnding = true
    self.lingering?.stop()
    self.lingering = nil
    self.context = nil
    // Handlers of its calls may hold on to this for as long as they like.
    self.session.discardPending()
    self.tellEnd()
    let delegate = self.delegate
    self.delegate = nil
    delegate?.connectionClosed()
  }

  /// Sends what is ready after the present burst; on the event loop.
  func scheduleFlush() {
    guard !self.isReading, !self.isFlushScheduled else { return }
    self.isFlushScheduled = true
    self.eventLoop.execute { self.flush() }
  }

  /// Moves what the session has ready to the socket, as long as the socket takes it.
  private func flush() {
    self.isFlushScheduled = false
    guard let context = self.context, context.channel.isActive, !self.isEnding else { return }
    var hasWritten = false
    do throws(HTTP2Error) {
      while context.channel.isWritable, !self.isEnding {
        // What is submitted now goes out below, without another flush.
        self.isFlushScheduled = true
        self.delegate?.connectionWillSend()
        self.isFlushScheduled = false
        guard try self.write(context) else { break }
        hasWritten = true
      }
      if !context.channel.isWritable, !self.isEnding {
        // The peer may never take more, and yet have ended the session.
        try self.session.sealQueuedFrames()
        self.dispatchEvents(in: ByteBuffer())
        if self.session.isOver, try self.write(context) {
          hasWritten = true
        }
      }
    } catch {
      self.fail(error)
      return
    }
    if hasWritten {
      context.flush()
    }
    if !self.isEnding, !self.session.wantsRead, !self.session.wantsWrite {
      self.end(context, patience: self.delegate?.patience)
    }
  }

  /// Writes the next bytes of the session; false when there are none.
  private func write(_ context: ChannelHandlerContext) throws(HTTP2Error) -> Bool {
    var buffer = context.channel.allocator.buffer(capacity: max(self.lastWriteBytes, Self.smallWrite))
    let count = try self.session.drain(upTo: Self.writeChunk) { buffer.writeBytes($0) }
    // Sending ends streams and lets writers go on, who may have queued more.
    self.dispatchEvents(in: ByteBuffer())
    guard count > 0 else { return false }
    self.lastWriteBytes = count
    context.write(self.wrapOutboundOut(buffer), promise: nil)
    return true
  }

  private func dispatchEvents(in bytes: ByteBuffer) {
    let events = self.session.takeEvents()
    guard !events.isEmpty, let delegate = self.delegate else { return }
    for event in events {
      delegate.connectionReceived(event, in: bytes)
    }
    self.session.reuse(events)
  }

  private func fail(_ error: any Error) {
    guard !self.isEnding, let context = self.context else { return }
    self.firstError = self.firstError ?? error
    // The GOAWAY that says why, if there is one; the session can't do more after an error.
    var buffer = context.channel.allocator.buffer(capacity: 64)
    _ = try? self.session.drain(upTo: Self.writeChunk) { buffer.writeBytes($0) }
    if buffer.readableBytes > 0, context.channel.isActive {
      context.write(self.wrapOutboundOut(buffer), promise: nil)
    }
    self.end(context, patience: nil)
  }

  private func end(_ context: ChannelHandlerContext, patience: TimeAmount?) {
    self.isEnding = true
    if self.unread.take() != nil {
      // What still comes is thrown away.
      try? context.channel.syncOptions?.setOption(.autoRead, value: true)
    }
    // After whatever is going on, of which this may be a part.
    self.eventLoop.execute { self.tellEnd() }
    context.flush()
    guard self.isOpened, context.channel.isActive else {
      context.channel.close(promise: nil)
      return
    }
    let soon = NIODeadline.now() + self.lingerTime
    let end = patience == nil ? soon : self.lingerEnd.map { max($0, soon) }
    self.lingering = LingeringSocket(context, patience: max(patience ?? .zero, self.lingerTime), end: end)
  }

  private func tellEnd() {
    guard !self.hasToldEnd else { return }
    self.hasToldEnd = true
    self.delegate?.connectionEnded(self.firstError)
  }
}
