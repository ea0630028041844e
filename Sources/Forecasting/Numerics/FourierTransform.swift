import Glibc

/// Autocorrelation by way of a radix-2 fast Fourier transform (Cooley and Tukey 1965).
enum FourierTransform {
  /// Sums of `values[t] * values[t + lag]` for the lags 0 to `last`, which is less than the count of values.
  static func autocorrelation(_ values: [Double], upTo last: Int) -> [Double] {
    // Zeros to twice the length keep the circular sums from wrapping.
    var size = 2
    while size < 2 * values.count { size *= 2 }
    var real = values + Array(repeating: 0, count: size - values.count)
    var imaginary = Array(repeating: 0.0, count: size)
    transform(&real, &imaginary)
    for index in 0..<size {
      real[index] = real[index] * real[index] + imaginary[index] * imaginary[index]
      imaginary[index] = 0
    }
    // The power spectrum is even, so the forward transform is the inverse one but for the size.
    transform(&real, &imaginary)
    return real[...last].map { $0 / Double(size) }
  }

  /// In place; the count must be a power of two.
  static func transform(_ real: inout [Double], _ imaginary: inout [Double]) {
    let size = real.count
    reorder(&real, &imaginary)
    // One table of roots of unity keeps the error at that of the sine and cosine themselves.
    let cosines = (0..<size / 2).map { cos(2 * .pi * Double($0) / Double(size)) }
    let sines = (0..<size / 2).map { -sin(2 * .pi * Double($0) / Double(size)) }
    var half = 1
    while half < size {
      let stride = size / (2 * half)
      for start in Swift.stride(from: 0, to: size, by: 2 * half) {
        for offset in 0..<half {
          let (low, high) = (start + offset, start + offset + half)
          let (cosine, sine) = (cosines[offset * stride], sines[offset * stride])
          let turnedReal = real[high] * cosine - imaginary[high] * sine
          let turnedImaginary = real[high] * sine + imaginary[high] * cosine
          real[high] = real[low] - turnedReal
          imaginary[high] = imaginary[low] - turnedImaginary
          real[low] += turnedReal
          imaginary[low] += turnedImaginary
        }
      }
      half *= 2
    }
  }

  private static func reorder(_ real: inout [Double], _ imaginary: inout [Double]) {
    var reversed = 0
    for index in 1..<real.count {
      var bit = real.count / 2
      while reversed & bit != 0 {
        reversed ^= bit
        bit /= 2
      }
      reversed |= bit
      if index < reversed {
        real.swapAt(index, reversed)
        imaginary.swapAt(index, reversed)
      }
    }
  }
}
