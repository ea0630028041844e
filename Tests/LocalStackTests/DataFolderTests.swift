import Foundation
import LocalStack
import Testing

@Suite("The data folder")
struct DataFolderTests {
  private let temporary: TemporaryFolder

  init() throws {
    temporary = try TemporaryFolder()
  }

  @Test("A new folder is created and can be opened again later")
  func createsAndReopens() throws {
    let folder = DataFolder(path: temporary.path + "/a/b")
    try withExtendedLifetime(folder.open()) {
      #expect(FileManager.default.fileExists(atPath: folder.logs))
    }
    try withExtendedLifetime(folder.open()) {}
  }

  @Test("Only the owner may look into the folder, its secrets and its logs")
  func closedToOthers() throws {
    let folder = DataFolder(path: temporary.path + "/data")
    try withExtendedLifetime(folder.open()) {}
    #expect(try temporary.mode(of: "data") == 0o700)
    #expect(try temporary.mode(of: "data/secrets") == 0o700)
    #expect(try temporary.mode(of: "data/logs") == 0o700)
  }

  @Test("A folder with other things in it is refused and left alone")
  func refusesForeignFolder() throws {
    try temporary.write("precious", to: "thesis.txt")
    let error = try #require(throws: LocalStackError.self) { try DataFolder(path: temporary.path).open() }
    #expect(error.code == .dataFolder)
    #expect(!error.message.contains("\n"))
    #expect(try FileManager.default.contentsOfDirectory(atPath: temporary.path) == ["thesis.txt"])
  }

  @Test("What a first start left that was killed before the marker was in its place is taken up")
  func takesUpFirstStart() throws {
    try temporary.write("7\n", to: "lock")
    try temporary.write("tempo", to: "FORMAT.new")
    let folder = DataFolder(path: temporary.path)
    try withExtendedLifetime(folder.open()) {}
    try withExtendedLifetime(folder.open()) {}
  }

  @Test("A folder of another format is refused")
  func refusesOtherFormat() throws {
    try temporary.write("temporis data folder, format 99\n", to: "FORMAT")
    let error = try #require(throws: LocalStackError.self) { try DataFolder(path: temporary.path).open() }
    #expect(error.code == .dataFolder)
  }

  @Test("A file is refused")
  func refusesFile() throws {
    try temporary.write("", to: "file")
    #expect(throws: LocalStackError.self) { try DataFolder(path: temporary.path + "/file").open() }
  }

  @Test("A folder in use is refused, naming the process that uses it")
  func refusesSecondUse() throws {
    let folder = DataFolder(path: temporary.path + "/data")
    let lock = try folder.open()
    let error = try #require(throws: LocalStackError.self) { try folder.open() }
    #expect(error.code == .dataFolderInUse)
    #expect(error.message.contains("process \(getpid())"))
    withExtendedLifetime(lock) {}
  }

  @Test("The default folder is the one in the environment, else the system's for root and the state folder for others")
  func defaultPath() {
    #expect(DataFolder.defaultPath(isRoot: true, environment: ["TEMPORIS_DATA_DIR": "/t", "HOME": "/root"]) == "/t")
    #expect(DataFolder.defaultPath(isRoot: true, environment: ["HOME": "/root"]) == "/var/lib/temporis")
    #expect(
      DataFolder.defaultPath(isRoot: false, environment: ["XDG_STATE_HOME": "/s", "HOME": "/h"]) == "/s/temporis")
    #expect(
      DataFolder.defaultPath(isRoot: false, environment: ["XDG_STATE_HOME": "no", "HOME": "/h"])
        == "/h/.local/state/temporis")
  }
}
