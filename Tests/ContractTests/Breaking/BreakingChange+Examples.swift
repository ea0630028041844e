import SwiftProtobuf

extension BreakingChange.Rule {
  /// An edit of the contracts that breaks the rule, and what it must be found at.
  typealias Example = (
    element: String, edit: (inout Google_Protobuf_FileDescriptorSet) throws -> Void
  )

  var example: Example {
    switch self {
    case .fileRemoved:
      (Self.tokens, { set in set.file.removeAll { $0.name == Self.tokens } })
    case .packageRenamed:
      Self.inTokens("temporis.token.v1") { $0.package = "temporis.token.v2" }
    case .messageRemoved:
      Self.inTokens("temporis.token.v1.AccessToken") { $0.messageType.removeAll { $0.name == "AccessToken" } }
    case .enumRemoved:
      Self.inTokens("temporis.token.v1.Permission") { $0.enumType.removeAll() }
    case .serviceRemoved:
      Self.inTokens("temporis.token.v1.AccessTokenService") { $0.service.removeAll() }
    case .methodRemoved:
      Self.inTokens(Self.method) { $0.service[0].method.removeAll { $0.name == "ListAccessTokens" } }
    case .methodRequestChanged:
      Self.inMethod { $0.inputType = ".temporis.token.v1.DeleteAccessTokenRequest" }
    case .methodResponseChanged:
      Self.inMethod { $0.outputType = ".temporis.token.v1.DeleteAccessTokenResponse" }
    case .callKindChanged:
      Self.inMethod { $0.serverStreaming = true }
    case .fieldRemoved:
      Self.inTokens(Self.field) {
        try $0.edit(message: "AccessToken") { $0.field.removeAll { $0.name == "last_four" } }
      }
    case .fieldRenumbered: Self.inField { $0.number = 100 }
    case .fieldRenamed: Self.inField { $0.name = "last_characters" }
    case .fieldRetyped: Self.inField { $0.type = .bytes }
    case .fieldRelabelled: Self.inField { $0.label = .repeated }
    case .jsonNameChanged: Self.inField { $0.jsonName = "suffix" }
    case .fieldRepacked:
      Self.inTokens("temporis.token.v1.AccessToken.permissions") {
        try $0.edit("AccessToken", field: "permissions") { $0.options.packed = false }
      }
    case .fieldMovedBetweenOneofs:
      Self.inTokens(Self.field) {
        try $0.edit(message: "AccessToken") { $0.oneofDecl.append(.with { $0.name = "hint" }) }
        try $0.edit("AccessToken", field: "last_four") { $0.oneofIndex = 0 }
      }
    case .oneofRemoved:
      (
        "temporis.predict.v1.IngestRequest.part",
        { set in
          try set.edit(file: "temporis/predict/v1/data_source_service.proto") {
            try $0.edit(message: "IngestRequest") { message in
              message.oneofDecl.removeAll()
              for index in message.field.indices { message.field[index].clearOneofIndex() }
            }
          }
        }
      )
    case .enumValueRemoved: Self.inEnum { $0.value.removeAll { $0.number == 2 } }
    case .enumValueRenumbered: Self.inEnum { $0.value[2].number = 20 }
    case .enumValueRenamed: Self.inEnum { $0.value[2].name = "PERMISSION_FORECAST" }
    }
  }

  private static let tokens = "temporis/token/v1/access_token_service.proto"
  private static let method = "temporis.token.v1.AccessTokenService/ListAccessTokens"
  private static let field = "temporis.token.v1.AccessToken.last_four"

  private static func inTokens(
    _ element: String, _ edit: @escaping (inout Google_Protobuf_FileDescriptorProto) throws -> Void
  ) -> Example {
    (element, { set in try set.edit(file: tokens, edit) })
  }

  private static func inMethod(_ edit: @escaping (inout Google_Protobuf_MethodDescriptorProto) -> Void) -> Example {
    inTokens(method) { try $0.edit(method: "ListAccessTokens", edit) }
  }

  private static func inField(_ edit: @escaping (inout Google_Protobuf_FieldDescriptorProto) -> Void) -> Example {
    inTokens(field) { try $0.edit("AccessToken", field: "last_four", edit) }
  }

  private static func inEnum(_ edit: @escaping (inout Google_Protobuf_EnumDescriptorProto) -> Void) -> Example {
    inTokens("temporis.token.v1.Permission.PERMISSION_PREDICT") { try $0.edit(enum: "Permission", edit) }
  }
}
