import HTTP2Session
import HTTP2TestSupport

extension Violation {
  /// RFC 9113 sections 4.3, 5.5 and 6.10.
  static func continuations(_ role: HTTP2Role) -> [Violation] {
    let section = section(role)
    let half = section.count / 2
    let begin = Wire.headers(3, Array(section[..<half]), flags: [])
    let rest = Array(section[half...])
    let broken = Outcome.connectionError(.protocolError)
    return [
      Self("9113 6.10", "a section in two frames", begin + Wire.continuation(3, rest), .accepted),
      Self(
        "9113 6.10", "a section in five frames, some of them empty",
        begin + Wire.continuation(3, flags: []) + Wire.continuation(3, flags: [])
          + Wire.continuation(3, rest, flags: [])
          + Wire.continuation(3), .accepted),
      Self("9113 6.10", "CONTINUATION without HEADERS", Wire.continuation(1, section), broken),
      Self("9113 6.10", "CONTINUATION on stream 0", begin + Wire.continuation(0, rest), broken),
      Self(
        "9113 6.10", "CONTINUATION after the section's end", Wire.headers(3, section) + Wire.continuation(3), broken),
      Self("9113 6.10", "CONTINUATION of another stream", begin + Wire.continuation(1, rest), broken),
      Self("9113 6.10", "DATA within a section", begin + Wire.data(1, [1]), broken),
      Self("9113 6.10", "HEADERS within a section", begin + Wire.headers(3, rest), broken),
      Self("9113 6.10", "PRIORITY within a section", begin + Wire.priority(1), broken),
      Self("9113 6.10", "RST_STREAM within a section", begin + Wire.reset(3), broken),
      Self("9113 6.10", "SETTINGS within a section", begin + Wire.settings(), broken),
      Self("9113 6.10", "PING within a section", begin + Wire.ping(), broken),
      Self("9113 6.10", "GOAWAY within a section", begin + Wire.goAway(lastStream: 0), broken),
      Self("9113 6.10", "WINDOW_UPDATE within a section", begin + Wire.windowUpdate(0, by: 1), broken),
      Self("9113 5.5", "an unknown type within a section", begin + Wire.frame(0xfa, [1]), broken),
    ]
  }
}
