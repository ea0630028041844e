import Postgres
import PredictServer
import SwiftProtobuf
import TemporisAPI
import TestSupport
import Testing

/// In a database of their own: a recount is of all accounts.
@Suite("A recount") struct RecountTests {
  @Test("agrees with what is kept while writers are at work and changes are added up, and sees what is wrong")
  func recount() async throws {
    let stack = try await PredictStack(cluster: .shared())
    try await withThrowingTaskGroup(of: Void.self) { group in
      for account in [stack.account(), stack.account()] {
        try await account.createSource()
        for writer in 0..<3 {
          group.addTask { try await write(account, series: "s\(writer)") }
        }
      }
      group.addTask {
        for _ in 0..<20 { try await stack.service.maintain() }
      }
      group.addTask {
        for _ in 0..<20 { try await expectAgreement(stack) }
      }
      try await group.waitForAll()
    }
    try await eventually {
      try await stack.service.maintain()
      return try await stack.administrator.query("SELECT FROM predict.usage_change LIMIT 1").isEmpty
    }
    try await expectAgreement(stack)
    try await stack.administrator.execute("INSERT INTO predict.series_count VALUES ('acct', 'src', 'series', 1)")
    try await stack.administrator.execute("UPDATE predict.usage_day SET nano_dollars = nano_dollars + 1")
    try await stack.administrator.execute("UPDATE predict.source_change_count SET row_count = row_count + 1")
    let recounts = try await Recount.run(in: stack.administrator)
    #expect(recounts.map(\.wrong).prefix(2) == [1, 2])
    #expect(recounts.last?.wrong ?? 0 > 0 && recounts.last?.wrong == recounts.last?.total)
  }

  private func write(_ account: Account, series: String) async throws {
    for round in Int64(0)..<20 {
      try await account.ingest((0..<20).map { .of(series, round * 10 + $0, Double(round)) })
      if round % 5 == 4 { try await account.deleteRecords { $0.endTimestamp = .init(round * 5) } }
      try await account.bill(tokens: round + 1, at: "now() - interval '\(round) hours'")
    }
  }

  private func expectAgreement(_ stack: PredictStack) async throws {
    for recount in try await Recount.run(in: stack.administrator) {
      #expect(recount.wrong == 0, "\(recount.subject): \(recount.wrong) of \(recount.total)")
    }
  }
}
