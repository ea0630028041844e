/// Steps from one level to another, which a fit of the whole history would smear.
enum LevelChange {
  /// Half-widths, of both sides together, between the mid-points of two levels.
  private static let separation = 2.0
  private static let fewestPoints = 8

  /// Moves the part of a history before a step to the level after it.
  ///
  /// The step is looked for where neighbours differ most. It counts if eight points or more on either side move in
  /// bands well apart.
  ///
  /// - Returns: nil without such a step.
  static func levelled(_ values: [Double]) -> [Double]? {
    guard values.count >= 2 * fewestPoints else { return nil }
    var (place, largest) = (1, -1.0)
    for index in 1..<values.count {
      let difference = (values[index] - values[index - 1]).magnitude
      if difference > largest { (place, largest) = (index, difference) }
    }
    guard place >= fewestPoints, values.count - place >= fewestPoints else { return nil }
    let (before, after) = (values[..<place].sorted(), values[place...].sorted())
    let (a, b) = (Quantile.of(before, 0.01), Quantile.of(before, 0.99))
    let (c, d) = (Quantile.of(after, 0.01), Quantile.of(after, 0.99))
    let move = (c + d - a - b) / 2
    guard move.magnitude > separation * (b - a + d - c) / 2 else { return nil }
    return values[..<place].map { $0 + move } + values[place...]
  }

  /// Whether the last 3 to 7 points lie together, beyond the clip limits of the points before them: a level so new that
  /// few backtest origins have seen it.
  ///
  /// - Parameter values: at least 16 of them, or there is none.
  static func isNew(at values: [Double]) -> Bool {
    guard values.count >= 16 else { return false }
    var sorted = values.dropLast(7).sorted()
    for length in (3...7).reversed() {
      let normalisation = Normalisation(ofSorted: sorted)
      let new = values.suffix(length).sorted()
      let distance = (Quantile.median(new) - normalisation.centre).magnitude
      if distance >= Normalisation.clip * normalisation.width, new[length - 1] - new[0] <= distance / 2 { return true }
      let next = values[values.count - length]
      sorted.insert(next, at: sorted.partitioningIndex { $0 > next })
    }
    return false
  }
}
