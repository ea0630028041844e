import SwiftProtobuf

/// Edits that examples are made with. What is named must be there: an edit that changes nothing is no example.
extension Google_Protobuf_FileDescriptorSet {
  struct NothingToEdit: Error {
    let name: String
  }

  mutating func edit(file name: String, _ change: (inout Google_Protobuf_FileDescriptorProto) throws -> Void) throws {
    guard let index = file.firstIndex(where: { $0.name == name }) else { throw NothingToEdit(name: name) }
    try change(&file[index])
  }
}

extension Google_Protobuf_FileDescriptorProto {
  typealias NothingToEdit = Google_Protobuf_FileDescriptorSet.NothingToEdit

  mutating func edit(message name: String, _ change: (inout Google_Protobuf_DescriptorProto) throws -> Void) throws {
    guard let index = messageType.firstIndex(where: { $0.name == name }) else { throw NothingToEdit(name: name) }
    try change(&messageType[index])
  }

  mutating func edit(
    _ message: String, field name: String, _ change: (inout Google_Protobuf_FieldDescriptorProto) -> Void
  ) throws {
    try edit(message: message) { message in
      guard let index = message.field.firstIndex(where: { $0.name == name }) else { throw NothingToEdit(name: name) }
      change(&message.field[index])
    }
  }

  mutating func edit(enum name: String, _ change: (inout Google_Protobuf_EnumDescriptorProto) -> Void) throws {
    guard let index = enumType.firstIndex(where: { $0.name == name }) else { throw NothingToEdit(name: name) }
    change(&enumType[index])
  }

  mutating func edit(method name: String, _ change: (inout Google_Protobuf_MethodDescriptorProto) -> Void) throws {
    guard let index = service[0].method.firstIndex(where: { $0.name == name }) else { throw NothingToEdit(name: name) }
    change(&service[0].method[index])
  }
}
