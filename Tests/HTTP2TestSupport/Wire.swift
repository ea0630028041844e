/// Writes frames as bytes, right ones and wrong ones (RFC 9113 sections 4.1 and 6).
package enum Wire {
  /// Frame flags; a bit means different things for different types.
  package struct Flags: OptionSet, Sendable {
    package var rawValue: UInt8

    package init(rawValue: UInt8) {
      self.rawValue = rawValue
    }

    package static let ack = Self(rawValue: 0x1)
    package static let endStream = Self(rawValue: 0x1)
    package static let endHeaders = Self(rawValue: 0x4)
    package static let padded = Self(rawValue: 0x8)
    package static let priority = Self(rawValue: 0x20)
  }

  /// What a client sends first (RFC 9113 section 3.4).
  package static let preface = Array("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".utf8)

  /// Any frame, with the length of its payload unless another is given.
  package static func frame(
    _ type: UInt8, flags: Flags = [], stream: UInt32 = 0, length: Int? = nil, _ payload: [UInt8] = []
  ) -> [UInt8] {
    let length = length ?? payload.count
    return [UInt8(length >> 16 & 0xff), UInt8(length >> 8 & 0xff), UInt8(length & 0xff), type, flags.rawValue]
      + big(stream) + payload
  }

  package static func data(_ stream: UInt32, _ payload: [UInt8] = [], flags: Flags = []) -> [UInt8] {
    self.frame(0, flags: flags, stream: stream, payload)
  }

  package static func headers(_ stream: UInt32, _ block: [UInt8], flags: Flags = [.endHeaders]) -> [UInt8] {
    self.frame(1, flags: flags, stream: stream, block)
  }

  /// `priority` is the stream that it depends on, and a weight.
  package static func priority(_ stream: UInt32, dependsOn: UInt32 = 0) -> [UInt8] {
    self.frame(2, stream: stream, big(dependsOn) + [15])
  }

  package static func reset(_ stream: UInt32, code: UInt32 = 8) -> [UInt8] {
    self.frame(3, stream: stream, big(code))
  }

  package static func settings(_ values: [(id: UInt16, value: UInt32)] = [], flags: Flags = []) -> [UInt8] {
    self.frame(4, flags: flags, values.flatMap { [UInt8($0.id >> 8), UInt8($0.id & 0xff)] + big($0.value) })
  }

  package static func pushPromise(_ stream: UInt32, promised: UInt32, _ block: [UInt8]) -> [UInt8] {
    self.frame(5, flags: [.endHeaders], stream: stream, big(promised) + block)
  }

  package static func ping(flags: Flags = []) -> [UInt8] {
    self.frame(6, flags: flags, Array("strictly".utf8))
  }

  package static func goAway(lastStream: UInt32, code: UInt32 = 0) -> [UInt8] {
    self.frame(7, big(lastStream) + big(code))
  }

  package static func windowUpdate(_ stream: UInt32, by increment: UInt32) -> [UInt8] {
    self.frame(8, stream: stream, big(increment))
  }

  package static func continuation(_ stream: UInt32, _ block: [UInt8] = [], flags: Flags = [.endHeaders]) -> [UInt8] {
    self.frame(9, flags: flags, stream: stream, block)
  }

  /// A field as a literal that neither table is used for (RFC 7541 section 6.2.2); at most 126 bytes a part.
  package static func field(_ name: String, _ value: String) -> [UInt8] {
    self.field(Array(name.utf8), Array(value.utf8))
  }

  package static func field(_ name: [UInt8], _ value: [UInt8]) -> [UInt8] {
    [0, UInt8(name.count)] + name + [UInt8(value.count)] + value
  }

  package static func fields(_ fields: [(name: String, value: String)]) -> [UInt8] {
    fields.flatMap { self.field($0.name, $0.value) }
  }

  /// A request's section with the fields given in place of the usual ones of the same name, or after them; an empty
  /// value leaves a pseudo-header field out.
  package static func request(_ changes: [(name: String, value: String)] = []) -> [UInt8] {
    let usual = [(":method", "POST"), (":scheme", "http"), (":path", "/test.Service/Echo"), (":authority", "test")]
    let merged = usual.map { field in changes.first { $0.name == field.0 } ?? field }.filter { !$0.1.isEmpty }
    return self.fields(merged + changes.filter { change in !usual.contains { $0.0 == change.name } })
  }

  package static let response = Self.field(":status", "200")

  package static func big(_ value: UInt32) -> [UInt8] {
    [UInt8(value >> 24), UInt8(value >> 16 & 0xff), UInt8(value >> 8 & 0xff), UInt8(value & 0xff)]
  }
}
