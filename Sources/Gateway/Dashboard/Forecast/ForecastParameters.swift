/// What is asked to be forecast, checked.
package struct ForecastParameters: Sendable, Hashable {
  /// A data profile's name; `temporis/NAME` is a public one.
  package let dataProfile: String
  /// Trajectories, 1 to 1,000.
  package let count: Int32
  /// Over 0, finite.
  package let temperature: Double
  /// 0 to 1.
  package let topP: Double

  /// Takes checked parameters.
  package init(dataProfile: String, count: Int32, temperature: Double, topP: Double) {
    self.dataProfile = dataProfile
    self.count = count
    self.temperature = temperature
    self.topP = topP
  }
}
