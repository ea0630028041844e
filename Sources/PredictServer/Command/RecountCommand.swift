import ArgumentParser
import Logging
package import Postgres
import ServiceDatabase
import ServiceKit

/// How many of some numbers that are kept with each write are what counting anew finds.
package struct Recount: Sendable {
  /// What the numbers are of.
  package let subject: String
  package let total: Int64
  package let wrong: Int64

  /// Counts everything anew, in one snapshot. It reads every row.
  package static func run(in database: Database) async throws -> [Recount] {
    try await database.transaction(isolation: .repeatableRead) { transaction in
      var recounts: [Recount] = []
      for (subject, comparison) in [("series' rows", rows), ("sources' rows", sourceRows), ("days' usage", usage)] {
        let found = try await transaction.query(
          """
          SELECT count(*) AS total, count(*) FILTER (WHERE kept IS DISTINCT FROM counted) AS wrong
          FROM (\(comparison)) AS numbers (kept, counted)
          """)
        guard let row = found.first else { continue }
        recounts.append(
          Recount(subject: subject, total: try row.decode("total"), wrong: try row.decode("wrong")))
      }
      return recounts
    }
  }

  private static let rows = comparison(of: "account_id, source_id, name", in: "series_count")
  private static let sourceRows = comparison(of: "account_id, source_id", in: "source_change_count")

  /// The rows by some columns: as many as `table` and the changes say that are not added to it yet, and as there are.
  private static func comparison(of key: String, in table: String) -> String {
    """
    SELECT kept.rows, counted.rows
    FROM (
      SELECT \(key), sum(row_count) AS rows FROM (
        SELECT \(key), row_count FROM predict.\(table)
        UNION ALL
        SELECT \(key), row_count FROM (
          SELECT account_id, source_id, series.name, series.row_count
          FROM predict.series_change, unnest(names, row_counts) AS series (name, row_count)
        ) AS pending
      ) AS changes GROUP BY \(key) HAVING sum(row_count) <> 0
    ) AS kept FULL JOIN (
      SELECT \(key), count(*)::numeric AS rows FROM predict.record GROUP BY \(key)
    ) AS counted USING (\(key))
    """
  }

  private static let usage = """
    SELECT kept.sums, counted.sums
    FROM (
      SELECT account_id, day, credential_id, profile_id,
        ROW(sum(predictions), sum(model_tokens), sum(nano_dollars))::text AS sums
      FROM (
        SELECT account_id, day, credential_id, profile_id, predictions, model_tokens, nano_dollars
        FROM predict.usage_day
        UNION ALL
        SELECT account_id, day, credential_id, profile_id, predictions, model_tokens, nano_dollars
        FROM predict.usage_change
      ) AS changes GROUP BY account_id, day, credential_id, profile_id
    ) AS kept FULL JOIN (
      SELECT account_id, (create_time AT TIME ZONE 'UTC')::date AS day, credential_id, profile_id,
        ROW(count(*), sum(model_tokens), sum(cost_nano_dollars))::text AS sums
      FROM predict.billing_record GROUP BY 1, 2, 3, 4
    ) AS counted USING (account_id, day, credential_id, profile_id)
    """
}

/// `predict-service recount`: compares the numbers that are kept with what they count.
struct RecountCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "recount", abstract: "Counts rows and usage anew, and compares what is kept of them.",
    discussion: """
      Takes the database from TEMPORIS_DATABASE_URL (or TEMPORIS_DATABASE_URL_FILE, the path of a file that holds it), \
      reads every row in one snapshot, and changes nothing. The exit status is 1 when a number differs.
      """)

  func run() async throws {
    var logger = Logger(label: "recount", factory: { StreamLogHandler.standardError(label: $0) })
    logger.logLevel = .warning
    var configuration = Database.Configuration()
    configuration.statementTimeout = .zero
    configuration.applicationName = "temporis recount"
    let database = try Settings().database(configuration: configuration, logger: logger)
    let recounts: [Recount]
    do {
      recounts = try await Recount.run(in: database)
    } catch {
      await database.close()
      throw error
    }
    await database.close()
    for recount in recounts {
      print(
        recount.wrong == 0
          ? "\(recount.subject): all \(recount.total) agree"
          : "\(recount.subject): \(recount.wrong) of \(recount.total) differ")
    }
    if recounts.contains(where: { $0.wrong > 0 }) { throw ExitCode(1) }
  }
}
