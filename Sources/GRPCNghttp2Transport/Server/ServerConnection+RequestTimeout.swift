import HTTP2Session
import NIOCore

/// The time that a client may take with its requests; all of it on the event loop.
extension ServerConnection {
  /// Has requests looked at for as long as there are incomplete ones.
  func watchRequests() {
    guard let interval = self.requestLookInterval, self.requestTimer == nil,
      !self.streams.isEmpty || !self.pendingFastCalls.isEmpty
    else { return }
    self.requestTimer = self.handler.eventLoop.scheduleTask(in: interval) { [weak self] in self?.lookAtRequests() }
  }

  private func lookAtRequests() {
    self.requestTimer = nil
    guard self.handler.isOpen else { return }
    var areIncomplete = self.lookAtFastCalls()
    for stream in self.streams.values where stream.lookAtRequest() {
      areIncomplete = true
    }
    if areIncomplete {
      self.watchRequests()
    }
  }
}
