import Foundation
import Synchronization

/// The temporary folders of this process's clusters, removed at its exit; those of processes that crashed, at the next
/// start.
enum TestFolders {
  static let prefix = "temporis-test-"
  /// Process identifiers of running servers by folder.
  static let servers = Mutex<[String: Int32]>([:])
  private static let folders = Mutex<[String]>([])

  /// A folder that the server's user owns.
  static func create(_ path: String) throws {
    let isFirst = folders.withLock { folders in
      folders.append(path)
      return folders.count == 1
    }
    if isFirst {
      removeAbandoned()
      atexit { TestFolders.removeAll() }
    }
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
    chmod(path, 0o755)
    _ = FileManager.default.createFile(atPath: "\(path)/log", contents: nil)
    if geteuid() == 0, let user = getpwnam("postgres") {
      chown(path, user.pointee.pw_uid, user.pointee.pw_gid)
    }
  }

  private static func removeAll() {
    for process in servers.withLock({ Array($0.values) }) {
      kill(process, SIGQUIT)
      // Bounded: the server removes its socket and lock files while the folder goes.
      for _ in 0..<200 where kill(process, 0) == 0 && waitpid(process, nil, WNOHANG) == 0 { usleep(5_000) }
    }
    for folder in folders.withLock({ $0 }) { try? FileManager.default.removeItem(atPath: folder) }
  }

  private static func removeAbandoned() {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: "/tmp")) ?? []
    for name in names where name.hasPrefix(prefix) {
      guard let owner = name.dropFirst(prefix.count).split(separator: "-").first.flatMap({ Int32($0) }) else {
        continue
      }
      if kill(owner, 0) != 0, errno == ESRCH { try? FileManager.default.removeItem(atPath: "/tmp/\(name)") }
    }
  }
}
