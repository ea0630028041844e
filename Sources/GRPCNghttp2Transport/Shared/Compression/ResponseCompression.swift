import Synchronization

/// A handler's choice of whether the messages that it sends next are compressed with gzip.
///
/// The choice at the time of the response's headers, which go out with the first message at the latest, decides whether
/// gzip is announced; without that, as for a client that doesn't accept gzip, messages stay as they are. Messages that
/// gzip would make longer stay so, too. May be used from any thread.
public struct ResponseCompression: Sendable {
  let stream: ServerStream

  /// Whether messages written from now on are compressed; at first what
  /// ``Nghttp2ServerConfiguration/responseCompression`` says.
  public var isEnabled: Bool {
    get { self.stream.compressesMessages.load(ordering: .relaxed) }
    nonmutating set { self.stream.compressesMessages.store(newValue, ordering: .relaxed) }
  }

  /// Whether the message of the request that was read last came compressed; false before the first.
  public var wasLastRequestCompressed: Bool { self.stream.wasLastMessageCompressed.load(ordering: .relaxed) }
}
