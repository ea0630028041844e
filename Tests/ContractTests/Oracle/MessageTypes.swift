import SwiftProtobuf

/// The Swift type of every message, by its full name.
enum MessageTypes {
  /// What the contracts import; these types come with the library.
  private static let wellKnown: [any Message.Type] = [
    Google_Protobuf_BoolValue.self, Google_Protobuf_BytesValue.self, Google_Protobuf_DoubleValue.self,
    Google_Protobuf_Duration.self, Google_Protobuf_FieldMask.self, Google_Protobuf_FloatValue.self,
    Google_Protobuf_Int32Value.self, Google_Protobuf_Int64Value.self, Google_Protobuf_StringValue.self,
    Google_Protobuf_Timestamp.self, Google_Protobuf_UInt32Value.self, Google_Protobuf_UInt64Value.self,
  ]

  static let all: [String: any Message.Type] = Dictionary(
    (generatedMessageTypes + wellKnown).map { ($0.protoMessageName, $0) }
  ) { first, _ in first }
}
