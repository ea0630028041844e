import GRPCCore
import SwiftProtobuf

/// A method that a descriptor set declares.
struct Method: Sendable, CustomStringConvertible {
  /// The full name of its service.
  let service: String
  let declared: Google_Protobuf_MethodDescriptorProto

  /// Its full name, as it is in the path of a call.
  var name: String { service + "/" + declared.name }

  var description: String { name }

  var request: String { String(declared.inputType.drop { $0 == "." }) }

  var response: String { String(declared.outputType.drop { $0 == "." }) }

  /// The package of its service.
  var package: String { service.split(separator: ".").dropLast().joined(separator: ".") }

  var descriptor: MethodDescriptor {
    MethodDescriptor(service: ServiceDescriptor(fullyQualifiedService: service), method: declared.name)
  }
}
