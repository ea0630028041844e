// The one place of the gateway that needs a time zone database.
import Foundation

/// The IANA time zones that a form suggests.
enum TimeZoneNames {
  /// The names by region, without aliases of no region such as `EST`.
  static let suggested: [String] = ["UTC"] + TimeZone.knownTimeZoneIdentifiers.filter { $0.contains("/") }.sorted()
}
