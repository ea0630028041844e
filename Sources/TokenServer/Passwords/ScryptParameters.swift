/// What a password's hash costs (RFC 7914): stored beside each hash, so that later hashes can cost more.
package struct ScryptParameters: Sendable, Hashable {
  /// log2 of the cost N: one hash takes 128 · N · r bytes.
  package let costExponent: Int
  /// The block size r.
  package let blockSize: Int
  /// The parallelism p.
  package let parallelism: Int

  /// Sets the cost of a hash.
  package init(costExponent: Int, blockSize: Int, parallelism: Int) {
    self.costExponent = costExponent
    self.blockSize = blockSize
    self.parallelism = parallelism
  }

  /// N = 2^17, r = 8, p = 1: 128 MiB and some tenths of a second, the first choice of OWASP's Password Storage Cheat
  /// Sheet.
  package static let standard = ScryptParameters(costExponent: 17, blockSize: 8, parallelism: 1)
}
