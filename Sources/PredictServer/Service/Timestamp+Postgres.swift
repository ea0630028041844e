import Postgres
import SwiftProtobuf

extension Google_Protobuf_Timestamp {
  /// The same instant; both hold microseconds exactly.
  init(_ timestamp: PostgresTimestamp) {
    let (seconds, microseconds) = timestamp.microsecondsSince1970.flooredDivision(by: 1_000_000)
    self.init(seconds: seconds, nanos: Int32(microseconds * 1_000))
  }
}

extension Int64 {
  fileprivate func flooredDivision(by divisor: Int64) -> (quotient: Int64, remainder: Int64) {
    let (quotient, remainder) = quotientAndRemainder(dividingBy: divisor)
    return remainder < 0 ? (quotient - 1, remainder + divisor) : (quotient, remainder)
  }
}
