import SwiftProtobuf

extension Lint {
  mutating func check(_ service: Google_Protobuf_ServiceDescriptorProto, at path: [Int32]) {
    let name = file.package + "." + service.name
    requireComment(path, name)
    require(NameStyle.isPascal(service.name) && service.name.hasSuffix("Service"), .serviceName, name)
    for (index, declared) in service.method.enumerated() {
      requireComment(path + [2, Int32(index)], name + "/" + declared.name)
      check(Method(service: name, declared: declared))
    }
  }

  private mutating func check(_ method: Method) {
    let name = method.declared.name
    require(NameStyle.isPascal(name), .methodName, method.name)
    require(method.request == file.package + "." + name + "Request", .requestName, method.name)
    require(method.response == file.package + "." + name + "Response", .responseName, method.name)
    let uses = file.service.flatMap(\.method).flatMap { [$0.inputType, $0.outputType] }
    let isShared = [method.declared.inputType, method.declared.outputType].contains { type in
      uses.count { $0 == type } > 1
    }
    require(!isShared, .sharedMessage, method.name)
    if name.hasPrefix("List") {
      let isPaged =
        has(method.request, "page_size", .int32) && has(method.request, "page_token", .string)
        && has(method.response, "next_page_token", .string)
      require(isPaged, .listPaging, method.name)
    }
    if name.hasPrefix("Create") { require(has(method.request, "idempotency_key", .string), .creationKey, method.name) }
    if name.hasPrefix("Update") {
      let mask = field(method.request, "update_mask")
      require(mask?.declaredType == "google.protobuf.FieldMask", .updateMask, method.name)
    }
  }

  private func has(
    _ message: String, _ name: String, _ type: Google_Protobuf_FieldDescriptorProto.TypeEnum
  ) -> Bool {
    field(message, name).map { $0.type == type && $0.label != .repeated } ?? false
  }

  private func field(_ message: String, _ name: String) -> Google_Protobuf_FieldDescriptorProto? {
    file.messageType.first { file.package + "." + $0.name == message }?.field.first { $0.name == name }
  }
}
