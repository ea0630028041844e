/// The bytes that every stream carries, so that a receiver knows what must come at each offset.
///
/// Here, where the fuzzer doesn't watch: it would spend its time on the loop.
package enum Payload {
  /// `count` bytes from `offset` on.
  package static func bytes(streamID: Int32, offset: Int, count: Int) -> [UInt8] {
    (offset..<offset + count).map { UInt8(truncatingIfNeeded: Int(streamID) &* 31 &+ $0 &* 7) }
  }
}
