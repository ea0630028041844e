import HTTP2Session
import HTTP2TestSupport
import Testing

/// Something that a peer does, and what the RFC has it meet with.
struct Violation: Sendable, CustomTestStringConvertible {
  /// What the session has to make of it.
  enum Outcome: Sendable, Hashable {
    /// A GOAWAY with the code, after which nothing is listened to (RFC 9113 section 5.4.1).
    case connectionError(HTTP2ErrorCode)
    /// A RST_STREAM with the code, and everything else goes on (RFC 9113 section 5.4.2).
    case streamError(HTTP2ErrorCode, on: UInt32)
    /// Neither.
    case accepted
    /// The bytes aren't HTTP/2, so that the connection is dropped without a word.
    case notHTTP2
  }

  /// One turn of the exchange.
  enum Step: Sendable {
    case peerSends([UInt8])
    /// The session under test ends its side of a stream: with a response if it is a server.
    case ends(Int32)
    case resets(Int32)
    case goesAway
  }

  /// The rule, such as `9113 6.1`.
  var section: String
  /// What is done, in words.
  var summary: String
  var steps: [Step]
  var outcome: Outcome
  /// Whether it is a malformed section on stream 3, of which the application must not hear.
  var isMalformed = false

  init(_ section: String, _ summary: String, _ bytes: [UInt8], _ outcome: Outcome) {
    self.init(section, summary, [.peerSends(bytes)], outcome)
  }

  init(_ section: String, _ summary: String, _ steps: [Step], _ outcome: Outcome) {
    self.section = section
    self.summary = summary
    self.steps = steps
    self.outcome = outcome
  }

  var testDescription: String { "\(self.section): \(self.summary)" }
}
