/// The compressed-flags of messages on the wire, by call and in order. Nil: they don't matter.
struct CompressedFlags: Equatable {
  var requests: [[UInt8]]?
  var responses: [[UInt8]]?
}
