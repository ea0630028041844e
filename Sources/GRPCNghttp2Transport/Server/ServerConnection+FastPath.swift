import GRPCCore
import HTTP2Session
import NIOCore

/// The calls that a ``FastPath`` may answer; all of it on the event loop.
extension ServerConnection {
  /// The most calls in one go for which memory is kept.
  private static let keptFastCalls = 1000

  /// Keeps a request until it is complete.
  func openFast(_ streamID: Int32, _ entry: MethodTable.FastPathEntry, head: consuming RequestHead) {
    let call = PendingFastCall(streamID, entry, head: head)
    self.pendingFastCalls[streamID] = call
    self.touchedFastCalls.append(call)
  }

  /// Adds payload to a pending request; false when there is none on the stream.
  func receiveFast(_ streamID: Int32, _ range: Range<Int>, in bytes: ByteBuffer) -> Bool {
    guard let call = self.pendingFastCalls[streamID] else { return false }
    guard let credit = call.receive(range, in: bytes, limit: self.configuration.maxReceiveMessageBytes) else {
      self.fallThrough(streamID, in: bytes)
      return true
    }
    self.touchedFastCalls.append(call)
    if credit > 0 {
      self.handler.perform { session throws(HTTP2Error) in try session.consumeStream(streamID, count: credit) }
    }
    return true
  }

  /// Answers a pending request that is complete; false when there is none on the stream.
  func finishFast(_ streamID: Int32, in bytes: ByteBuffer) -> Bool {
    guard let call = self.takeFast(streamID) else { return false }
    guard call.isComplete(in: bytes) else {
      self.fallThrough(streamID, call, in: bytes).receiveEnd()
      return true
    }
    if let deadline = call.deadline, deadline <= .now() {
      self.fail(streamID, call, .deadlineExceeded)
      return true
    }
    let context = FastPathContext(fields: call.head.fields, peer: self.peer, deadline: call.deadline)
    let answer = call.withPayload(in: bytes) { payload in
      let message = UnsafeRawBufferPointer(rebasing: payload[MessageFraming.prefixLength...])
      return call.entry.fastPath.handler(message.bytes, context)
    }
    switch answer {
    case .reply(let message): self.reply(streamID, call, message)
    case .error(let error): self.fail(streamID, call, error)
    case .fallThrough: self.fallThrough(streamID, call, in: bytes).receiveEnd()
    case .later(let promise): self.wait(streamID, call, for: promise, in: bytes)
    }
    return true
  }

  /// Gives a pending request to the ordinary handler, with what was received; nil when there is none on the stream.
  @discardableResult
  func fallThrough(_ streamID: Int32, in bytes: ByteBuffer) -> ServerStream? {
    guard let call = self.takeFast(streamID) else { return nil }
    return self.fallThrough(streamID, call, in: bytes)
  }

  func fallThrough(_ streamID: Int32, _ call: PendingFastCall, in bytes: ByteBuffer) -> ServerStream {
    call.deadlineTimer?.cancel()
    let stream = self.open(streamID, call.entry.fastPath.method, call.head, deadline: call.deadline)
    call.withPayload(in: bytes) { stream.receive($0, creditedBytes: call.creditedBytes) }
    return stream
  }

  /// Keeps the requests that the dispatched bytes didn't complete or that wait for their answers, and has their
  /// deadlines watched.
  func keepFastCalls(from bytes: ByteBuffer) {
    if !self.pendingFastCalls.isEmpty {
      for call in self.touchedFastCalls where self.pendingFastCalls[call.streamID] != nil {
        call.keep(from: bytes)
        self.watchDeadline(call)
        self.count(call)
      }
    }
    self.touchedFastCalls.removeAll(keepingCapacity: self.touchedFastCalls.count <= Self.keptFastCalls)
  }

  private func watchDeadline(_ call: PendingFastCall) {
    guard call.deadlineTimer == nil, let deadline = call.deadline else { return }
    let streamID = call.streamID
    let eventLoop = self.handler.eventLoop
    call.deadlineTimer = Timers.of(eventLoop).set(at: deadline) { [weak self] in
      guard let self else { return }
      eventLoop.execute { self.giveUpFast(streamID, with: .deadlineExceeded) }
    }
  }

  /// Looks whether clients go on with their requests, and ends the calls for which they have taken too long. Returns
  /// whether to look again.
  func lookAtFastCalls() -> Bool {
    var areIncomplete = false
    for call in self.pendingFastCalls.values where !call.isWaiting {
      if call.isOverdue() {
        self.giveUpFast(call.streamID, with: .requestOverdue)
      } else {
        areIncomplete = true
      }
    }
    return areIncomplete
  }

  /// Tells the budget what is kept of a request, and ends it when there is no room for it.
  private func count(_ call: PendingFastCall) {
    if call.countedBytes == nil {
      self.openCallBytes.change(by: OpenCallBytes.perCall, self.budget)
    }
    let counted = call.countedBytes ?? 0
    let bytes = max(counted, call.heldBytes - OpenCallBytes.freeBytes)
    call.countedBytes = counted
    guard bytes > counted else { return }
    do throws(RPCError) {
      try self.budget.take(bytes - counted)
      call.countedBytes = bytes
    } catch {
      self.giveUpFast(call.streamID, with: error)
    }
  }

  /// Removes a pending request.
  func takeFast(_ streamID: Int32) -> PendingFastCall? {
    guard let call = self.pendingFastCalls.removeValue(forKey: streamID) else { return nil }
    self.giveBack(call)
    return call
  }

  private func giveBack(_ call: PendingFastCall) {
    guard let counted = call.countedBytes else { return }
    call.countedBytes = nil
    self.openCallBytes.change(by: -OpenCallBytes.perCall, self.budget)
    if counted > 0 {
      self.budget.give(counted)
    }
  }

  /// Forgets a request that the client gave up.
  func closeFast(_ streamID: Int32) {
    if let call = self.takeFast(streamID) {
      self.abandon(call)
      self.finish(call, .cancelled)
    }
  }

  func closeAllFast() {
    self.completedFastCalls.close()
    let calls = self.pendingFastCalls.values
    self.pendingFastCalls.removeAll()
    for call in calls {
      self.giveBack(call)
      self.finish(call, .cancelled)
    }
  }

  func reply(_ streamID: Int32, _ call: PendingFastCall, _ message: [UInt8]) {
    do throws(RPCError) {
      let prefix = try MessageFraming.prefix(of: message, limit: self.configuration.maxSendMessageBytes)
      self.handler.perform { session throws(HTTP2Error) in
        try session.submitResponse(
          streamID: streamID, headers: .response, prefix: prefix, bytes: message, trailers: .okTrailers)
      }
      self.finish(call, .ok)
    } catch {
      self.fail(streamID, call, error)
    }
  }

  func fail(_ streamID: Int32, _ call: PendingFastCall, _ error: RPCError) {
    let status = Status(code: Status.Code(error.code), message: error.message)
    let section = HTTP2Section(responseWith: status.trailers(metadata: error.metadata))
    self.handler.perform { session throws(HTTP2Error) in
      try session.submitResponse(streamID: streamID, headers: section, endStream: true)
    }
    self.finish(call, status.code, error)
  }

  private func finish(_ call: PendingFastCall, _ code: Status.Code, _ error: RPCError? = nil) {
    call.deadlineTimer?.cancel()
    guard let observer = call.entry.fastPath.observer, let received = call.received else { return }
    let duration = Duration.nanoseconds((.now() - received).nanoseconds)
    observer(
      FastPathCall(
        method: call.entry.fastPath.method, code: code, duration: duration, error: error, fields: call.head.fields))
  }
}
