public import GRPCCore

/// Answers the calls of one unary method on the event loop of their connection, without a task, a stream or GRPCCore.
///
/// It is for answers that are at hand, such as a cache's hits, or that somebody else will bring, such as its look-ups:
/// a call costs a fraction of one that goes through a handler. The handler of the same method must be served too,
/// because a request goes to it whenever the fast path does not answer or can't be asked.
///
/// The transport asks ``handler`` once a request is complete: exactly one message, uncompressed and within
/// ``Nghttp2ServerConfiguration/maxReceiveMessageBytes``, and then the end of the stream. Every other request, one with
/// trailers included, goes to the ordinary handler as if there were no fast path, and gets its answer or error.
///
/// An answer that isn't at hand is promised with a ``FastPathPromise``, which any thread completes. The request is kept
/// until then, so that it may still fall through, and the client's reset, the deadline and the connection's end are
/// answered as ever. The handler isn't told of them: what it has set going goes on, and should have an end of its own.
///
/// What holds for every call holds here too:
/// - the limits on message sizes; a reply over ``Nghttp2ServerConfiguration/maxSendMessageBytes`` is
///   RESOURCE_EXHAUSTED;
/// - the limits on concurrent calls and on calls given up, counted together with those of other methods: a promise
///   whose call was given up counts as a handler that runs on until it is completed;
/// - the memory budget: a request that is kept counts, and is RESOURCE_EXHAUSTED when there is no room for it;
/// - the deadline: a request that is complete after its `grpc-timeout`, or not complete by then, is answered
///   DEADLINE_EXCEEDED, and ``handler`` isn't asked; one that waits for its answer at that time is as well;
/// - draining: a call that began before a shutdown is answered before its connection closes.
///
/// What does not: GRPCCore's interceptors. What they do that still matters, the handler must do itself: it is told the
/// client's verified identity and the metadata for that. Metrics have ``observer``. A call that the handler lets fall
/// through, at once or later, is seen by the interceptors and not by the observer, so that none is counted twice.
public struct FastPath: Sendable {
  /// Answers a request whose message is `message`, or lets it fall through.
  ///
  /// It runs on an event loop that serves many connections: it must not block, wait for a contended lock, or compute
  /// for longer than some microseconds. The message is lent to it: what has to be known later must be copied.
  public typealias Handler = @Sendable (_ message: RawSpan, _ context: FastPathContext) -> FastPathAnswer
  /// Hears of a call that is over. As quick as a ``Handler`` has to be.
  public typealias Observer = @Sendable (_ call: FastPathCall) -> Void

  /// The method whose calls are answered.
  public var method: MethodDescriptor
  public var handler: Handler
  /// Hears of each call that did not fall through, once, on its event loop, when it was answered or given up.
  public var observer: Observer?

  /// Creates a fast path for one method.
  public init(method: MethodDescriptor, observer: Observer? = nil, handler: @escaping Handler) {
    self.method = method
    self.observer = observer
    self.handler = handler
  }
}
