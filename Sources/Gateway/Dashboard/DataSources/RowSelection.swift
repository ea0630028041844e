import SwiftProtobuf
package import TemporisAPI

/// The rows of a data source that a form names: texts, whatever they are.
package struct RowSelection: Sendable, Hashable {
  /// The series. Empty: all of them.
  package let series: String
  /// The first instant whose rows are meant. Empty: from the oldest on.
  package let start: String
  /// The first instant after them. Empty: to the latest.
  package let end: String

  /// Reads a form that was sent, or the fields of an address.
  package init(_ fields: FormFields) {
    // The name of a series may begin and end with spaces.
    series = fields["series"]
    start = fields.text("start")
    end = fields.text("end")
  }

  /// The request that deletes the rows.
  /// - Throws: ``FormErrors`` for what is no time, or no range of time.
  package func message(dataSource: String) throws -> Temporis_Predict_V1_DeleteRecordsRequest {
    var message = Temporis_Predict_V1_DeleteRecordsRequest()
    message.dataSource = dataSource
    message.series = series
    var errors: [String: String] = [:]
    func timestamp(_ text: String, field: String) -> Google_Protobuf_Int64Value? {
      guard !text.isEmpty else { return nil }
      if let seconds = TimeText.unixSeconds(text) { return Google_Protobuf_Int64Value(seconds) }
      errors[field] = "Must be a time in UTC such as 2026-05-01T12:30, in the years 1970 to 9999."
      return nil
    }
    if let start = timestamp(start, field: "start") { message.startTimestamp = start }
    if let end = timestamp(end, field: "end") { message.endTimestamp = end }
    if message.hasStartTimestamp, message.hasEndTimestamp,
      message.startTimestamp.value >= message.endTimestamp.value
    {
      errors["end"] = "Must be after the time from which rows are deleted."
    }
    guard errors.isEmpty else { throw FormErrors(errors) }
    return message
  }
}
