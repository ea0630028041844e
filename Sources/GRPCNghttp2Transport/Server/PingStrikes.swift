package import NIOCore

/// Counts the pings that come sooner than a server allows (gRFC A8, "Server-side connection management" and its
/// keepalive.md).
package struct PingStrikes {
  private let minInterval: TimeAmount
  private let permitsWithoutCalls: Bool
  private let limit: Int

  private var lastPing: NIODeadline?
  private var callFramesAtLastPing: UInt64 = 0
  private var strikes = 0

  /// How far apart pings must be while there is no call, unless they are permitted then.
  private static let intervalWithoutCalls = TimeAmount.hours(2)

  /// Creates a count that bears `limit` pings that come sooner than `minInterval` after another.
  package init(minInterval: TimeAmount, permitsWithoutCalls: Bool, limit: Int) {
    self.minInterval = minInterval
    self.permitsWithoutCalls = permitsWithoutCalls
    self.limit = limit
  }

  /// Notes a ping; returns false when it is one too many.
  ///
  /// `callFramesSent` counts the HEADERS and DATA frames that were sent so far; one since the last ping forgives all,
  /// as clients measure the bandwidth with pings while they receive.
  package mutating func receivePing(at now: NIODeadline, hasCalls: Bool, callFramesSent: UInt64) -> Bool {
    if callFramesSent != self.callFramesAtLastPing {
      self.callFramesAtLastPing = callFramesSent
      self.strikes = 0
      self.lastPing = nil
    }
    let interval = hasCalls || self.permitsWithoutCalls ? self.minInterval : Self.intervalWithoutCalls
    if let lastPing = self.lastPing, now - lastPing < interval {
      self.strikes += 1
    }
    self.lastPing = now
    return self.strikes <= self.limit
  }
}

extension PingStrikes {
  /// Takes the limits from a server's configuration.
  package init(_ configuration: Nghttp2ServerConfiguration) {
    self.init(
      minInterval: TimeAmount(clamping: configuration.minPingInterval),
      permitsWithoutCalls: configuration.permitsPingsWithoutCalls, limit: configuration.maxPingStrikes)
  }
}
