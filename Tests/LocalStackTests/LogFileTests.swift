import Foundation
import LocalStack
import Testing

@Suite("Log files")
struct LogFileTests {
  private let temporary: TemporaryFolder

  init() throws {
    temporary = try TemporaryFolder()
  }

  @Test("The log of the run before is kept beside the new one, and the oldest goes")
  func rotatesAtStart() throws {
    let log = LogFile(path: temporary.path + "/a.log")
    for run in 1...4 {
      log.rotateAtStart()
      try temporary.write("run \(run)\n", to: "a.log")
    }
    #expect(log.lastLine == "run 4")
    #expect(
      try FileManager.default.contentsOfDirectory(atPath: temporary.path).sorted() == ["a.log", "a.log.1", "a.log.2"])
    #expect(LogFile(path: temporary.path + "/a.log.1").lastLine == "run 3")
  }

  @Test("A log that has grown large is emptied and its text moved away; a small one stays")
  func rotatesWhenLarge() throws {
    let log = LogFile(path: temporary.path + "/a.log")
    try temporary.write("small\n", to: "a.log")
    log.rotateIfLarge()
    #expect(log.lastLine == "small")
    try temporary.write(String(repeating: "x", count: Int(LogFile.limit)) + "\nlast\n", to: "a.log")
    log.rotateIfLarge()
    #expect(log.lastLine == nil)
    #expect(LogFile(path: temporary.path + "/a.log.1").lastLine == "last")
  }
}
