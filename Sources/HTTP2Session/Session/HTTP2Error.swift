import CNghttp2

/// A failed operation on a session.
package struct HTTP2Error: Error, Sendable, Hashable {
  /// What went wrong, coarse enough to act on.
  package struct Code: Sendable, Hashable {
    private enum Wrapped: Hashable {
      case connectionFailed
      case invalidStream
      case invalidState
      case noStreamID
      case outOfMemory
    }

    private var wrapped: Wrapped

    /// The peer broke the protocol so that the connection can't go on; send what is queued and close.
    package static let connectionFailed = Self(wrapped: .connectionFailed)
    /// The stream doesn't exist, is closed, or isn't one that this side may use.
    package static let invalidStream = Self(wrapped: .invalidStream)
    /// The operation isn't allowed now or for this role.
    package static let invalidState = Self(wrapped: .invalidState)
    /// The 31-bit stream ids are used up; open a new connection.
    package static let noStreamID = Self(wrapped: .noStreamID)
    /// nghttp2 could not allocate; close the connection.
    package static let outOfMemory = Self(wrapped: .outOfMemory)
  }

  package var code: Code
  /// The operation and nghttp2's own words; never holds a field or a payload.
  package var message: String

  /// Whether the connection must be closed.
  package var isFatal: Bool {
    self.code == .connectionFailed || self.code == .outOfMemory
  }

  /// Maps a negative nghttp2 return code.
  init(_ operation: StaticString, _ code: Int) {
    let number = Int32(truncatingIfNeeded: code)
    self.code =
      switch nghttp2_error(rawValue: number) {
      case NGHTTP2_ERR_NOMEM:
        .outOfMemory
      case NGHTTP2_ERR_STREAM_CLOSED, NGHTTP2_ERR_STREAM_CLOSING, NGHTTP2_ERR_STREAM_SHUT_WR,
        NGHTTP2_ERR_INVALID_STREAM_ID, NGHTTP2_ERR_INVALID_STREAM_STATE, NGHTTP2_ERR_INVALID_ARGUMENT,
        NGHTTP2_ERR_DATA_EXIST, NGHTTP2_ERR_DEFERRED_DATA_EXIST:
        .invalidStream
      case NGHTTP2_ERR_STREAM_ID_NOT_AVAILABLE:
        .noStreamID
      default:
        // nghttp2_is_fatal covers -900 and below; receive errors such as a bad preface or a flood are among them.
        nghttp2_is_fatal(number) != 0 ? .connectionFailed : .invalidState
      }
    self.message = "\(operation): \(String(cString: nghttp2_strerror(number)))"
  }

  init(_ code: Code, _ message: String) {
    self.code = code
    self.message = message
  }
}

extension HTTP2Error: CustomStringConvertible {
  package var description: String { self.message }
}
