extension Nghttp2ServerConfiguration {
  /// Every value within its range, so that nothing that is made of one can overflow; what a transport uses.
  package var clamped: Self {
    var values = self
    values.maxReceiveMessageBytes = self.maxReceiveMessageBytes.clamped(to: Int.messageLengths)
    values.maxHeldBytesPerConnection = max(self.maxHeldBytesPerConnection, 0)
    values.maxHeldBytes = max(self.maxHeldBytes, 0)
    values.maxSendMessageBytes = self.maxSendMessageBytes.clamped(to: Int.messageLengths)
    values.maxConcurrentStreams = self.maxConcurrentStreams.clamped(to: 1...Int(UInt32.max))
    values.maxConnections = max(self.maxConnections, 0)
    values.maxHeaderListBytes = self.maxHeaderListBytes.clamped(to: Int.headerListBytes)
    values.streamWindowBytes = self.streamWindowBytes.clamped(to: Int.streamWindows)
    values.connectionWindowBytes = self.connectionWindowBytes.clamped(to: Int.connectionWindows)
    values.writeHighWatermarkBytes = max(self.writeHighWatermarkBytes, 0)
    values.maxPingStrikes = max(self.maxPingStrikes, 0)
    values.maxResetBurst = self.maxResetBurst.clamped(to: 0...Int(UInt32.max))
    values.maxResetsPerSecond = self.maxResetsPerSecond.clamped(to: 0...Int(UInt32.max))
    values.tlsHandshakeTimeout = self.tlsHandshakeTimeout.clamped(to: Duration.timerIntervals)
    values.handshakeTimeout = self.handshakeTimeout.clamped(to: Duration.timerIntervals)
    values.headerSectionTimeout = self.headerSectionTimeout.clamped(to: Duration.timerIntervals)
    values.requestTimeout = self.requestTimeout?.clamped(to: Duration.timerIntervals)
    values.lingerTime = self.lingerTime.clamped(to: Duration.timerIntervals)
    values.shutdownGracePeriod = self.shutdownGracePeriod.clamped(to: .zero ... .longest)
    values.maxConnectionIdle = self.maxConnectionIdle?.clamped(to: Duration.timerIntervals)
    values.maxConnectionAge = self.maxConnectionAge?.clamped(to: Duration.timerIntervals)
    values.maxConnectionAgeGrace = self.maxConnectionAgeGrace?.clamped(to: .zero ... .longest)
    values.keepaliveTime = self.keepaliveTime?.clamped(to: Duration.timerIntervals)
    values.keepaliveTimeout = self.keepaliveTimeout.clamped(to: Duration.timerIntervals)
    values.minPingInterval = self.minPingInterval.clamped(to: .zero ... .longest)
    return values
  }
}
