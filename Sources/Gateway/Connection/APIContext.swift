package import Hummingbird
import Logging
import NIOCore

/// The context of a request: the channel that it came on, and a logger.
package struct APIContext: InitializableFromSource, Sendable {
  let channel: any Channel
  let logger: Logger

  package init(source: ApplicationRequestContextSource) {
    channel = source.channel
    var logger = source.logger
    // The HTTP library's own id, beside that of the request, which every line has.
    logger[metadataKey: "hb.request.id"] = nil
    self.logger = logger
  }

  /// Whether the channel is a stream of an HTTP/2 connection, which then stands between it and the listening socket.
  var isHTTP2: Bool {
    channel.parent?.parent != nil
  }

  /// Closes the connection, or resets the stream, in the middle of whatever is being written.
  func abort() {
    channel.close(promise: nil)
  }
}
