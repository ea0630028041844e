import SwiftProtobuf

extension BreakingChange {
  static func changes(
    from old: [Google_Protobuf_ServiceDescriptorProto], to new: [Google_Protobuf_ServiceDescriptorProto],
    in scope: String
  ) -> [BreakingChange] {
    old.flatMap { service -> [BreakingChange] in
      let name = scope + service.name
      guard let successor = new.first(where: { $0.name == service.name }) else {
        return [.init(rule: .serviceRemoved, element: name)]
      }
      return service.method.flatMap { method -> [BreakingChange] in
        let element = name + "/" + method.name
        guard let next = successor.method.first(where: { $0.name == method.name }) else {
          return [.init(rule: .methodRemoved, element: element)]
        }
        return rules(from: method, to: next).map { .init(rule: $0, element: element) }
      }
    }
  }

  private static func rules(
    from old: Google_Protobuf_MethodDescriptorProto, to new: Google_Protobuf_MethodDescriptorProto
  ) -> [Rule] {
    var rules: [Rule] = []
    if new.inputType != old.inputType { rules.append(.methodRequestChanged) }
    if new.outputType != old.outputType { rules.append(.methodResponseChanged) }
    if new.clientStreaming != old.clientStreaming || new.serverStreaming != old.serverStreaming {
      rules.append(.callKindChanged)
    }
    return rules
  }
}
