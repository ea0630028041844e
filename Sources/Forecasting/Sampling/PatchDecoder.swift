/// Turns the tokens of one channel into standardised errors: colours them across patches, then inverts the DCT.
struct PatchDecoder: Sendable {
  let basis: CosineBasis
  let vocabulary: Vocabulary
  let patches: Int

  /// - Parameters:
  ///   - tokens: of all channels; those of this one start at `offset`.
  ///   - errors: one a step, overwritten.
  func decode(
    _ tokens: [Int], from offset: Int, factors: [[Double]], into errors: inout [Double]
  ) {
    let length = basis.length
    for index in errors.indices { errors[index] = 0 }
    errors.withUnsafeMutableBufferPointer { errors in
      basis.rows.withUnsafeBufferPointer { rows in
        for k in 0..<length {
          for patch in 0..<patches {
            var coefficient = 0.0
            for earlier in 0...patch {
              coefficient +=
                factors[k][patch * patches + earlier] * vocabulary.values[tokens[offset + earlier * length + k]]
            }
            for t in 0..<length { errors[patch * length + t] += coefficient * rows[k * length + t] }
          }
        }
      }
    }
  }
}
