import Foundation

/// The folder of the private cluster's Unix socket, whose path must be short.
package struct SocketFolder: Sendable {
  /// The folder's path.
  package let path: String

  /// The longest path of a Unix socket, without its final NUL (unix(7)).
  package static let longestSocketPath = 107

  /// Where root's sockets lie.
  package static let systemFolder = "/run/temporis"

  /// PostgreSQL's socket in a folder.
  package static func socketPath(in folder: String) -> String { folder + "/.s.PGSQL.5432" }

  /// Picks and creates the folder: below the data folder where that is short enough, else below the system's place
  /// for sockets.
  ///
  /// As root it never lies below the data folder: the cluster runs as another user, who may not be let in there.
  init(dataFolder: String, owner: SystemUser?) throws {
    let candidates = Self.candidates(
      dataFolder: dataFolder, isRoot: geteuid() == 0, userID: geteuid(),
      runtimeFolder: ProcessInfo.processInfo.environment["XDG_RUNTIME_DIR"])
    for candidate in candidates where Self.create(candidate, owner: owner) {
      path = candidate
      return
    }
    throw LocalStackError(
      .startFailed, "No folder for PostgreSQL's socket can be created: tried \(candidates.joined(separator: ", "))")
  }

  /// The places to try, best first: only those whose socket's path is short enough.
  package static func candidates(
    dataFolder: String, isRoot: Bool, userID: UInt32, runtimeFolder: String?
  ) -> [String] {
    let tag = fingerprint(dataFolder)
    var places: [String] = []
    if isRoot {
      places.append("\(systemFolder)/\(tag)")
    } else {
      places.append(dataFolder + "/run")
      if let runtimeFolder, runtimeFolder.hasPrefix("/") { places.append("\(runtimeFolder)/temporis-\(tag)") }
    }
    places.append("/tmp/temporis-\(userID)-\(tag)")
    return places.filter { socketPath(in: $0).utf8.count <= longestSocketPath }
  }

  /// Stands for a data folder where its path is too long: 64 bits of FNV-1a.
  static func fingerprint(_ text: String) -> String {
    let hash = text.utf8.reduce(0xcbf2_9ce4_8422_2325 as UInt64) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
    return String(hash, radix: 36)
  }

  /// Creates a folder that its owner can reach and nobody else has put there.
  ///
  /// - Parameters:
  ///   - owner: Who is given the folder, when that is another user than ours.
  ///   - systemFolder: The folder above it that is ours alone to open.
  /// - Returns: Whether it can be used.
  package static func create(
    _ path: String, owner: SystemUser?, in systemFolder: String = Self.systemFolder
  ) -> Bool {
    let parent = (path as NSString).deletingLastPathComponent
    try? FileManager.default.createDirectory(atPath: parent, withIntermediateDirectories: true)
    // A strict umask closes it to the owner of the cluster.
    if owner != nil, parent == systemFolder, chmod(parent, 0o755) != 0 { return false }
    if mkdir(path, 0o700) != 0 {
      // /tmp is everybody's: a folder that another user put there must not be used, nor a link.
      guard errno == EEXIST, let attributes = try? FileManager.default.attributesOfItem(atPath: path),
        attributes[.type] as? FileAttributeType == .typeDirectory,
        let user = attributes[.ownerAccountID] as? UInt32, user == geteuid() || user == owner?.userID
      else { return false }
    }
    if let owner {
      // Others may enter, as root's clients might be any user; who gets in is decided by the password.
      guard chown(path, owner.userID, owner.groupID) == 0, chmod(path, 0o755) == 0 else { return false }
    }
    return true
  }
}
