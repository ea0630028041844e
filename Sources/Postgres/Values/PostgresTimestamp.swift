import Glibc

/// An instant as PostgreSQL's `timestamptz` holds it: whole microseconds.
package struct PostgresTimestamp: Sendable, Hashable, Comparable {
  /// Microseconds since 1970-01-01T00:00:00Z, without leap seconds.
  package var microsecondsSince1970: Int64

  package init(microsecondsSince1970: Int64) {
    self.microsecondsSince1970 = microsecondsSince1970
  }

  /// The time of this machine's wall clock.
  package static var now: PostgresTimestamp {
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    return PostgresTimestamp(microsecondsSince1970: Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1_000)
  }

  package static func < (left: PostgresTimestamp, right: PostgresTimestamp) -> Bool {
    left.microsecondsSince1970 < right.microsecondsSince1970
  }

  /// Microseconds from 1970 to 2000-01-01T00:00:00Z, from which the wire format counts.
  static let epochOffset: Int64 = 946_684_800_000_000
}
