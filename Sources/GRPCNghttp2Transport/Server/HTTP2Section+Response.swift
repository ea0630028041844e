import GRPCCore
import HTTP2Session

extension HTTP2PreparedFields {
  /// What every response starts with.
  fileprivate static let response = Self(responseFields)
  /// The trailers of a call that ended well and has no metadata.
  fileprivate static let okTrailers = Self([HTTP2Field("grpc-status", "0")])
}

extension HTTP2Section {
  /// The headers of a response.
  init(responseWith fields: [HTTP2Field]) {
    self.init(.response, fields)
  }

  /// The trailers of a response that was sent.
  init(trailersOf status: Status, metadata: Metadata = [:]) {
    if status.code == .ok, status.message.isEmpty, metadata.isEmpty {
      self = .okTrailers
    } else {
      self.init(nil, status.trailers(metadata: metadata))
    }
  }

  static let response = Self(.response)
  static let okTrailers = Self(.okTrailers)

  /// These trailers as the only section of a response.
  var alone: HTTP2Section {
    switch self.prepared {
    case nil: HTTP2Section(.response, self.fields)
    case .some: HTTP2Section(.response, [HTTP2Field("grpc-status", "0")] + self.fields)
    }
  }
}
