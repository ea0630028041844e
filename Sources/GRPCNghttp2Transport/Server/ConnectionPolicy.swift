package import NIOCore

/// The time limits of a server's connections; nil for one without limit.
package struct ConnectionPolicy: Sendable {
  package var handshakeTimeout: TimeAmount
  package var headerSectionTimeout: TimeAmount
  package var maxIdle: TimeAmount?
  package var maxAge: TimeAmount?
  package var maxAgeGrace: TimeAmount?
  package var keepaliveTime: TimeAmount?
  package var keepaliveTimeout: TimeAmount

  /// The part of ``maxAge`` by which connections may differ to either side (gRFC A9).
  package static let ageSpread = 0.1

  /// Takes the limits from a server's configuration.
  package init(_ configuration: Nghttp2ServerConfiguration) {
    self.handshakeTimeout = TimeAmount(clamping: configuration.handshakeTimeout)
    self.headerSectionTimeout = TimeAmount(clamping: configuration.headerSectionTimeout)
    self.maxIdle = configuration.maxConnectionIdle.map { TimeAmount(clamping: $0) }
    self.maxAge = configuration.maxConnectionAge.map { TimeAmount(clamping: $0) }
    self.maxAgeGrace = configuration.maxConnectionAgeGrace.map { TimeAmount(clamping: $0) }
    self.keepaliveTime = configuration.keepaliveTime.map { TimeAmount(clamping: $0) }
    self.keepaliveTimeout = TimeAmount(clamping: configuration.keepaliveTimeout)
  }
}
