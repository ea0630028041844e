extension Nghttp2ClientConfiguration {
  /// Every value within its range, so that nothing that is made of one can overflow; what a transport uses.
  package var clamped: Self {
    var values = self
    values.maxReceiveMessageBytes = self.maxReceiveMessageBytes.clamped(to: Int.messageLengths)
    values.maxSendMessageBytes = self.maxSendMessageBytes.clamped(to: Int.messageLengths)
    values.maxHeaderListBytes = self.maxHeaderListBytes.clamped(to: Int.headerListBytes)
    values.streamWindowBytes = self.streamWindowBytes.clamped(to: Int.streamWindows)
    values.connectionWindowBytes = self.connectionWindowBytes.clamped(to: Int.connectionWindows)
    values.writeHighWatermarkBytes = max(self.writeHighWatermarkBytes, 0)
    values.connectTimeout = self.connectTimeout.clamped(to: Duration.timerIntervals)
    values.backoff = self.backoff.clamped
    values.keepalive = self.keepalive?.clamped
    values.resolutionInterval = self.resolutionInterval.clamped(to: .zero ... .longest)
    values.maxAddressesPerName = max(self.maxAddressesPerName, 1)
    values.maxReplayBytes = max(self.maxReplayBytes, 0)
    values.maxCallsAwaitingConnection = max(self.maxCallsAwaitingConnection, 1)
    return values
  }
}

extension ClientKeepalive {
  /// Both times within their range.
  fileprivate var clamped: Self {
    var values = self
    values.time = self.time.clamped(to: Duration.timerIntervals)
    values.timeout = self.timeout.clamped(to: Duration.timerIntervals)
    return values
  }
}
