import Forecasting
import PredictServer
import SwiftProtobuf
import TemporisAPI
import TestSupport
import Testing

@Suite("Models that are kept for the predictions to come") struct FittedModelTests {
  typealias Record = Temporis_Predict_V1_Record

  private static let start: Int64 = 1_760_000_400

  @Test("Predictions on unchanged rows fit once, however they are drawn")
  func unchanged() async throws {
    let engine = ProbeEngine(.draw)
    let account = try await PredictStack.make(engine: engine).account()
    try await account.furnish()
    for count in Int32(1)...4 {
      #expect(try await account.predict(count: count, temperature: 0.5).count == Int(count) + 1)
    }
    #expect(engine.counts == [1, 2, 3, 4] && engine.fits == 1)
  }

  @Test("New, overwritten and deleted rows and new settings are fitted anew")
  func changed() async throws {
    let engine = ProbeEngine(.draw)
    let account = try await PredictStack.make(engine: engine).account()
    try await account.furnish()
    let last = Self.start + 199 * 3_600
    func newest() async throws -> [Double?] {
      let time = try await account.predict()[0].header.predictFrom
      return [Double(time - last), engine.rows?.series.first?.means.first]
    }
    _ = try await newest()
    try await account.ingest([.of("orders", last + 3_600, 5)])
    #expect(try await newest() == [3_600, 5])
    try await account.ingest([.of("orders", last + 3_600, 6)])
    #expect(try await newest() == [3_600, 6])
    try await account.deleteRecords { $0.startTimestamp = .init(last + 1) }
    #expect(try await newest().first == 0)
    #expect(engine.fits == 4)
    // A value that was there already is no change.
    try await account.ingest([.of("orders", last, 7)])
    _ = try await newest()
    try await account.ingest([.of("orders", last, 7)])
    _ = try await newest()
    #expect(engine.fits == 5)
    try await account.updateProfile { $0.patchLen = 8 }
    #expect(try await account.predict()[0].header.timestamps.count == 32)
    #expect(engine.fits == 6)
  }

  @Test("A prediction after an answered ingest sees its rows, on either of two replicas and beside others")
  func freshness() async throws {
    let replicas = [try await PredictStack.make(), try await PredictStack.make()]
    let account = replicas[0].account()
    try await account.furnish()
    let last = Self.start + 199 * 3_600
    try await withThrowingTaskGroup(of: Void.self) { group in
      for replica in replicas {
        group.addTask {
          let reader = replica.account(id: account.id)
          while !Task.isCancelled {
            do { _ = try await reader.predict(count: 1) } catch { if !Task.isCancelled { throw error } }
          }
        }
      }
      for step in Int64(1)...60 {
        let writer = replicas[Int(step) % 2].account(id: account.id)
        try await writer.ingest([.of("orders", last + step * 3_600, Double(step))])
        // The changes are counted in two places, and go from one to the other.
        if step.isMultiple(of: 10) { try await replicas[0].service.maintain() }
        for replica in replicas {
          let answer = try await replica.account(id: account.id).predict(count: 1)
          #expect(answer[0].header.predictFrom == last + step * 3_600)
        }
      }
      group.cancelAll()
      try await group.waitForAll()
    }
  }

  @Test("Models take no more memory than there is for them, and those of the account with the most go first")
  func memory() async throws {
    let engine = ProbeEngine(.draw)
    let small = try await PredictStack.make(engine: engine).account()
    try await small.furnish()
    _ = try await small.predict()
    let size = try #require(engine.sizes.first)

    let stack = try await PredictStack.make(engine: engine) { $0.modelMemory = size * 5 }
    let (modest, greedy) = (stack.account(), stack.account())
    for account in [modest, greedy] { try await account.furnish() }
    _ = try await modest.predict()
    for number in 0..<8 {
      try await greedy.createProfile("p\(number)")
      _ = try await greedy.predict("p\(number)")
    }
    let fits = engine.fits
    _ = try await modest.predict()
    #expect(engine.fits == fits)
    _ = try await greedy.predict("p7")
    #expect(engine.fits == fits)
    _ = try await greedy.predict("p0")
    #expect(engine.fits == fits + 1)
  }
}
