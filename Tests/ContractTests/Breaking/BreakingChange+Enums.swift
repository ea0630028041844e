import SwiftProtobuf

extension BreakingChange {
  static func changes(
    from old: [Google_Protobuf_EnumDescriptorProto], to new: [Google_Protobuf_EnumDescriptorProto], in scope: String
  ) -> [BreakingChange] {
    old.flatMap { declared -> [BreakingChange] in
      let name = scope + declared.name
      guard let successor = new.first(where: { $0.name == declared.name }) else {
        return [.init(rule: .enumRemoved, element: name)]
      }
      return declared.value.compactMap { value in
        let element = name + "." + value.name
        if let same = successor.value.first(where: { $0.name == value.name }) {
          return same.number == value.number ? nil : .init(rule: .enumValueRenumbered, element: element)
        }
        let isElsewhere = successor.value.contains { $0.number == value.number }
        return .init(rule: isElsewhere ? .enumValueRenamed : .enumValueRemoved, element: element)
      }
    }
  }
}
