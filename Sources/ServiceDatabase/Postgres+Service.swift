import GRPCCore
package import Postgres
import ServiceKit
package import SwiftProtobuf

/// What a caller receives for a database's error: `unavailable` when the same call may succeed a little later, a commit
/// whose outcome is unknown included; CANCELLED when the call was; INTERNAL when a retry would not help. All keep their
/// cause, which holds no parameter of a statement.
extension PostgresError: ServiceErrorConvertible {
  package var serviceError: any Error {
    if code == .cancelled { return RPCError(code: .cancelled, message: "The call was cancelled.", cause: self) }
    return isTransient
      ? ServiceError(.unavailable, cause: self)
      : RPCError(code: .internalError, message: "The service failed.", cause: self)
  }

  /// Whether the same statement may well succeed a little later.
  package var isTransient: Bool {
    if let sqlState {
      // Connection exceptions, rollbacks, resources, operator intervention, system errors; a standby; a lock in use.
      return ["08", "40", "53", "57", "58"].contains(sqlState.rawValue.prefix(2))
        || sqlState == .readOnlyTransaction || sqlState == .lockNotAvailable
    }
    return [.connectionLost, .connectionFailed, .overloaded, .timeout, .closed].contains(code)
  }
}

extension Google_Protobuf_Timestamp {
  /// The same instant; both hold microseconds exactly.
  package init(_ timestamp: PostgresTimestamp) {
    let (seconds, microseconds) = timestamp.microsecondsSince1970.quotientAndRemainder(dividingBy: 1_000_000)
    // A remainder is negative before 1970; nanos never are.
    let isBefore1970 = microseconds < 0
    self.init(
      seconds: isBefore1970 ? seconds - 1 : seconds,
      nanos: Int32((isBefore1970 ? microseconds + 1_000_000 : microseconds) * 1_000))
  }
}
