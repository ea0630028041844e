/// Turns the tokens of one channel into standardised errors: colours them across patches, then inverts the DCT.
struct PatchDecoder: Sendable {
  let basis: CosineBasis
  let patches: Int

  /// - Parameters:
  ///   - innovations: of the channel, patch by patch.
  ///   - factors: for each coefficient a packed lower triangle across the patches.
  ///   - coefficients: room for one patch.
  ///   - errors: one a step, overwritten.
  func decode(
    _ innovations: [Double], factors: [Double], coefficients: inout [Double], into errors: inout [Double]
  ) {
    let (length, size) = (basis.length, CholeskyFactor.size(of: patches))
    for patch in 0..<patches {
      let row = CholeskyFactor.size(of: patch)
      for k in 0..<length {
        var sum = 0.0
        for earlier in 0...patch { sum += factors[k * size + row + earlier] * innovations[earlier * length + k] }
        coefficients[k] = sum
      }
      invert(coefficients, into: &errors, at: patch * length)
    }
  }

  private func invert(_ coefficients: [Double], into errors: inout [Double], at start: Int) {
    let length = basis.length
    errors.withUnsafeMutableBufferPointer { errors in
      basis.rows.withUnsafeBufferPointer { rows in
        for t in 0..<length { errors[start + t] = coefficients[0] * rows[t] }
        for k in 1..<max(length, 1) {
          let coefficient = coefficients[k]
          for t in 0..<length { errors[start + t] += coefficient * rows[k * length + t] }
        }
      }
    }
  }
}
