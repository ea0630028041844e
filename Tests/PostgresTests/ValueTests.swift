import Postgres
import Testing

@Suite("Values")
struct ValueTests {
  private func roundTrip<T: PostgresDecodable & Equatable>(_ values: [(PostgresValue, T)]) async throws {
    try await withDatabase { database in
      for (sent, expected) in values {
        let rows = try await database.query("SELECT $1 AS v", sent)
        #expect(try rows[0].decode("v", as: T.self) == expected)
      }
    }
  }

  @Test("integers keep their extremes")
  func integers() async throws {
    try await roundTrip([Int64.min, -1, 0, 1, .max].map { (.int8($0), $0) })
    try await roundTrip([Int32.min, -1, 0, 1, .max].map { (.int4($0), $0) })
    try await roundTrip([Int32.min, .max].map { (.int4($0), Int($0)) })
    try await roundTrip([(.int(.max), Int.max), (.int(.min), Int.min)])
  }

  @Test("bools and doubles keep every value, infinities and the smallest included")
  func doubles() async throws {
    try await roundTrip([(.bool(true), true), (.bool(false), false)])
    let values: [Double] = [0, 1.5, -.infinity, .infinity, .greatestFiniteMagnitude, .leastNonzeroMagnitude]
    try await roundTrip(values.map { (.float8($0), $0) })
    try await withDatabase { database in
      let rows = try await database.query("SELECT $1, $2", .float8(.nan), .float8(-0.0))
      #expect(try rows[0].decode(0, as: Double.self).isNaN)
      #expect(try rows[0].decode(1, as: Double.self).sign == .minus)
    }
  }

  @Test("texts keep every character, bytes every byte")
  func textsAndBytes() async throws {
    try await roundTrip(
      ["", "a", "naïve 🐘 ' \" \\ $1", String(repeating: "é", count: 100_000)].map { (.text($0), $0) })
    try await roundTrip([[], [0], [0, 255, 0], Array(0...255)].map { (.bytea($0), $0) })
  }

  @Test("timestamps are those that the server prints")
  func timestamps() async throws {
    let instants: [Int64] = [0, 1, -1, 946_684_800_000_000, 1_767_225_600_123_456, -62_135_596_800_000_000]
    try await roundTrip(
      instants.map { (.timestamp(microsecondsSince1970: $0), PostgresTimestamp(microsecondsSince1970: $0)) })
    try await withDatabase { database in
      let rows = try await database.query(
        "SELECT ($1 AT TIME ZONE 'UTC')::text, '2026-01-01 00:00:00.5+00'::timestamptz, 'infinity'::timestamptz",
        .timestamp(microsecondsSince1970: 86_400_000_001))
      #expect(try rows[0].decode(0, as: String.self) == "1970-01-02 00:00:00.000001")
      #expect(try rows[0].decode(1, as: PostgresTimestamp.self).microsecondsSince1970 == 1_767_225_600_500_000)
      #expect(throws: PostgresError.self) { try rows[0].decode(2, as: PostgresTimestamp.self) }
    }
    let error = await postgresError {
      try await withDatabase { _ = try await $0.query("SELECT $1", .timestamp(microsecondsSince1970: .min)) }
    }
    #expect(error?.code == .invalidParameter)
  }

  @Test("arrays keep their elements, none included")
  func arrays() async throws {
    try await roundTrip([[], [.min, 0, .max]].map { (.int8Array($0), $0) })
    try await roundTrip([[], [-.infinity, 0.5]].map { (.float8Array($0), $0) })
    try await roundTrip([[], ["", "a,b", "{\"}"]].map { (.textArray($0), $0) })
    try await roundTrip([[], [true, false]].map { (.boolArray($0), $0) })
    try await roundTrip([[], [[], [0, 1]]].map { (.byteaArray($0), $0) })
    try await withDatabase { database in
      let rows = try await database.query(
        "SELECT ARRAY[1, NULL]::int8[], ARRAY[[1, 2], [3, 4]]::int8[], ARRAY[1, 2]::int4[]")
      #expect(throws: PostgresError.self) { try rows[0].decode(0, as: [Int].self) }
      #expect(throws: PostgresError.self) { try rows[0].decode(1, as: [Int].self) }
      #expect(try rows[0].decode(2, as: [Int].self) == [1, 2])
    }
  }

  @Test("optionals are values or NULL")
  func optionals() async throws {
    try await withDatabase { database in
      let rows = try await database.query(
        "SELECT $1 IS NULL, $2, coalesce($3, 'none'), $4 + 1, NULL::bytea, $5::text",
        .optional(nil as Int?), .optional("a" as String?), .optional(nil as String?), .optional(1 as Int64?), nil)
      #expect(try rows[0].decode(0, as: Bool.self))
      #expect(try rows[0].decode(1, as: String?.self) == "a")
      #expect(try rows[0].decode(2, as: String.self) == "none")
      #expect(try rows[0].decode(3, as: Int.self) == 2)
      #expect(try rows[0].decode(4, as: [UInt8]?.self) == nil)
      #expect(try rows[0].decode(5, as: String?.self) == nil)
    }
  }

  @Test("other types of the server decode too")
  func otherTypes() async throws {
    try await withDatabase { database in
      let rows = try await database.query(
        """
        SELECT 7::int2, 1.5::float4, 'v'::varchar, 'c '::char(2), 'n'::name, '{"a":1}'::json, '{"a": 1}'::jsonb,
          '01234567-89ab-cdef-0123-456789abcdef'::uuid, 4294967295::oid
        """)
      let row = rows[0]
      #expect(try row.decode(0, as: Int.self) == 7)
      #expect(try row.decode(1, as: Double.self) == 1.5)
      #expect(try row.decode(2, as: String.self) == "v")
      #expect(try row.decode(3, as: String.self) == "c ")
      #expect(try row.decode(4, as: String.self) == "n")
      #expect(try row.decode(5, as: String.self) == #"{"a":1}"#)
      #expect(try row.decode(6, as: String.self) == #"{"a": 1}"#)
      #expect(try row.decode(7, as: String.self) == "01234567-89ab-cdef-0123-456789abcdef")
      #expect(try row.decode(8, as: Int.self) == 4_294_967_295)
    }
  }

  @Test("a text with a NUL character is refused by the number of its parameter")
  func nul() async throws {
    try await withDatabase { database in
      let error = await postgresError { _ = try await database.query("SELECT $1, $2", "fine", "secret\0") }
      #expect(error?.code == .invalidParameter)
      #expect(error?.message.contains("$2") == true)
      #expect(error?.message.contains("secret") == false)
      let inArray = await postgresError { _ = try await database.query("SELECT $1", .textArray(["a\0"])) }
      #expect(inArray?.code == .invalidParameter)
      let inSQL = await postgresError { _ = try await database.query("SELECT 1\0") }
      #expect(inSQL?.code == .invalidParameter)
      let tooMany = await postgresError {
        _ = try await database.query("SELECT 1", parameters: Array(repeating: 1, count: 65_536))
      }
      #expect(tooMany?.code == .invalidParameter)
    }
  }

  @Test("a wrong type, a NULL and an unknown column are errors that name the column")
  func decodingErrors() async throws {
    try await withDatabase { database in
      let rows = try await database.query(
        "SELECT sum(x) AS total, NULL::text AS missing FROM unnest($1) x", .int8Array([1]))
      let row = rows[0]
      let numeric = await postgresError { _ = try row.decode("total", as: Int.self) }
      #expect(numeric?.code == .decoding)
      #expect(numeric?.message.contains("\"total\" of type numeric") == true)
      #expect(numeric?.message.contains("sum(x)::int8") == true)
      let null = await postgresError { _ = try row.decode("missing", as: String.self) }
      #expect(null?.message.contains("\"missing\" is NULL") == true)
      let unknown = await postgresError { _ = try row.decode("other", as: String.self) }
      #expect(unknown?.message.contains("no column \"other\"") == true)
      let outside = await postgresError { _ = try row.decode(2, as: String.self) }
      #expect(outside?.code == .decoding)
    }
  }
}
