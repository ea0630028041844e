import SwiftProtobuf

/// What a descriptor set declares, by full name.
struct Schema: Sendable {
  private(set) var messages: [String: Google_Protobuf_DescriptorProto] = [:]
  private(set) var enums: [String: Google_Protobuf_EnumDescriptorProto] = [:]
  private(set) var services: [String: Google_Protobuf_ServiceDescriptorProto] = [:]

  init(_ set: Google_Protobuf_FileDescriptorSet) {
    for file in set.file {
      let scope = file.package + "."
      for message in file.messageType { add(message, scope) }
      for declared in file.enumType { enums[scope + declared.name] = declared }
      for service in file.service { services[scope + service.name] = service }
    }
  }

  private mutating func add(_ message: Google_Protobuf_DescriptorProto, _ scope: String) {
    let name = scope + message.name
    messages[name] = message
    for nested in message.nestedType { add(nested, name + ".") }
    for declared in message.enumType { enums[name + "." + declared.name] = declared }
  }

  /// Every message that a program can send by itself: a map's entries are parts of others.
  var messageNames: [String] {
    messages.filter { !$0.value.options.mapEntry }.keys.sorted()
  }

  /// Every method, in the order of its names.
  var methods: [Method] {
    services.flatMap { service, declared in declared.method.map { Method(service: service, declared: $0) } }
      .sorted { $0.name < $1.name }
  }

  /// Whether a message or one inside it has a map, whose order on the wire is not fixed.
  func hasMap(_ name: String) -> Bool {
    var pending = [name]
    var seen: Set<String> = [name]
    while let message = pending.popLast().flatMap({ messages[$0] }) {
      if message.options.mapEntry { return true }
      pending += message.field.filter { $0.type == .message }.map(\.declaredType).filter { seen.insert($0).inserted }
    }
    return false
  }
}

extension Google_Protobuf_FieldDescriptorProto {
  /// The full name of the field's message or enum, without the leading dot.
  var declaredType: String { String(typeName.drop { $0 == "." }) }
}
