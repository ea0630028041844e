import Foundation
import SystemSupport
import Testing

/// The commands of `temporis` that need no stack.
@Suite struct OfflineCommandTests {
  private struct Answer: Decodable {
    let id: String
    let samples: [[[Double]]]?
    let error: String?
  }

  private func temporis(_ arguments: String..., input: String = "") async throws -> Command.Output {
    try await Command.run(Command.buildFolder + "/temporis", arguments, input: input)
  }

  @Test("The README's offline commands run as written, without a stack") func readme() async throws {
    let folder = try Stack.makeTemporaryFolder()
    let rows = (0..<200).flatMap { day in
      ["web", "app"].map { "\(1_700_006_400 + day * 86_400),\($0),\(day % 7 + 1)" }
    }
    try Data(rows.joined(separator: "\n").utf8).write(to: URL(filePath: folder + "/visits.csv"))
    let script = try Readme.block("sh", holding: "temporis forecast visits.csv")
    let output = try await Command.run(
      "sh", ["-ec", script],
      environment: ["PATH": Command.buildFolder + ":/usr/bin:/bin", "TEMPORIS_DATA_DIR": folder + "/none"], in: folder)
    #expect(output.status == 0, "\(output.standardError)")
    #expect(output.standardOutput.contains("P50") && output.standardOutput.contains("IN 80 % BAND"))
    #expect(!output.standardOutput.contains("\u{1b}"))
    for file in ["forecast.svg", "backtest.svg"] {
      let chart = try String(contentsOfFile: folder + "/" + file, encoding: .utf8)
      #expect(chart.hasPrefix("<svg xmlns=") && chart.hasSuffix("</svg>\n"), "\(file)")
    }
    let csv = try String(contentsOfFile: folder + "/forecast.csv", encoding: .utf8)
    #expect(csv.hasPrefix("timestamp,name,p5,p50,p95\n"))
    #expect(csv.split(separator: "\n").count == 1 + 2 * 64)
  }

  @Test("Each line of JSON is answered with a line, and one that cannot be is counted in the exit status")
  func lines() async throws {
    let good = #"{"id":"%","interval":3600,"patch_len":4,"horizon_patches":2,"context":[[1],[2],[3],[4]]}"#
    let (first, second) = (good.replacing("%", with: "a"), good.replacing("%", with: "b"))
    let output = try await temporis("forecast", "--jsonl", "--count", "3", input: "\(first)\n\n\(second)")
    #expect(output.status == 0, "\(output.standardError)")
    let answers = try output.standardOutput.split(separator: "\n").map {
      try JSONDecoder().decode(Answer.self, from: Data($0.utf8))
    }
    #expect(answers.map(\.id) == ["a", "b"])
    #expect(answers.allSatisfy { $0.samples?.count == 3 && $0.samples?.first?.count == 8 })
    let bad = try await temporis("forecast", "--jsonl", input: "\(first)\n{\"id\":\"c\"}\n\(second)\n")
    #expect(bad.status == 1 && bad.standardError.hasPrefix("temporis: 1 line of 3 "), "\(bad.standardError)")
    #expect(bad.standardOutput.split(separator: "\n").count == 3)
    #expect(bad.standardOutput.contains(#"{"id":"c","error":"line 2: interval is missing"}"#))
  }

  @Test(
    "What cannot be forecast is told in one line that names the file, the row or the flag",
    arguments: [
      ("1,a,1\n2,a,nan\n", "", "standard input:2: value \"nan\" is not a finite number"),
      ("1,a,1\n", "", "1 point on the grid, where a forecast needs 3"), ("", "", "The file holds no rows"),
      ("1,a,1\n61,a,1\n121,a,1\n", "--patch-len=300", "--patch-len must be 1 to 256, not 300"),
      ("1,a,1\n61,a,1\n121,a,1\n", "--series=b", "The file holds no rows of the series \"b\""),
      ("1,a,1\n61,a,1\n121,a,1\n", "--plot=/nowhere/a.svg", "/nowhere/a.svg cannot be written"),
    ])
  func refusals(rows: String, flag: String, reason: String) async throws {
    let flags = flag.isEmpty ? [] : [flag]
    let output = try await Command.run(
      Command.buildFolder + "/temporis", ["forecast", "-", "--interval", "60"] + flags, input: rows)
    #expect(output.status == 1 && output.standardOutput.isEmpty)
    #expect(output.standardError.hasPrefix("temporis: \(reason)"), "\(output.standardError)")
    #expect(output.standardError.split(separator: "\n").count == 1)
  }
}
