import GRPCCore
import NIOCore

/// The handlers of a connection's calls.
extension ServerConnection {
  /// Starts the handlers of the calls that have begun: on this event loop up to their first suspension, unless that is
  /// turned off.
  ///
  /// A task costs as much as the rest of a small call. So one task runs handler after handler as long as none of them
  /// waits; the first that does keeps it, and the next call gets another.
  func startHandlers() {
    while let stream = self.newCalls.popFirst() {
      guard self.configuration.startsHandlersOnEventLoop else {
        self.registry.handlerStarted()
        let task = Task {
          await self.run(stream)
          self.registry.handlerFinished()
        }
        self.leave(stream, task)
        continue
      }
      self.newCalls.turn += 1
      self.newCalls.current = stream
      let turn = self.newCalls.turn
      self.registry.handlerStarted()
      // Written out here, so that the compiler sees that no executor is preferred: at each of the many steps of a call
      // it would be looked for under a lock.
      let task = Task.immediate {
        await self.runHandlers(turn: turn)
        self.registry.handlerFinished()
      }
      self.newCalls.turn += 1
      if let waiting = self.newCalls.current.take() {
        self.leave(waiting, task)
      }
    }
  }

  /// The handler of a call goes on elsewhere.
  private func leave(_ stream: ServerStream, _ task: Task<Void, Never>) {
    stream.cancellation.setTask(task)
    stream.watchDeadline()
  }

  /// Runs the handler of the current call and, as long as this doesn't leave the turn that it was started in, those of
  /// the next calls.
  private nonisolated(nonsending) func runHandlers(turn: Int) async {
    while let stream = self.newCalls.current {
      await self.run(stream)
      // Only on the event loop may the turn be looked at.
      guard self.handler.eventLoop.inEventLoop, self.newCalls.turn == turn else { return }
      self.newCalls.current = self.newCalls.popFirst()
    }
  }

  private nonisolated(nonsending) func run(_ stream: ServerStream) async {
    await withServerContextRPCCancellationHandle { handle in
      stream.cancellation.setHandle(handle)
      var context = ServerContext(
        descriptor: stream.descriptor, remotePeer: stream.peer.remote, localPeer: stream.peer.local,
        cancellation: handle)
      context.transportSpecific = Nghttp2ServerContext(stream: stream)
      let rpc = RPCStream(
        descriptor: stream.descriptor,
        inbound: RPCAsyncSequence(wrapping: RequestParts(stream: stream)),
        outbound: RPCWriter.Closable(wrapping: ServerStreamWriter(stream: stream)))
      await self.streamHandler(rpc, context)
    }
    ServerStreamWriter(stream: stream).finishUnlessEnded()
    stream.cancellation.finished()
  }
}
