import Forecasting
import Foundation
import TemporisCLI
import Testing

@Suite("Forecasting lines of JSON")
struct ForecastLineTests {
  private struct Answer: Decodable {
    let id: String?
    let samples: [[[Double]]]?
    let loss: [Double]?
    let error: String?
  }

  private static let context = (0..<40).map { [Double($0 % 8), 100 + Double($0) / 3] }

  /// A line of the fields as they stand in JSON.
  private func line(_ fields: [String: String] = [:]) -> LineSplitter.Line {
    let all = [
      "id": "\"a\"", "interval": "3600", "patch_len": "4", "horizon_patches": "2", "count": "3", "temperature": "1.0",
      "top_p": "1.0", "seed": "7", "context": "\(Self.context)",
    ]
    let members = all.merging(fields) { _, new in new }.map { "\"\($0)\": \($1)" }
    return .bytes(Array("{\(members.joined(separator: ", "))}".utf8))
  }

  private func answer(_ line: LineSplitter.Line) throws -> (answer: Answer, isRefusal: Bool) {
    let answer = try #require(ForecastAnswer(to: line, number: 5, defaults: .init(count: 2)))
    #expect(!answer.text.contains("\n"))
    return (try JSONDecoder().decode(Answer.self, from: Data(answer.text.utf8)), answer.isRefusal)
  }

  @Test("A line is answered with its id and what the engine draws, to the last bit")
  func roundTrip() throws {
    let (answer, isRefusal) = try answer(line())
    let settings = try ForecastSettings(
      names: ["0", "1"], interval: 3_600, patchLength: 4, numPatches: 10, minPatches: 1, horizonPatches: 2)
    let forecast = try Forecaster(settings: settings).forecast(
      context: ForecastContext(predictFrom: 0, channels: [Self.context.map { $0[0] }, Self.context.map { $0[1] }]),
      count: 3, temperature: 1, topP: 1, seed: 7)
    #expect(!isRefusal && answer.id == "a" && answer.error == nil)
    #expect(answer.samples?.map { $0.flatMap(\.self) } == forecast.trajectories.map(\.values))
    #expect(answer.samples?.allSatisfy { $0.count == 8 && $0.allSatisfy { $0.count == 2 } } == true)
    #expect(answer.loss == forecast.trajectories.map(\.loss))
  }

  @Test("What a line leaves out is as the flags say")
  func defaults() throws {
    let text = #"{"id":"b","interval":60,"patch_len":1,"horizon_patches":1,"context":[[1],[2],[3]]}"#
    #expect(try answer(.bytes(Array(text.utf8))).answer.samples?.count == 2)
  }

  @Test("Contexts of any length are forecast", arguments: [1, 2, 3, 4, 7, 33, 5_000])
  func lengths(count: Int) throws {
    let context = (0..<count).map { [Double($0 % 5)] }
    let (answer, _) = try answer(line(["context": "\(context)", "patch_len": "16", "horizon_patches": "3"]))
    #expect(answer.samples?.allSatisfy { $0.count == 48 } == true, "\(answer.error ?? "")")
  }

  @Test(
    "A line that cannot be forecast is answered with its id and the reason",
    arguments: [
      ("nonsense", nil, "line 5: it is not JSON"), ("[]", nil, "line 5: it is not a JSON object"),
      (#"{"id":"b"}"#, "b", "interval is missing"),
      (#"{"id":"b","interval":"x"}"#, "b", "interval is of another type"),
      (#"{"id":"b","interval":1,"patch_len":1,"horizon_patches":1,"context":[[1,NaN]]}"#, nil, "JSON"),
      (#"{"id":"b","interval":1,"patch_len":1,"horizon_patches":1,"context":[["1"]]}"#, "b", "context[0][0] is of"),
      (#"{"id":"b","interval":1,"patch_len":1,"horizon_patches":1,"context":[]}"#, "b", "context must hold points"),
      (#"{"id":"b","interval":1,"patch_len":1,"horizon_patches":1,"context":[[]]}"#, "b", "context must hold points"),
      (#"{"id":"b","interval":1,"patch_len":1,"horizon_patches":1,"context":[[1],[2,3]]}"#, "b", "as many values"),
    ] as [(String, String?, String)])
  func badLines(text: String, id: String?, reason: String) throws {
    let (answer, isRefusal) = try answer(.bytes(Array(text.utf8)))
    #expect(isRefusal && answer.id == id && answer.samples == nil)
    #expect(answer.error?.contains(reason) == true, "\(answer.error ?? "")")
  }

  @Test(
    "A setting or an argument out of range is named",
    arguments: [
      ("patch_len", "2.5", "a number out of range"), ("patch_len", "null", "patch_len is null"),
      ("patch_len", "257", "patch_len must be 1 to 256"), ("patch_len", "0", "patch_len must"),
      ("horizon_patches", "9", "horizon_patches must be 1 to 8"), ("interval", "0", "interval must"),
      ("count", "1001", "count must be 1 to 1000"), ("count", "0", "count must"),
      ("temperature", "0", "temperature must"), ("top_p", "1.5", "top_p must be 0 to 1"),
      ("count", "9223372036854775807", "more than 16777216 values"),
    ])
  func ranges(field: String, value: String, reason: String) throws {
    let (answer, isRefusal) = try answer(line([field: value]))
    #expect(isRefusal && answer.id == "a")
    #expect(answer.error?.contains(reason) == true, "\(answer.error ?? "")")
  }

  @Test("Empty lines are no contexts, and too long ones are refused")
  func otherLines() throws {
    for text in ["", " \t\r"] {
      #expect(ForecastAnswer(to: .bytes(Array(text.utf8)), number: 1, defaults: .init()) == nil)
    }
    #expect(try answer(.tooLong).answer.error?.hasPrefix("line 5: the line is longer than ") == true)
  }

  @Test("Bytes are cut into lines, wherever their pieces end, and only a line's length of them is held")
  func splitting() {
    let bytes = Array("ab\n\nlong line\ncd".utf8)
    for size in [1, 2, 3, 5, 100] {
      var splitter = LineSplitter(longest: 4)
      var lines: [LineSplitter.Line] = []
      var rest = bytes[...]
      while !rest.isEmpty {
        lines += splitter.read(Array(rest.prefix(size)))
        rest = rest.dropFirst(size)
      }
      #expect(lines == [.bytes(Array("ab".utf8)), .bytes([]), .tooLong], "in pieces of \(size)")
      #expect(splitter.finish() == .bytes(Array("cd".utf8)))
      #expect(splitter.finish() == nil)
    }
  }
}
