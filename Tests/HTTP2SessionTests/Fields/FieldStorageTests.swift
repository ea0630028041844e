import HTTP2Session
import HTTP2TestSupport
import Testing

@Suite struct FieldStorageTests {
  @Test("Sections that somebody holds stay as they are while the session receives more", arguments: [1, 10, .max])
  func heldSections(chunkSize: Int) throws {
    var pair = try SessionPair()
    pair.chunkSize = chunkSize
    var held: [HTTP2Fields] = []
    for number in 0..<5 {
      let id = try pair.request([HTTP2Field("x-number", String(repeating: "\(number)", count: 50))], endStream: true)
      try pair.exchange()
      held += pair.serverEvents.compactMap { item in
        if case .headers(id, let fields, _) = item.event { fields } else { nil }
      }
    }
    #expect(held.count == 5)
    for (number, fields) in held.enumerated() {
      #expect(fields.count == 5)
      #expect(fields.last == HTTP2Field("x-number", String(repeating: "\(number)", count: 50)))
      #expect(fields.first == HTTP2Field(":method", "POST"))
    }
  }

  @Test("A peer that falls silent leaves behind little of the fields that it has sent", arguments: [false, true])
  func silence(withinSection: Bool) throws {
    var pair = try SessionPair()
    try pair.exchange()
    // The table of the compression makes much of few bytes.
    let long = (0..<3).map { HTTP2Field("x-long-\($0)", String(repeating: "a", count: 1000)) }
    _ = try (0..<50).map { _ in try pair.request(long + long, endStream: true) }
    var bytes: [UInt8] = []
    try pair.client.drain(into: &bytes)
    if withinSection {
      // HEADERS without END_HEADERS, of `:method: POST`.
      bytes += [0, 0, 1, 1, 0, 0, 0, 0, 201, 0x83]
    }
    try deliver(bytes, to: &pair.server, chunkSize: .max, events: &pair.serverEvents)
    #expect(pair.serverEvents.count >= 50)
    #expect(pair.server.heldFieldBytes <= 1 << 15)
  }

  @Test("A copy of a section is the same section")
  func copy() throws {
    var pair = try SessionPair()
    let ids = [try pair.request(), try pair.request([HTTP2Field("x-a", "b"), HTTP2Field("x-c", "")])]
    try pair.exchange()
    let sections = pair.serverEvents.compactMap { item in
      if case .headers(_, let fields, _) = item.event { fields } else { nil as HTTP2Fields? }
    }
    #expect(sections.count == ids.count)
    #expect(sections.map { $0.copy() } == sections)
  }

  @Test("A section is equal to another with the same fields, and its bytes are those of the fields")
  func equality() throws {
    var pair = try SessionPair()
    let ids = [try pair.request(), try pair.request([HTTP2Field("x-a", "b")]), try pair.request()]
    try pair.exchange()
    let sections = try ids.map { id in
      let found = pair.serverEvents.compactMap { item in
        if case .headers(id, let fields, _) = item.event { fields } else { nil }
      }
      return try #require(found.first)
    }
    #expect(sections[0] == sections[2])
    #expect(sections[0].hashValue == sections[2].hashValue)
    #expect(sections[0] != sections[1])
    var fields: [HTTP2Field] = []
    sections[1].forEachBytes { position, name, value in
      #expect(position == fields.count)
      fields.append(HTTP2Field(String(decoding: name, as: UTF8.self), String(decoding: value, as: UTF8.self)))
    }
    #expect(fields == sections[1].map { $0 })
  }

  @Test("A payload's prefix and its bytes arrive as one, however small the windows are", arguments: [1, 7, 65_535])
  func prefixedPayload(window: Int32) throws {
    var client = HTTP2Configuration()
    client.streamWindowBytes = window
    var pair = try SessionPair(client: client)
    let id = try pair.request(endStream: true)
    try pair.exchange()
    try pair.server.submitResponse(
      streamID: id, headers: HTTP2Section(HTTP2PreparedFields([HTTP2Field(":status", "200")]), [HTTP2Field("a", "b")]),
      prefix: HTTP2DataPrefix(bits: 0x0102_0304_05, count: 5), bytes: [6, 7, 8],
      trailers: HTTP2Section(nil, [HTTP2Field("c", "d")]))
    repeat {
      try pair.exchange()
      let received = pair.clientEvents.payload(id).count
      guard received < 8 else { break }
      try pair.client.consumeStream(id, count: min(Int(window), received))
    } while true
    #expect(pair.clientEvents.payload(id) == [1, 2, 3, 4, 5, 6, 7, 8])
    let sections = pair.clientEvents.sections(id).map(\.fields)
    #expect(sections == [[HTTP2Field(":status", "200"), HTTP2Field("a", "b")], [HTTP2Field("c", "d")]])
  }
}
