/// Writes frames as bytes, right ones and wrong ones (RFC 9113 sections 4.1 and 6).
enum Wire {
  /// Frame flags; a bit means different things for different types.
  struct Flags: OptionSet {
    var rawValue: UInt8

    static let ack = Self(rawValue: 0x1)
    static let endStream = Self(rawValue: 0x1)
    static let endHeaders = Self(rawValue: 0x4)
    static let padded = Self(rawValue: 0x8)
    static let priority = Self(rawValue: 0x20)
  }

  /// What a client sends first (RFC 9113 section 3.4).
  static let preface = Array("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".utf8)

  /// Any frame, with the length of its payload unless another is given.
  static func frame(
    _ type: UInt8, flags: Flags = [], stream: UInt32 = 0, length: Int? = nil, _ payload: [UInt8] = []
  ) -> [UInt8] {
    let length = length ?? payload.count
    return [UInt8(length >> 16 & 0xff), UInt8(length >> 8 & 0xff), UInt8(length & 0xff), type, flags.rawValue]
      + big(stream) + payload
  }

  static func data(_ stream: UInt32, _ payload: [UInt8] = [], flags: Flags = []) -> [UInt8] {
    self.frame(0, flags: flags, stream: stream, payload)
  }

  static func headers(_ stream: UInt32, _ block: [UInt8], flags: Flags = [.endHeaders]) -> [UInt8] {
    self.frame(1, flags: flags, stream: stream, block)
  }

  /// `priority` is the stream that it depends on, and a weight.
  static func priority(_ stream: UInt32, dependsOn: UInt32 = 0) -> [UInt8] {
    self.frame(2, stream: stream, big(dependsOn) + [15])
  }

  static func reset(_ stream: UInt32, code: UInt32 = 8) -> [UInt8] {
    self.frame(3, stream: stream, big(code))
  }

  static func settings(_ values: [(id: UInt16, value: UInt32)] = [], flags: Flags = []) -> [UInt8] {
    self.frame(4, flags: flags, values.flatMap { [UInt8($0.id >> 8), UInt8($0.id & 0xff)] + big($0.value) })
  }

  static func pushPromise(_ stream: UInt32, promised: UInt32, _ block: [UInt8]) -> [UInt8] {
    self.frame(5, flags: [.endHeaders], stream: stream, big(promised) + block)
  }

  static func ping(flags: Flags = []) -> [UInt8] {
    self.frame(6, flags: flags, Array("strictly".utf8))
  }

  static func goAway(lastStream: UInt32, code: UInt32 = 0) -> [UInt8] {
    self.frame(7, big(lastStream) + big(code))
  }

  static func windowUpdate(_ stream: UInt32, by increment: UInt32) -> [UInt8] {
    self.frame(8, stream: stream, big(increment))
  }

  static func continuation(_ stream: UInt32, _ block: [UInt8] = [], flags: Flags = [.endHeaders]) -> [UInt8] {
    self.frame(9, flags: flags, stream: stream, block)
  }

  /// A field as a literal that neither table is used for (RFC 7541 section 6.2.2); at most 126 bytes a part.
  static func field(_ name: String, _ value: String) -> [UInt8] {
    self.field(Array(name.utf8), Array(value.utf8))
  }

  static func field(_ name: [UInt8], _ value: [UInt8]) -> [UInt8] {
    [0, UInt8(name.count)] + name + [UInt8(value.count)] + value
  }

  static func fields(_ fields: [(name: String, value: String)]) -> [UInt8] {
    fields.flatMap { self.field($0.name, $0.value) }
  }

  /// A request's section with the fields given in place of the usual ones of the same name, or after them; an empty
  /// value leaves a pseudo-header field out.
  static func request(_ changes: [(name: String, value: String)] = []) -> [UInt8] {
    let usual = [(":method", "POST"), (":scheme", "http"), (":path", "/test.Service/Echo"), (":authority", "test")]
    let merged = usual.map { field in changes.first { $0.name == field.0 } ?? field }.filter { !$0.1.isEmpty }
    return self.fields(merged + changes.filter { change in !usual.contains { $0.0 == change.name } })
  }

  static let response = Self.field(":status", "200")

  static func big(_ value: UInt32) -> [UInt8] {
    [UInt8(value >> 24), UInt8(value >> 16 & 0xff), UInt8(value >> 8 & 0xff), UInt8(value & 0xff)]
  }
}
