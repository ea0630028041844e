import Glibc

/// The radix-2 fast Fourier transform (Cooley and Tukey 1965) of one size, a power of two.
struct FourierPlan: Sendable {
  let size: Int
  /// One table of roots of unity keeps the error at that of the sine and cosine themselves.
  private let cosines: [Double]
  private let sines: [Double]

  private static let cache = PlanCache(limit: 24) { FourierPlan(size: $0) }

  static func of(size: Int) -> FourierPlan { cache.plan(for: size) }

  private init(size: Int) {
    self.size = size
    cosines = (0..<size / 2).map { cos(2 * .pi * Double($0) / Double(size)) }
    sines = (0..<size / 2).map { -sin(2 * .pi * Double($0) / Double(size)) }
  }

  /// In place; both parts hold `size` values.
  func transform(_ real: inout [Double], _ imaginary: inout [Double]) {
    reorder(&real, &imaginary)
    real.withUnsafeMutableBufferPointer { real in
      imaginary.withUnsafeMutableBufferPointer { imaginary in
        var half = 1
        while half < size {
          butterflies(real, imaginary, half: half)
          half *= 2
        }
      }
    }
  }

  private func butterflies(
    _ real: UnsafeMutableBufferPointer<Double>, _ imaginary: UnsafeMutableBufferPointer<Double>, half: Int
  ) {
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
  }

  private func reorder(_ real: inout [Double], _ imaginary: inout [Double]) {
    var reversed = 0
    for index in 1..<size {
      var bit = size / 2
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
