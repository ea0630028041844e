/// An entry of the navigation.
enum Section: String, Sendable, CaseIterable {
  case overview, sources, profiles, forecast, tokens, billing, activity, account

  var title: String {
    switch self {
    case .overview: "Overview"
    case .sources: "Data sources"
    case .profiles: "Data profiles"
    case .forecast: "Forecast"
    case .tokens: "Access tokens"
    case .billing: "Billing"
    case .activity: "Activity"
    case .account: "Account"
    }
  }

  var path: String {
    switch self {
    case .overview: "/dashboard"
    default: "/dashboard/\(rawValue)"
    }
  }

  /// The drawing beside the title: the outline of an icon on a grid of 24.
  var icon: String {
    switch self {
    case .overview: "M4 4h7v7H4zM13 4h7v7h-7zM4 13h7v7H4zM13 13h7v7h-7z"
    case .sources: "M4 6c0-4 16-4 16 0v12c0 4-16 4-16 0zM4 6c0 4 16 4 16 0M4 12c0 4 16 4 16 0"
    case .profiles: "M4 7h9m4 0h3M4 17h3m4 0h9M13 7a2 2 0 1 0 4 0 2 2 0 1 0-4 0M7 17a2 2 0 1 0 4 0 2 2 0 1 0-4 0"
    case .forecast: "M3 17l5-6 4 3 3-4M15 10l6-5M15 10l6 1M15 10l6 7"
    case .tokens: "M8 15a4 4 0 1 1 3.5-6H21v4h-3v3h-4v-3h-2.500A4 4 0 0 1 8 15z"
    case .billing: "M3 6h18v12H3zM3 10h18M7 15h3"
    case .activity: "M12 7v5l3 2M3 12a9 9 0 1 0 18 0 9 9 0 1 0-18 0"
    case .account: "M8 8a4 4 0 1 0 8 0 4 4 0 1 0-8 0M4 20c1-8 15-8 16 0"
    }
  }
}
