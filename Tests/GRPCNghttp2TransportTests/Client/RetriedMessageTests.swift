import GRPCCore
import GRPCNghttp2Transport
import Synchronization
import Testing

/// What a call with a retry policy sends over a connection that nothing happens to.
///
/// GRPCCore's own retries pass a request's messages through a buffer whose reader, if it finds nothing and is overtaken
/// by a writer that writes and ends before it waits, takes the request for empty. The transport's retries must not be
/// exposed to that, or to anything like it.
@Suite(.timeLimit(.minutes(1))) struct RetriedMessageTests {
  /// A busy machine makes fewer calls rather than taking long.
  private static let longest = Duration.seconds(10)

  /// Where the writer of a call spins until its request is asked for, so that it writes at that moment.
  final class Meeting: Sendable {
    @TaskLocal static var current: Meeting?

    private let isAsked = Atomic(false)

    func ask() {
      self.isAsked.store(true, ordering: .releasing)
    }

    /// Returns `delay` steps, of about a nanosecond each, after the request is asked for. Not for ever: nobody might
    /// ask as long as the writer keeps its thread.
    func wait(delay: Int) {
      var patience = 50_000_000
      while patience > 0, !self.isAsked.load(ordering: .acquiring) { patience -= 1 }
      var steps = delay
      while steps > 0, self.isAsked.load(ordering: .acquiring) { steps -= 1 }
    }
  }

  /// Tells the writer that its request is about to be asked for.
  struct Asking: ClientInterceptor {
    func intercept<Input: Sendable, Output: Sendable>(
      request: StreamingClientRequest<Input>, context: ClientContext,
      next: (StreamingClientRequest<Input>, ClientContext) async throws -> StreamingClientResponse<Output>
    ) async throws -> StreamingClientResponse<Output> {
      let asking = StreamingClientRequest<Input>(metadata: request.metadata) { writer in
        Meeting.current?.ask()
        try await request.producer(writer)
      }
      return try await next(asking, context)
    }
  }

  @Test("A retried method's request arrives with its message, however its writer is scheduled")
  func arrivesWithItsMessage() async throws {
    let outcomes = Tally()
    try await withServer { _, endpoint in
      let transport = try Nghttp2ClientTransport(endpoints: [endpoint], configuration: RetryPolicyTests.retrying())
      try await withGRPCClient(transport: transport, interceptors: [Asking()]) { client in
        // Of the calls that go through that buffer about one in two thousand is hit.
        var delays = (0..<20_000).lazy.map { $0 % 1000 }.makeIterator()
        let end = ContinuousClock.now + Self.longest
        while ContinuousClock.now < end, let delay = delays.next() {
          let answer = try await Self.call(client, [1, 2, 3], delay: delay)
          outcomes.add("\(answer)")
        }
      }
    }
    #expect(Set(outcomes.counts.keys) == ["[[1, 2, 3]]"])
  }

  /// Makes a call whose writer writes at a chosen moment, and returns what came back.
  private static func call(_ client: TestClient, _ message: [UInt8], delay: Int) async throws -> [[UInt8]] {
    let meeting = Meeting()
    return try await Meeting.$current.withValue(meeting) {
      try await client.stream("Echo") { writer in
        meeting.wait(delay: delay)
        try await writer.write(message)
      } response: { response in
        try await response.messages.reduce(into: []) { $0.append($1) }
      }
    }
  }
}
