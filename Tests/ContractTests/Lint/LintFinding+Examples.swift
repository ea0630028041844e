import SwiftProtobuf

extension LintFinding.Rule {
  typealias File = Google_Protobuf_FileDescriptorProto
  /// An edit that breaks the rule, and what it must be found at.
  typealias Example = (file: String, element: String, edit: (inout File) throws -> Void)

  var example: Example {
    switch self {
    case .syntax: Self.inTokens(Self.tokens) { $0.syntax = "proto2" }
    case .package:
      Self.inTokens("temporis/tokens/v1/access_token_service.proto") {
        $0.name = "temporis/tokens/v1/access_token_service.proto"
      }
    case .fileName:
      Self.inTokens("temporis/token/v1/AccessToken.proto") { $0.name = "temporis/token/v1/AccessToken.proto" }
    case .publicImport: Self.inTokens(Self.tokens) { $0.publicDependency = [0] }
    case .fieldName: Self.inField("lastFour") { $0.name = "lastFour" }
    case .optional: Self.inField("last_four") { $0.proto3Optional = true }
    case .time: Self.inField("use_time") { $0.name = "use_time" }
    case .money: Self.inField("nano_dollars") { $0.name = "nano_dollars" }
    case .secret:
      Self.inTokens("temporis.token.v1.AccessToken") {
        try $0.edit("AccessToken", field: "last_four") { $0.name = "whole_secret" }
      }
    case .comment:
      Self.inTokens("temporis.token.v1.AccessToken.last_four") { file in
        file.sourceCodeInfo.location.removeAll { $0.path == [4, 0, 2, 2] }
      }
    case .oneofName:
      (
        "temporis/predict/v1/prediction_service.proto", "temporis.predict.v1.PredictResponse.Part",
        { file in
          try file.edit(message: "PredictResponse") { $0.oneofDecl[0].name = "Part" }
        }
      )
    case .messageName:
      Self.inTokens("temporis.token.v1.access_token") {
        try $0.edit(message: "AccessToken") { $0.name = "access_token" }
      }
    case .enumName: Self.inEnum("permission") { $0.name = "permission" }
    case .enumAlias: Self.inEnum("Permission") { $0.options.allowAlias = true }
    case .enumValueName: Self.inEnum("Permission.INGEST") { $0.value[1].name = "INGEST" }
    case .enumZeroValue: Self.inEnum("Permission.PERMISSION_NONE") { $0.value[0].name = "PERMISSION_NONE" }
    case .serviceName: Self.inTokens("temporis.token.v1.AccessTokens") { $0.service[0].name = "AccessTokens" }
    case .methodName:
      Self.inTokens("temporis.token.v1.AccessTokenService/delete") { file in
        try file.edit(method: "DeleteAccessToken") { $0.name = "delete" }
        try file.edit(message: "DeleteAccessTokenRequest") { $0.name = "deleteRequest" }
        try file.edit(message: "DeleteAccessTokenResponse") { $0.name = "deleteResponse" }
        let types = (".temporis.token.v1.deleteRequest", ".temporis.token.v1.deleteResponse")
        try file.edit(method: "delete") { ($0.inputType, $0.outputType) = types }
      }
    case .requestName: Self.inMethod("DeleteAccessToken") { $0.inputType = ".temporis.token.v1.AccessToken" }
    case .responseName: Self.inMethod("DeleteAccessToken") { $0.outputType = ".temporis.token.v1.AccessToken" }
    case .sharedMessage:
      Self.inMethod("DeleteAccessToken") { $0.outputType = ".temporis.token.v1.ListAccessTokensResponse" }
    case .listPaging:
      Self.inTokens("temporis.token.v1.AccessTokenService/ListAccessTokens") {
        try $0.edit("ListAccessTokensRequest", field: "page_token") {
          $0.number = 9
          $0.name = "cursor"
        }
      }
    case .creationKey:
      Self.inTokens("temporis.token.v1.AccessTokenService/CreateAccessToken") {
        try $0.edit("CreateAccessTokenRequest", field: "idempotency_key") { $0.name = "request_id" }
      }
    case .updateMask:
      (
        "temporis/predict/v1/data_profile_service.proto", "temporis.predict.v1.DataProfileService/UpdateDataProfile",
        { try $0.edit("UpdateDataProfileRequest", field: "update_mask") { $0.name = "fields" } }
      )
    }
  }

  private static let tokens = "temporis/token/v1/access_token_service.proto"

  private static func inTokens(_ element: String, _ edit: @escaping (inout File) throws -> Void) -> Example {
    (tokens, element, edit)
  }

  private static func inField(
    _ name: String, _ edit: @escaping (inout Google_Protobuf_FieldDescriptorProto) -> Void
  ) -> Example {
    inTokens("temporis.token.v1.AccessToken." + name) { try $0.edit("AccessToken", field: "last_four", edit) }
  }

  private static func inEnum(
    _ name: String, _ edit: @escaping (inout Google_Protobuf_EnumDescriptorProto) -> Void
  ) -> Example {
    inTokens("temporis.token.v1." + name) { try $0.edit(enum: "Permission", edit) }
  }

  private static func inMethod(
    _ name: String, _ edit: @escaping (inout Google_Protobuf_MethodDescriptorProto) -> Void
  ) -> Example {
    inTokens("temporis.token.v1.AccessTokenService/" + name) { try $0.edit(method: name, edit) }
  }
}
