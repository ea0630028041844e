import SwiftProtobuf

extension Lint {
  /// Fields that hold what lets somebody in, or its hash.
  private static let secretNames = ["secret", "password", "authorization"]

  mutating func check(_ message: Google_Protobuf_DescriptorProto, at path: [Int32], in scope: String) {
    let name = scope + "." + message.name
    requireComment(path, name)
    require(NameStyle.isPascal(message.name), .messageName, name)
    let holdsSecret = message.field.contains { field in
      [.string, .bytes].contains(field.type) && Self.secretNames.contains { field.name.contains($0) }
    }
    if holdsSecret { require(comments[path].contains("holds a secret"), .secret, name) }
    for (index, field) in message.field.enumerated() { check(field, at: path + [2, Int32(index)], in: name) }
    for (index, oneof) in message.oneofDecl.enumerated() {
      let isSynthetic = message.field.contains { $0.proto3Optional && $0.oneofIndex == Int32(index) }
      guard !isSynthetic else { continue }
      requireComment(path + [8, Int32(index)], name + "." + oneof.name)
      require(NameStyle.isLowerSnake(oneof.name), .oneofName, name + "." + oneof.name)
    }
    for (index, nested) in message.nestedType.enumerated() where !nested.options.mapEntry {
      check(nested, at: path + [3, Int32(index)], in: name)
    }
    for (index, declared) in message.enumType.enumerated() { check(declared, at: path + [4, Int32(index)], in: name) }
  }

  private mutating func check(_ field: Google_Protobuf_FieldDescriptorProto, at path: [Int32], in message: String) {
    let element = message + "." + field.name
    requireComment(path, element)
    require(NameStyle.isLowerSnake(field.name), .fieldName, element)
    require(!field.proto3Optional, .optional, element)
    if field.name.hasSuffix("_time") { require(field.declaredType == "google.protobuf.Timestamp", .time, element) }
    if field.name.hasSuffix("nano_dollars") { require(field.type == .int64, .money, element) }
  }
}
