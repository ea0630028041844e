import GRPCCore

/// What has come of a unary call's response, and who is told of it.
struct UnaryResponse {
  typealias Completion = @Sendable (_ stream: ClientStream, _ response: Result<[UInt8], RPCError>) -> Void

  private let completion: Completion
  private var message: [UInt8]?

  init(completion: @escaping Completion) {
    self.completion = completion
  }

  /// Takes the message; false when there is one already.
  fileprivate mutating func take(_ message: [UInt8]) -> Bool {
    guard self.message == nil else { return false }
    self.message = message
    return true
  }

  fileprivate func complete(_ stream: ClientStream, with error: RPCError?) {
    let failure = error ?? (self.message == nil ? .noMessage : nil)
    self.completion(stream, failure.map { .failure($0) } ?? .success(self.message ?? []))
  }
}

extension ClientStream {
  /// Reads what has come of a unary call's response, in place of a task; on the event loop.
  func takeUnaryResponse() {
    do {
      while self.unaryResponse != nil, let next = try self.inbound.nextNow(consumed: self.openWindow) {
        switch try self.open(next) {
        case .metadata: break
        case .message(let message):
          guard self.unaryResponse?.take(message) == false, let response = self.unaryResponse.take() else { break }
          // The first that is too many ends the call, and those that came with it are dropped: nobody takes them.
          self.fail(.severalMessages)
          response.complete(self, with: .severalMessages)
        case .status(let status, let metadata):
          self.unaryResponse.take()?.complete(self, with: RPCError(status: status, metadata: metadata))
        case nil: self.unaryResponse.take()?.complete(self, with: .noStatus)
        }
      }
    } catch {
      self.unaryResponse.take()?.complete(self, with: error)
    }
  }
}

extension RPCError {
  fileprivate static let noMessage = RPCError(
    code: .internalError, message: "The response to a unary call has no message.")
  fileprivate static let severalMessages = RPCError(
    code: .internalError, message: "The response to a unary call has more than one message.")
  fileprivate static let noStatus = RPCError(code: .internalError, message: "The response ended without a status.")
}
