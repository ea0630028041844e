import HTTP2Session
import NIOCore
import Synchronization

/// The deadline of the calls that a task makes, in place of `CallOptions.timeout`.
///
/// GRPCCore keeps a timeout of the options with a `Task.sleep` for each call, of which Swift lets go only once its time
/// is over, however soon the call was (swiftlang/swift issue 60441): at a thousand calls a second with a timeout of
/// thirty seconds that is memory for thirty thousand calls. ``Nghttp2ClientTransport`` keeps this deadline itself, with
/// a timer that ends with the call. It reaches the server as `grpc-timeout`, holds while the call waits for a
/// connection, a retry or its turn, and ends the call with DEADLINE_EXCEEDED.
///
/// ```swift
/// try await CallDeadline.$current.withValue(.now + .seconds(2)) {
///   try await verifier.verify(request)
/// }
/// ```
public enum CallDeadline {
  /// When the calls of this task and its children must be over; nil when never. A timeout of a call's options or of the
  /// service config holds besides.
  @TaskLocal public static var current: ContinuousClock.Instant?
}

/// When a call has to be over, so that its server can be told what is left of the time once the request leaves.
///
/// Used from any thread.
struct RequestDeadline: ~Copyable, Sendable {
  private static let field = "grpc-timeout"

  /// In nanoseconds of NIO's clock; the largest value without a deadline.
  private let uptime: Atomic<UInt64>

  init(_ deadline: NIODeadline?) {
    self.uptime = Atomic(deadline?.uptimeNanoseconds ?? .max)
  }

  /// Nil when the call may take for ever.
  var value: NIODeadline? {
    let uptime = self.uptime.load(ordering: .relaxed)
    return uptime == .max ? nil : .uptimeNanoseconds(uptime)
  }

  /// Takes GRPCCore's own timeout out of the fields of a request that is written now, which its attempts share.
  func take(from fields: inout [HTTP2Field]) {
    guard let index = fields.lastIndex(where: { $0.name == Self.field }),
      let timeout = CallTimeout(parsing: fields[index].value)
    else { return }
    fields.remove(at: index)
    let deadline = NIODeadline.now() + TimeAmount(clamping: timeout.duration)
    self.uptime.store(
      min(self.uptime.load(ordering: .relaxed), deadline.uptimeNanoseconds), ordering: .relaxed)
  }

  /// Adds what is left to the fields of a request that leaves now; false when nothing is.
  func add(to fields: inout [HTTP2Field]) -> Bool {
    guard let deadline = self.value else { return true }
    let rest = deadline - .now()
    guard rest > .zero else { return false }
    fields.append(HTTP2Field(Self.field, CallTimeout(duration: .nanoseconds(rest.nanoseconds)).text))
    return true
  }
}

extension NIODeadline {
  /// The earliest of a call's limits: what its task and its timeouts say; nil when nothing does.
  init?(ofCallWith timeouts: Duration?...) {
    var rest = timeouts.reduce(nil as Duration?) { least, timeout in timeout.map { min($0, least ?? $0) } ?? least }
    if let current = CallDeadline.current {
      let untilThen = ContinuousClock.now.duration(to: current)
      rest = min(rest ?? untilThen, untilThen)
    }
    guard let rest else { return nil }
    self = .now() + TimeAmount(clamping: rest)
  }
}
