import GRPCCore
import HTTP2Session

extension RequestHead {
  /// Why a request isn't a call, as the whole answer to it.
  enum Rejection: Error {
    /// Not gRPC at all: an HTTP status, and a line for whoever looks at it unless it answers a HEAD.
    case http(status: Int, hasBody: Bool = true)
    /// gRPC, so the answer is trailers, which say what encodings are accepted.
    case grpc(Status, acceptsCompressed: Bool)

    /// The only header section of the answer.
    var fields: [HTTP2Field] {
      switch self {
      case .http(let status, _):
        [HTTP2Field(":status", String(status)), HTTP2Field("content-type", "text/plain; charset=utf-8")]
          + (status == 405 ? [HTTP2Field("allow", "POST")] : [])
      case .grpc(let status, let acceptsCompressed):
        responseFields
          + [
            HTTP2Field(
              "grpc-accept-encoding",
              acceptsCompressed ? MessageEncoding.accepted : MessageEncoding.acceptedUncompressed)
          ] + status.trailers()
      }
    }

    /// What follows the section; may be empty.
    var body: [UInt8] {
      switch self {
      case .http(_, hasBody: true): Self.explanation
      case .http, .grpc: []
      }
    }

    private static let explanation = Array(
      "This server speaks gRPC: send a POST with content-type application/grpc.\n".utf8)
  }
}
