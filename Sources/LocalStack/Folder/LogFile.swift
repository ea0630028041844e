import Foundation
import SystemPackage

/// A child's log file, bounded: older text moves to `.1`, `.2` and is then dropped.
package struct LogFile: Sendable {
  /// The size at which a file is moved away.
  package static let limit: Int64 = 16 << 20
  /// How many older files are kept.
  package static let olderFiles = 2

  /// The file's path.
  package let path: String

  /// Names a file without looking at it.
  package init(path: String) {
    self.path = path
  }

  /// Opens the file for a child's output. Each write goes to its end, also after the file was emptied.
  func openForAppending() throws -> FileDescriptor {
    do {
      return try FileDescriptor.open(
        FilePath(path), .writeOnly, options: [.append, .create, .closeOnExec], permissions: [.ownerReadWrite])
    } catch {
      throw LocalStackError(.dataFolder, "\(path) cannot be written")
    }
  }

  /// Moves the file away before its first writer starts.
  package func rotateAtStart() {
    guard size > 0 else { return }
    makeRoom()
    rename(path, path + ".1")
  }

  /// Moves the text away once there is too much of it. Blocks: not for the cooperative pool.
  ///
  /// Children keep the file open, so it is copied and emptied: what is written between the two is lost.
  package func rotateIfLarge() {
    guard size > Self.limit else { return }
    makeRoom()
    try? FileManager.default.copyItem(atPath: path, toPath: path + ".1")
    truncate(path, 0)
  }

  /// The last line, to say why a child ended.
  package var lastLine: String? {
    guard let handle = FileHandle(forReadingAtPath: path) else { return nil }
    defer { try? handle.close() }
    try? handle.seek(toOffset: UInt64(max(0, size - 4_096)))
    guard let data = try? handle.read(upToCount: 4_096) else { return nil }
    return String(decoding: data, as: UTF8.self).split(separator: "\n").last.map { String($0.prefix(300)) }
  }

  private var size: Int64 {
    let attributes = try? FileManager.default.attributesOfItem(atPath: path)
    return attributes?[.size] as? Int64 ?? 0
  }

  private func makeRoom() {
    for number in stride(from: Self.olderFiles - 1, through: 1, by: -1) {
      rename("\(path).\(number)", "\(path).\(number + 1)")
    }
  }
}
