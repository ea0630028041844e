import NIOCore

extension ContinuousClock.Instant {
  /// The instant that is as far away as a deadline of NIO's clock, which is the cheaper one to carry.
  init(_ deadline: NIODeadline) {
    self = .now + .nanoseconds((deadline - .now()).nanoseconds)
  }
}
