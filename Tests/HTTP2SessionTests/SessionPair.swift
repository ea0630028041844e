import HTTP2Session

/// A client and a server session joined in memory.
struct SessionPair: ~Copyable {
  var client: HTTP2Session
  var server: HTTP2Session
  var clientEvents: [RecordedEvent] = []
  var serverEvents: [RecordedEvent] = []
  /// How many bytes each `receive` gets; the default hands over all at once.
  var chunkSize = Int.max

  init(
    client: HTTP2Configuration = HTTP2Configuration(), server: HTTP2Configuration = HTTP2Configuration()
  ) throws {
    // Both are made before either is stored: a noncopyable value can't be half initialized.
    let clientSession = try HTTP2Session(role: .client, configuration: client)
    let serverSession = try HTTP2Session(role: .server, configuration: server)
    self.client = clientSession
    self.server = serverSession
  }

  /// Carries bytes both ways until neither side has anything to say.
  mutating func exchange() throws {
    while true {
      var toServer: [UInt8] = []
      try self.client.drain(into: &toServer)
      record(&self.client, [], into: &self.clientEvents)
      try deliver(toServer, to: &self.server, chunkSize: self.chunkSize, events: &self.serverEvents)
      var toClient: [UInt8] = []
      try self.server.drain(into: &toClient)
      record(&self.server, [], into: &self.serverEvents)
      try deliver(toClient, to: &self.client, chunkSize: self.chunkSize, events: &self.clientEvents)
      if toServer.isEmpty, toClient.isEmpty { return }
    }
  }

  /// Opens a POST and returns its stream.
  mutating func request(_ fields: [HTTP2Field] = [], endStream: Bool = false) throws -> Int32 {
    let pseudo = [
      HTTP2Field(":method", "POST"), HTTP2Field(":scheme", "http"), HTTP2Field(":path", "/a/b"),
      HTTP2Field(":authority", "test"),
    ]
    return try self.client.submitRequest(pseudo + fields, endStream: endStream)
  }
}

/// An event with the bytes of its data.
struct RecordedEvent: Equatable {
  var event: HTTP2Event
  var bytes: [UInt8] = []
}

extension [RecordedEvent] {
  /// The payload of a stream, in order.
  func payload(_ streamID: Int32) -> [UInt8] {
    self.flatMap { item in
      if case .data(streamID, _) = item.event { item.bytes } else { [] as [UInt8] }
    }
  }

  func contains(_ event: HTTP2Event) -> Bool {
    self.contains { $0.event == event }
  }

  /// The sections of a stream and whether each ended it.
  func sections(_ streamID: Int32) -> [(fields: [HTTP2Field], endStream: Bool)] {
    self.compactMap { item in
      if case .headers(streamID, let fields, let endStream) = item.event { (fields.map { $0 }, endStream) } else { nil }
    }
  }
}

func deliver(
  _ bytes: [UInt8], to session: inout HTTP2Session, chunkSize: Int, events: inout [RecordedEvent]
) throws {
  var rest = bytes[...]
  while !rest.isEmpty {
    let chunk = Array(rest.prefix(chunkSize))
    rest = rest.dropFirst(chunk.count)
    defer { record(&session, chunk, into: &events) }
    try receive(chunk, &session)
  }
}

private func receive(_ chunk: [UInt8], _ session: inout HTTP2Session) throws {
  var failure: HTTP2Error?
  chunk.withUnsafeBytes { bytes in
    do throws(HTTP2Error) { try session.receive(bytes) } catch { failure = error }
  }
  if let failure { throw failure }
}

private func record(_ session: inout HTTP2Session, _ chunk: [UInt8], into events: inout [RecordedEvent]) {
  for event in session.takeEvents() {
    if case .data(_, let range) = event {
      events.append(RecordedEvent(event: event, bytes: Array(chunk[range])))
    } else {
      events.append(RecordedEvent(event: event))
    }
  }
}
