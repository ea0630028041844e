import SwiftProtobuf

/// Random instances of any message, as bytes, from its descriptor alone.
///
/// Two things stay out because protobuf-c loses them: NUL in strings, where it ends them, and -0.0, which it takes for
/// the default.
struct WireGenerator {
  /// How an instance is made.
  enum Shape: CaseIterable {
    /// No field at all.
    case empty
    /// Every field, holding its default: what both must leave away again.
    case defaults
    /// Every field, holding the least or the most that it can.
    case extremes
    /// Some fields, holding anything, in the order of their numbers.
    case ordinary
    /// Some fields in any order, some twice, lists packed or not as it comes, between fields that nobody declared.
    case odd
  }

  /// How deep messages nest.
  private static let depth = 3

  let schema: Schema
  let shape: Shape
  var random: SeededNumbers

  init(_ schema: Schema, message: String, instance: Int) {
    self.schema = schema
    random = SeededNumbers(message, instance)
    // The three plain shapes once, the others ever after.
    shape = instance < 3 ? Shape.allCases[instance] : (instance.isMultiple(of: 2) ? .ordinary : .odd)
  }

  /// The bytes of a message.
  mutating func message(_ name: String, depth: Int = Self.depth) -> [UInt8] {
    guard shape != .empty, let declared = schema.messages[name] else { return [] }
    let density = shape == .ordinary || shape == .odd ? random.one(of: [2, 4, 10]) : 1
    var fields: [[UInt8]] = []
    for field in chosenFields(declared) {
      let isKept = density == 1 || !random.once(in: density)
      if isKept || declared.options.mapEntry { fields += occurrences(of: field, depth: depth) }
    }
    if shape == .odd {
      if random.once(in: 2) { fields += unknownFields(besides: declared) }
      // The order of a list's or an unknown field's occurrences is a part of the value, but any order is one.
      fields.shuffle(using: &random)
    } else if shape == .extremes {
      fields += unknownFields(besides: declared)
    }
    return fields.flatMap { $0 }
  }

  /// The declared fields in the order of their numbers, of each oneof one at most.
  private mutating func chosenFields(
    _ message: Google_Protobuf_DescriptorProto
  ) -> [Google_Protobuf_FieldDescriptorProto] {
    let chosen = message.oneofDecl.indices.map { oneof in
      random.one(of: message.field.filter { $0.hasOneofIndex && $0.oneofIndex == Int32(oneof) }.map(\.number))
    }
    return message.field.filter { !$0.hasOneofIndex || chosen.contains($0.number) }.sorted { $0.number < $1.number }
  }

  /// A field as often as it occurs, each with its tag.
  private mutating func occurrences(of field: Google_Protobuf_FieldDescriptorProto, depth: Int) -> [[UInt8]] {
    if field.type == .message, depth == 0 { return [] }
    let isRepeated = field.label == .repeated
    // A message that occurs twice is merged; its oneofs make that another question.
    let count = isRepeated ? listCount() : shape == .odd && field.type != .message && random.once(in: 8) ? 2 : 1
    let payloads = (0..<count).map { _ in payload(of: field, depth: depth) }
    guard isRepeated, field.type.isPackable, isPacked(field) else {
      return payloads.map { payload in
        var bytes = WireBytes()
        bytes.tag(field.number, field.type.wireType)
        if field.type.wireType == .lengthDelimited { bytes.delimited(payload) } else { bytes.append(payload) }
        return bytes.bytes
      }
    }
    guard count > 0 else { return [] }
    var bytes = WireBytes()
    bytes.tag(field.number, .lengthDelimited)
    bytes.delimited(payloads.flatMap { $0 })
    return [bytes.bytes]
  }

  private mutating func isPacked(_ field: Google_Protobuf_FieldDescriptorProto) -> Bool {
    if shape == .odd { return random.once(in: 2) }
    return !field.options.hasPacked || field.options.packed
  }

  private mutating func listCount() -> Int {
    random.once(in: 20) ? 150 / (1 + Int(schema.messages.count / 100)) : Int.random(in: 0...4, using: &random)
  }

  /// Fields that the message does not declare: a receiver keeps them.
  private mutating func unknownFields(besides message: Google_Protobuf_DescriptorProto) -> [[UInt8]] {
    let taken = Set(message.field.map(\.number))
    let numbers = [Int32(15), 16, 999, 2047, 2048, 100_000, 536_870_910].filter { !taken.contains($0) }
    return (0..<Int.random(in: 1...3, using: &random)).map { _ in
      var bytes = WireBytes()
      let number = random.one(of: numbers)
      switch random.one(of: [WireBytes.WireType.varint, .eightBytes, .lengthDelimited, .fourBytes]) {
      case .varint:
        bytes.tag(number, .varint)
        bytes.varint(random.next() >> UInt64.random(in: 0...63, using: &random))
      case .eightBytes:
        bytes.tag(number, .eightBytes)
        bytes.fixed(random.next())
      case .lengthDelimited:
        bytes.tag(number, .lengthDelimited)
        bytes.delimited(anyBytes())
      case .fourBytes:
        bytes.tag(number, .fourBytes)
        bytes.fixed(UInt32(truncatingIfNeeded: random.next()))
      }
      return bytes.bytes
    }
  }
}
