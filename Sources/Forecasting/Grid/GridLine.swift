/// Equally spaced grid points, counted backwards from the newest one, number 0.
struct GridLine {
  let anchor: Int64
  let interval: Int64

  /// The point nearest to an instant not after the anchor; of two equally near the later.
  func point(nearest instant: Int64) -> Int64 {
    (2 * (anchor - instant) + interval - 1) / (2 * interval)
  }

  func instant(of point: Int64) -> Int64 { anchor - point * interval }
}
