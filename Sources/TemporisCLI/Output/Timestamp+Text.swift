import Foundation
import SwiftProtobuf

extension Google_Protobuf_Timestamp {
  /// The instant as ISO 8601 in UTC, to the second.
  var instant: String { date.formatted(.iso8601) }
  /// The instant to the minute, in UTC.
  var minute: String { String(instant.prefix(16)).replacing("T", with: " ") }
  /// The day, in UTC.
  var day: String { String(instant.prefix(10)) }
}
