import FoundationEssentials
import Logging
import Postgres
import PredictServer
import ServiceDatabase
import SwiftProtobuf
import TemporisAPI
import TestSupport
import Testing

/// Rows are in a table of their source's partition.
@Suite("Partitions of the rows") struct PartitionTests {
  @Test("Migrating carries each row over, and the release before reads and writes on, but deletes none")
  func migration() async throws {
    let database = try Database(url: await TestCluster.shared().makeDatabase(), logger: .silent)
    let before = Array(PredictSchema.migrations.prefix { $0.version < 6 })
    _ = try await Migrator(schema: PredictSchema.name, migrations: before).apply(to: database)
    try await database.execute(
      """
      INSERT INTO predict.data_source (account_id, id, name)
      SELECT 'acct', 'src_' || n, 's' || n FROM generate_series(1, 64) AS n
      """)
    try await database.execute(
      """
      INSERT INTO predict.observation
      SELECT 'acct', 'src_' || n, 'series ' || k, t, n + k + t
      FROM generate_series(1, 64) AS n, generate_series(1, 3) AS k, generate_series(1, 50) AS t
      """)
    let rows = "SELECT md5(string_agg(r::text, ',' ORDER BY r::text)) FROM predict.observation AS r"
    let old: String? = try await database.query(rows).first?.decode(0)

    _ = try await PredictSchema.migrate(database)
    #expect(try await database.query(rows).first?.decode(0) == old)
    let filled = try await database.query("SELECT count(DISTINCT tableoid)::int8 FROM predict.record")
    #expect(try filled.first?.decode(0) ?? Int64(0) > 8)
    for recount in try await Recount.run(in: database) { #expect(recount.wrong == 0, "\(recount.subject)") }

    try await database.execute(
      """
      INSERT INTO predict.observation AS o (account_id, source_id, name, "timestamp", value)
      VALUES ('acct', 'src_1', 'series 1', 1, 7), ('acct', 'src_1', 'series 1', 51, 8)
      ON CONFLICT (account_id, source_id, name, "timestamp") DO UPDATE SET value = excluded.value
      """)
    await #expect(throws: PostgresError.self) {
      try await database.execute(
        "DELETE FROM predict.observation WHERE ctid = ANY (ARRAY(SELECT ctid FROM predict.observation LIMIT 1))")
    }
    #expect(try await database.query("SELECT count(*) FROM predict.record").first?.decode(0) == Int64(64 * 3 * 50 + 1))
    for recount in try await Recount.run(in: database) { #expect(recount.wrong == 0, "\(recount.subject)") }
    await database.close()
  }

  @Test("What is deleted of one source is deleted of no other, although rows of others have the same place in a table")
  func deletion() async throws {
    var configuration = PredictConfiguration()
    configuration.retentionDays = 1
    let stack = try await PredictStack(cluster: .shared(), configuration: configuration)
    let account = stack.account()
    let now = Int64(Date().timeIntervalSince1970)
    let sources = (0..<40).map { "s\($0)" }
    for source in sources {
      try await account.createSource(source)
      let first: Int64 = source == "s3" ? 0 : now
      try await account.ingest((0..<30).map { .of("a", first + $0, 1) }, into: source)
    }
    let partitions = try await stack.administrator.query("SELECT count(DISTINCT tableoid)::int8 FROM predict.record")
    #expect(try partitions.first?.decode(0) ?? Int64(0) > 4)

    try await account.deleteRecords(of: "s0") { $0.series = "a" }
    try await account.deleteRecords(of: "s1") { $0.endTimestamp = .init(now + 10) }
    try await account.deleteSource("s2")
    for _ in 0..<3 { try await stack.service.maintain() }
    let counts = try await stack.administrator.query(
      """
      SELECT s.name || ' ' || count(r) AS count FROM predict.data_source AS s
      LEFT JOIN predict.record AS r ON r.account_id = s.account_id AND r.source_id = s.id
      GROUP BY s.name ORDER BY s.name
      """
    ).map { try $0.decode("count", as: String.self) }
    let expected = sources.filter { $0 != "s2" }.map { "\($0) \(["s0": 0, "s1": 20, "s3": 0][$0] ?? 30)" }
    #expect(counts == expected.sorted())
  }
}
