import GRPCCore
import HTTP2Session
import NIOCore

/// The calls that a ``FastPath`` answers later. A waiting call is among the pending ones, and its id is all that its
/// promise knows of it: ids aren't used again, and a call that isn't there any more was given up.
extension ServerConnection {
  /// Has a call of which all was received wait for its answer; `bytes` is what is being dispatched.
  func wait(_ streamID: Int32, _ call: PendingFastCall, for promise: FastPathPromise, in bytes: ByteBuffer) {
    let outlivesCall = promise.outlivesCall
    let completion = promise.wait { completion in
      guard self.completedFastCalls.add((streamID, completion, outlivesCall)) else { return }
      self.handler.eventLoop.execute { self.answerCompletedFastCalls() }
    }
    if let completion {
      self.answerFast(streamID, call, completion, in: bytes)
      return
    }
    call.isWaiting = true
    call.isOutlived = outlivesCall
    self.pendingFastCalls[streamID] = call
    // So that it is kept once all is dispatched.
    self.touchedFastCalls.append(call)
  }

  /// Answers what was completed meanwhile; on the event loop, and never amid something else there.
  ///
  /// What this sends goes out with one flush.
  private func answerCompletedFastCalls() {
    for entry in self.completedFastCalls.take() {
      if let call = self.takeFast(entry.streamID) {
        self.answerFast(entry.streamID, call, entry.completion, in: ByteBuffer())
      } else if entry.outlivesCall {
        self.abandonedHandlers.decrement()
      }
    }
    self.startHandlers()
  }

  /// Ends a pending request before it is answered.
  func giveUpFast(_ streamID: Int32, with error: RPCError) {
    guard let call = self.takeFast(streamID) else { return }
    self.abandon(call)
    self.fail(streamID, call, error)
  }

  /// Counts a call that is given up while it waits among the abandoned handlers until its promise is completed, if the
  /// work for it goes on as a handler's does.
  func abandon(_ call: PendingFastCall) {
    if call.isOutlived {
      self.abandonedHandlers.increment()
    }
  }

  private func answerFast(
    _ streamID: Int32, _ call: PendingFastCall, _ completion: FastPathPromise.Completion, in bytes: ByteBuffer
  ) {
    switch completion {
    case .reply(let message): self.reply(streamID, call, message)
    case .error(let error): self.fail(streamID, call, error)
    case .fallThrough: self.fallThrough(streamID, call, in: bytes).receiveEnd()
    }
  }
}
