package import ForecastChart
import FoundationEssentials
import Hummingbird
import NIOHTTP1
import ServiceKit

extension APIError {
  /// The answer to a request that never reaches the router, with what others get on their way back from there: the
  /// request's id, and the `Date` (RFC 9110, section 6.6.1).
  func unroutedResponse(requestID: String, at now: Date = .now) -> Response {
    var response = response
    response.headers[.requestID] = requestID
    response.headers[.date] = CivilTime.httpDate(unixSeconds: Int64(now.timeIntervalSince1970))
    return response
  }
}

extension HTTPFields {
  /// The id of the request: its own, or a new one.
  var requestID: String {
    RequestID.chosen(from: self[values: .requestID])
  }
}

extension HTTPHeaders {
  /// The id of the request: its own, or a new one.
  var requestID: String {
    RequestID.chosen(from: self[RequestID.name])
  }
}

extension ServiceKit.RequestID {
  /// The id of a request with these `X-Request-Id` headers: the only one if it is well-formed, or a new one.
  fileprivate static func chosen(from headers: [String]) -> String {
    headers.count == 1 ? read(headers[0]) ?? make() : make()
  }
}

extension CivilTime {
  /// A week from 1 January 1970, a Thursday.
  private static let weekdays = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"]

  /// A time as a `Date` header has it (RFC 9110, section 5.6.7): `Sun, 06 Nov 1994 08:49:37 GMT`.
  /// - Parameter unixSeconds: What is less than 0 is 0, lest a clock that was never set stop the process.
  package static func httpDate(unixSeconds: Int64) -> String {
    let unixSeconds = max(0, unixSeconds)
    let time = CivilTime(unixSeconds: unixSeconds)
    let weekday = weekdays[Int(unixSeconds / 86_400 % 7)]
    let day = (time.day < 10 ? "0" : "") + String(time.day)
    return "\(weekday), \(day) \(time.monthText) \(time.year) \(time.clockText(withSeconds: true)) GMT"
  }
}
