import HTTP2Session
import NIOCore
import Synchronization

/// When a call has to be over, so that its server can be told what is left of the time once the request leaves.
///
/// The caller's own clock is GRPCCore's, whose timeout in the metadata was measured before the call waited for a connection
/// or for its turn. Used from any thread.
struct CallDeadline: ~Copyable, Sendable {
  private static let field = "grpc-timeout"

  /// In nanoseconds of NIO's clock; the largest value without a deadline.
  private let uptime: Atomic<UInt64>

  /// The deadline of a call that began with its whole time; nil without one, when the metadata's is left as it is.
  init(_ deadline: NIODeadline?) {
    self.uptime = Atomic(deadline?.uptimeNanoseconds ?? .max)
  }

  /// The request is written: the timeout among its fields, which an earlier attempt has shortened, counts from now.
  func start(_ fields: [HTTP2Field]) {
    let latest = self.uptime.load(ordering: .relaxed)
    guard latest != .max, let field = fields.last(where: { $0.name == Self.field }),
      let timeout = CallTimeout(parsing: field.value)
    else { return }
    let deadline = NIODeadline.now() + TimeAmount(clamping: timeout.duration)
    self.uptime.store(min(latest, deadline.uptimeNanoseconds), ordering: .relaxed)
  }

  /// Puts what is left among the fields of a request that leaves now; false when nothing is.
  func update(_ fields: inout [HTTP2Field]) -> Bool {
    let uptime = self.uptime.load(ordering: .relaxed)
    guard uptime != .max, let index = fields.lastIndex(where: { $0.name == Self.field }) else { return true }
    let rest = NIODeadline.uptimeNanoseconds(uptime) - .now()
    guard rest > .zero else { return false }
    fields[index] = HTTP2Field(Self.field, CallTimeout(duration: .nanoseconds(rest.nanoseconds)).text)
    return true
  }
}
