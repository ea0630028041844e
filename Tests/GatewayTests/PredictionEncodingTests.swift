import Foundation
import HTTPTypes
import HummingbirdTesting
import TemporisAPI
import Testing

@Suite struct PredictionEncodingTests {
  struct Row: Decodable {
    let timestamp: Int
    let values: [String: Double]

    init(from decoder: any Decoder) throws {
      var values = try [String: Double](from: decoder)
      timestamp = Int(values.removeValue(forKey: "timestamp") ?? -1)
      self.values = values
    }
  }

  struct Answer: Decodable {
    struct Prediction: Decodable {
      let loss: Double
      let data: [Row]
    }

    let predictions: [Prediction]
  }

  @Test("Names of any characters read back as they were")
  func names() async throws {
    let names = ["a\"b", "back\\slash", "/", "é", "😀", "\u{7F}", "\u{85}", "\u{2028}", "</script>", "{\"", "a b", "\t"]
    let gateway = TestGateway(
      predictions: FakePredictionClient([
        .header(names: names, timestamps: [60]), .trajectory(loss: 1, names.indices.map(Double.init)),
      ]))
    let answer = try await gateway.predict()
    let decoded = try JSONDecoder().decode(Answer.self, from: Data(answer.text.utf8))
    let row = try #require(decoded.predictions.first?.data.first)
    #expect(row.timestamp == 60)
    #expect(row.values == Dictionary(uniqueKeysWithValues: zip(names, names.indices.map(Double.init))))
    #expect(!answer.text.utf8.contains { $0 < 0x20 })
  }

  @Test("Any finite double reads back as the same double")
  func doubles() async throws {
    var generator = SystemRandomNumberGenerator()
    var values: [Double] = [
      0, -0.0, 1, -1, 0.1, 1 / 3, .pi, .leastNonzeroMagnitude, .leastNormalMagnitude, .greatestFiniteMagnitude, 1e15,
      1e16,
      1e21, 9_007_199_254_740_992, 1e-5, 123_456_789.123,
    ]
    while values.count < 2_000 {
      let value = Double(bitPattern: generator.next())
      if value.isFinite { values.append(value) }
    }
    let gateway = TestGateway(
      predictions: FakePredictionClient([
        .header(names: ["v"], timestamps: values.indices.map { Int64($0) }), .trajectory(loss: values[20], values),
      ]))
    let answer = try await gateway.predict()
    let decoded = try JSONDecoder().decode(Answer.self, from: Data(answer.text.utf8))
    let prediction = try #require(decoded.predictions.first)
    #expect(prediction.loss.bitPattern == values[20].bitPattern)
    #expect(prediction.data.map(\.timestamp) == Array(values.indices))
    #expect(prediction.data.map { $0.values["v"]?.bitPattern } == values.map(\.bitPattern))
  }

  @Test("The same prediction gives the same bytes")
  func identical() async throws {
    let gateway = TestGateway(
      predictions: FakePredictionClient([
        .header(names: (0..<20).map { "n\($0)" }, timestamps: [1]),
        .trajectory(loss: 1, (0..<20).map { Double($0) / 7 }),
      ]))
    let first = try await gateway.predict()
    let second = try await gateway.predict()
    #expect(first.text == second.text)
    #expect(first.status == .ok)
  }
}
