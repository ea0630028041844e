import HTTP2Session

extension HTTP2PreparedFields {
  /// What every response starts with.
  static let response = Self(responseFields)
  /// The trailers of a call that ended well and has no metadata.
  static let okTrailers = Self([HTTP2Field("grpc-status", "0")])
}
