import Foundation
import LocalStack
import Testing

@Suite("The folder of the database's socket")
struct SocketFolderTests {
  private let long = "/home/" + String(repeating: "x", count: 90)

  @Test("No path is longer than a socket's may be, whatever the data folder")
  func shortEnough() {
    for isRoot in [true, false] {
      let places = SocketFolder.candidates(
        dataFolder: long, isRoot: isRoot, userID: 4_294_967_294, runtimeFolder: "/run/user/4294967294")
      #expect(!places.isEmpty)
      for place in places {
        #expect(SocketFolder.socketPath(in: place).utf8.count <= SocketFolder.longestSocketPath)
      }
    }
  }

  @Test("A short data folder holds the socket itself; as root, whose cluster is another user's, it never does")
  func places() {
    let user = SocketFolder.candidates(dataFolder: "/home/u/d", isRoot: false, userID: 1_000, runtimeFolder: nil)
    #expect(user.first == "/home/u/d/run")
    let root = SocketFolder.candidates(dataFolder: "/var/lib/d", isRoot: true, userID: 0, runtimeFolder: nil)
    #expect(root.first?.hasPrefix("/run/temporis/") == true)
    #expect(root.allSatisfy { !$0.hasPrefix("/var/lib") })
  }

  @Test("The folder above root's sockets is open to the cluster's owner, also where the umask had closed it")
  func openToOwner() throws {
    let temporary = try TemporaryFolder()
    let parent = temporary.path + "/temporis"
    try FileManager.default.createDirectory(
      atPath: parent, withIntermediateDirectories: false, attributes: [.posixPermissions: 0o700])
    let owner = SystemUser(userID: geteuid(), groupID: getegid())
    #expect(SocketFolder.create(parent + "/tag", owner: owner, in: parent))
    #expect(try temporary.mode(of: "temporis") == 0o755)
    #expect(try temporary.mode(of: "temporis/tag") == 0o755)
  }

  @Test("Two data folders have two places, one has the same each time")
  func distinct() {
    func place(_ folder: String) -> String? {
      SocketFolder.candidates(dataFolder: folder, isRoot: true, userID: 0, runtimeFolder: nil).first
    }
    #expect(place("/a") != place("/b"))
    #expect(place("/a") == place("/a"))
  }
}
