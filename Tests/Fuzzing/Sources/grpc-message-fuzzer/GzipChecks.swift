import FuzzSupport
import GRPCCore

@testable import GRPCNghttp2Transport

/// Any bytes are restored within the limit or refused, and what is compressed is restored.
func checkGzip(_ input: inout FuzzInput) {
  let limit = input.short()
  let bytes = input.remainder()
  do throws(RPCError) {
    let restored = try Gzip.decompress(bytes, limit: limit)
    expect(restored.count <= limit, "\(restored.count) bytes restored, over the limit of \(limit)")
  } catch {
    expect([.internalError, .resourceExhausted].contains(error.code), "\(error)")
  }
  do throws(RPCError) {
    let compressed = try Gzip.compress(bytes)
    expect(try Gzip.decompress(compressed, limit: bytes.count) == bytes, "\(bytes) became \(compressed)")
  } catch {
    fatalError("Compressed bytes are refused: \(error)")
  }
}
