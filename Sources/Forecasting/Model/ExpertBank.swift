/// The experts that a channel's path is mixed from.
enum ExpertBank {
  /// Seasonal naive on every detected period, and naive, which alone is left when there is none.
  static func experts(periods: [Int]) -> [any PathExpert] {
    [NaiveExpert()] + periods.map { SeasonalNaiveExpert(period: $0) }
  }
}
