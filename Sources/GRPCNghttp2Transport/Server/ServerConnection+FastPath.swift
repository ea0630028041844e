import GRPCCore
import HTTP2Session
import NIOCore

/// The calls that a ``FastPath`` may answer; all of it on the event loop.
extension ServerConnection {
  /// Keeps a request until it is complete.
  func openFast(_ streamID: Int32, index: Int, head: RequestHead) {
    let isTimed = head.timeout != nil || self.fastPaths[index].observer != nil
    self.pendingFastCalls[streamID] = PendingFastCall(index: index, head: head, received: isTimed ? .now : nil)
    self.touchedFastCalls.append(streamID)
  }

  /// Adds payload to a pending request; false when there is none on the stream.
  func receiveFast(_ streamID: Int32, _ range: Range<Int>, in bytes: ByteBuffer) -> Bool {
    guard !self.pendingFastCalls.isEmpty, self.pendingFastCalls[streamID] != nil else { return false }
    self.touchedFastCalls.append(streamID)
    let limit = self.configuration.maxReceiveMessageBytes
    guard let credit = self.pendingFastCalls[streamID]?.receive(range, in: bytes, limit: limit) else {
      self.fallThrough(streamID, in: bytes)
      return true
    }
    if credit > 0 {
      self.pendingFastCalls[streamID]?.credited(credit)
      self.handler.perform { session throws(HTTP2Error) in try session.consumeStream(streamID, count: credit) }
    }
    return true
  }

  /// Answers a pending request that is complete; false when there is none on the stream.
  func finishFast(_ streamID: Int32, in bytes: ByteBuffer) -> Bool {
    guard !self.pendingFastCalls.isEmpty, let call = self.pendingFastCalls[streamID] else { return false }
    guard call.isComplete(in: bytes) else {
      self.fallThrough(streamID, in: bytes)?.receiveEnd()
      return true
    }
    let deadline = call.deadline
    if let deadline, deadline <= .now {
      self.answerFast(streamID, .error(.deadlineExceeded))
      return true
    }
    let context = FastPathContext(fields: call.head.fields, peer: self.peer, deadline: deadline)
    let fastPath = self.fastPaths[call.index]
    let answer = call.withPayload(in: bytes) { payload in
      let message = UnsafeRawBufferPointer(rebasing: payload[MessageFraming.prefixLength...])
      return fastPath.handler(message.bytes, context)
    }
    if case .fallThrough = answer {
      self.fallThrough(streamID, in: bytes)?.receiveEnd()
    } else {
      self.answerFast(streamID, answer)
    }
    return true
  }

  /// Gives a pending request to the ordinary handler, with what was received; nil when there is none on the stream.
  @discardableResult
  func fallThrough(_ streamID: Int32, in bytes: ByteBuffer) -> ServerStream? {
    guard let call = self.pendingFastCalls.removeValue(forKey: streamID) else { return nil }
    call.deadlineTimer?.cancel()
    let stream = self.open(streamID, head: call.head, deadline: call.deadline)
    call.withPayload(in: bytes) { stream.receive($0, creditedBytes: call.creditedBytes) }
    return stream
  }

  /// Keeps the requests that the dispatched bytes didn't complete, and has their deadlines watched.
  func keepFastCalls(from bytes: ByteBuffer) {
    for streamID in self.touchedFastCalls {
      self.pendingFastCalls[streamID]?.copy(from: bytes)
      guard let call = self.pendingFastCalls[streamID], call.deadlineTimer == nil, let deadline = call.deadline
      else { continue }
      let rest = TimeAmount(clamping: deadline - .now)
      self.pendingFastCalls[streamID]?.deadlineTimer = self.handler.eventLoop.scheduleTask(in: rest) { [weak self] in
        self?.answerFast(streamID, .error(.deadlineExceeded))
      }
    }
    self.touchedFastCalls.removeAll(keepingCapacity: true)
  }

  /// Forgets a request that the client gave up.
  func closeFast(_ streamID: Int32) {
    guard !self.pendingFastCalls.isEmpty, let call = self.pendingFastCalls.removeValue(forKey: streamID) else { return }
    self.finish(call, .cancelled)
  }

  func closeAllFast() {
    let calls = self.pendingFastCalls
    self.pendingFastCalls = [:]
    for call in calls.values {
      self.finish(call, .cancelled)
    }
  }

  private func answerFast(_ streamID: Int32, _ answer: FastPathAnswer) {
    guard let call = self.pendingFastCalls.removeValue(forKey: streamID) else { return }
    switch answer {
    case .reply(let message):
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
    case .error(let error):
      self.fail(streamID, call, error)
    case .fallThrough:
      break
    }
  }

  private func fail(_ streamID: Int32, _ call: PendingFastCall, _ error: RPCError) {
    let status = Status(code: Status.Code(error.code), message: error.message)
    let section = HTTP2Section(responseWith: status.trailers(metadata: error.metadata))
    self.handler.perform { session throws(HTTP2Error) in
      try session.submitResponse(streamID: streamID, headers: section, endStream: true)
    }
    self.finish(call, status.code)
  }

  private func finish(_ call: PendingFastCall, _ code: Status.Code) {
    call.deadlineTimer?.cancel()
    let fastPath = self.fastPaths[call.index]
    guard let observer = fastPath.observer, let received = call.received else { return }
    observer(FastPathCall(method: fastPath.method, code: code, duration: .now - received))
  }
}
