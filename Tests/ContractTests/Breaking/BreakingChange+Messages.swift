import SwiftProtobuf

extension BreakingChange {
  static func changes(
    from old: [Google_Protobuf_DescriptorProto], to new: [Google_Protobuf_DescriptorProto], in scope: String
  ) -> [BreakingChange] {
    old.flatMap { message -> [BreakingChange] in
      let name = scope + message.name
      guard let successor = new.first(where: { $0.name == message.name }) else {
        return [.init(rule: .messageRemoved, element: name)]
      }
      return changes(from: message, to: successor, named: name)
        + changes(from: message.nestedType, to: successor.nestedType, in: name + ".")
        + changes(from: message.enumType, to: successor.enumType, in: name + ".")
    }
  }

  private static func changes(
    from old: Google_Protobuf_DescriptorProto, to new: Google_Protobuf_DescriptorProto, named name: String
  ) -> [BreakingChange] {
    let oneofs = old.oneofDecl.filter { oneof in !new.oneofDecl.contains { $0.name == oneof.name } }
    return oneofs.map { .init(rule: .oneofRemoved, element: name + "." + $0.name) }
      + old.field.flatMap { field -> [BreakingChange] in
        let element = name + "." + field.name
        // A field is its number: that is what the wire knows of it.
        guard let successor = new.field.first(where: { $0.number == field.number }) else {
          let isElsewhere = new.field.contains { $0.name == field.name }
          return [.init(rule: isElsewhere ? .fieldRenumbered : .fieldRemoved, element: element)]
        }
        return rules(from: field, in: old, to: successor, in: new).map { .init(rule: $0, element: element) }
      }
  }

  private static func rules(
    from old: Google_Protobuf_FieldDescriptorProto, in oldMessage: Google_Protobuf_DescriptorProto,
    to new: Google_Protobuf_FieldDescriptorProto, in newMessage: Google_Protobuf_DescriptorProto
  ) -> [Rule] {
    var rules: [Rule] = []
    if new.name != old.name { rules.append(.fieldRenamed) }
    if new.type != old.type || new.typeName != old.typeName { rules.append(.fieldRetyped) }
    if new.label != old.label { rules.append(.fieldRelabelled) }
    if new.options.packed != old.options.packed || new.options.hasPacked != old.options.hasPacked {
      rules.append(.fieldRepacked)
    }
    let (before, after) = (oneof(of: old, in: oldMessage), oneof(of: new, in: newMessage))
    // A field that is left when its oneof goes was not moved.
    let isLeftOver = after == nil && !newMessage.oneofDecl.contains { $0.name == before }
    if before != after, !isLeftOver { rules.append(.fieldMovedBetweenOneofs) }
    if new.name == old.name, new.jsonName != old.jsonName { rules.append(.jsonNameChanged) }
    return rules
  }

  private static func oneof(
    of field: Google_Protobuf_FieldDescriptorProto, in message: Google_Protobuf_DescriptorProto
  ) -> String? {
    field.hasOneofIndex ? message.oneofDecl[Int(field.oneofIndex)].name : nil
  }
}
