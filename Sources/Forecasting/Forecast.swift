/// Several plausible futures of a profile's series.
package struct Forecast: Sendable {
  /// One future.
  package struct Trajectory: Sendable, Equatable {
    /// Mean `-ln p` of its tokens under the model at temperature 1; lower means more typical.
    package let loss: Double
    /// Finite values, row by row: that of channel `c` at step `s` is number `s * channels + c`.
    package let values: [Double]
  }

  /// Unix seconds from which every trajectory steps forward.
  package let predictFrom: Int64
  /// Unix seconds of the rows, ascending, none of them inside the exclude window.
  package let timestamps: [Int64]
  /// As many as asked for; number `i` is the same however many those are.
  package let trajectories: [Trajectory]
  /// Metered tokens.
  package let modelTokens: Int64
}
