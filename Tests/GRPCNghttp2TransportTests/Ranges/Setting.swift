import GRPCNghttp2Transport

/// A setting of a configuration and the range that its values are clamped to.
struct Setting<Configuration: Sendable, Value: Comparable & Sendable>: Sendable {
  let name: String
  let range: ClosedRange<Value>
  let get: @Sendable (Configuration) -> Value?
  let set: @Sendable (inout Configuration, Value) -> Void

  init(_ name: String, _ path: any WritableKeyPath<Configuration, Value> & Sendable, _ range: ClosedRange<Value>) {
    self.name = name
    self.range = range
    self.get = { $0[keyPath: path] }
    self.set = { $0[keyPath: path] = $1 }
  }

  /// A setting that may be nil.
  init(_ name: String, _ path: any WritableKeyPath<Configuration, Value?> & Sendable, _ range: ClosedRange<Value>) {
    self.name = name
    self.range = range
    self.get = { $0[keyPath: path] }
    self.set = { $0[keyPath: path] = $1 }
  }
}

typealias ServerConfiguration = Nghttp2ServerConfiguration
typealias ClientConfiguration = Nghttp2ClientConfiguration

private let lengths = 0...Int(UInt32.max)
private let headerLists = 1024...Int(UInt32.max)
private let streamWindows = 1024...Int(Int32.max)
private let connectionWindows = 65_535...Int(Int32.max)
private let any = 0...Int.max
private let timers: ClosedRange<Duration> = .milliseconds(1) ... .longest
private let times: ClosedRange<Duration> = .zero ... .longest

extension ServerConfiguration {
  static let numbers: [Setting<Self, Int>] = [
    Setting("maxReceiveMessageBytes", \.maxReceiveMessageBytes, lengths),
    Setting("maxHeldBytesPerConnection", \.maxHeldBytesPerConnection, any),
    Setting("maxHeldBytes", \.maxHeldBytes, any),
    Setting("maxSendMessageBytes", \.maxSendMessageBytes, lengths),
    Setting("maxConcurrentStreams", \.maxConcurrentStreams, 1...Int(UInt32.max)),
    Setting("maxConnections", \.maxConnections, any),
    Setting("maxHeaderListBytes", \.maxHeaderListBytes, headerLists),
    Setting("streamWindowBytes", \.streamWindowBytes, streamWindows),
    Setting("connectionWindowBytes", \.connectionWindowBytes, connectionWindows),
    Setting("writeHighWatermarkBytes", \.writeHighWatermarkBytes, any),
    Setting("maxPingStrikes", \.maxPingStrikes, any),
    Setting("maxResetBurst", \.maxResetBurst, lengths),
    Setting("maxResetsPerSecond", \.maxResetsPerSecond, lengths),
  ]

  static let durations: [Setting<Self, Duration>] = [
    Setting("tlsHandshakeTimeout", \.tlsHandshakeTimeout, timers),
    Setting("handshakeTimeout", \.handshakeTimeout, timers),
    Setting("headerSectionTimeout", \.headerSectionTimeout, timers),
    Setting("requestTimeout", \.requestTimeout, timers),
    Setting("shutdownGracePeriod", \.shutdownGracePeriod, times),
    Setting("lingerTime", \.lingerTime, timers),
    Setting("maxConnectionIdle", \.maxConnectionIdle, timers),
    Setting("maxConnectionAge", \.maxConnectionAge, timers),
    Setting("maxConnectionAgeGrace", \.maxConnectionAgeGrace, times),
    Setting("keepaliveTime", \.keepaliveTime, timers),
    Setting("keepaliveTimeout", \.keepaliveTimeout, timers),
    Setting("minPingInterval", \.minPingInterval, times),
  ]

  /// What has no range.
  static let choices = [
    "responseCompression", "acceptsCompressedRequests", "permitsPingsWithoutCalls", "startsHandlersOnEventLoop",
  ]
}

extension ClientConfiguration {
  static let numbers: [Setting<Self, Int>] = [
    Setting("maxReceiveMessageBytes", \.maxReceiveMessageBytes, lengths),
    Setting("maxSendMessageBytes", \.maxSendMessageBytes, lengths),
    Setting("maxHeaderListBytes", \.maxHeaderListBytes, headerLists),
    Setting("streamWindowBytes", \.streamWindowBytes, streamWindows),
    Setting("connectionWindowBytes", \.connectionWindowBytes, connectionWindows),
    Setting("writeHighWatermarkBytes", \.writeHighWatermarkBytes, any),
    Setting("maxAddressesPerName", \.maxAddressesPerName, 1...Int.max),
    Setting("maxReplayBytes", \.maxReplayBytes, any),
    Setting("maxCallsAwaitingConnection", \.maxCallsAwaitingConnection, 1...Int.max),
  ]

  static let durations: [Setting<Self, Duration>] = [
    Setting("connectTimeout", \.connectTimeout, timers),
    Setting("resolutionInterval", \.resolutionInterval, times),
    Setting("keepalive", \.keepaliveTime, timers),
    Setting("keepalive", \.keepalivePatience, timers),
    Setting("backoff", \.backoff.initial, timers),
  ]

  /// What has no range.
  static let choices = ["serviceConfig", "firstStreamID"]

  fileprivate var keepaliveTime: Duration {
    get { (self.keepalive ?? ClientKeepalive()).time }
    set {
      var keepalive = self.keepalive ?? ClientKeepalive()
      keepalive.time = newValue
      self.keepalive = keepalive
    }
  }

  fileprivate var keepalivePatience: Duration {
    get { (self.keepalive ?? ClientKeepalive()).timeout }
    set {
      var keepalive = self.keepalive ?? ClientKeepalive()
      keepalive.timeout = newValue
      self.keepalive = keepalive
    }
  }
}
