import Foundation

/// The folder that holds everything of one stack: the cluster, the secrets, the identities, the logs and
/// `ready.json`.
///
/// A marker file tells ours from any other folder, so that a mistyped path is never filled. A lock keeps a second
/// stack out; the kernel drops it with the process, however that ends.
package struct DataFolder: Sendable {
  /// What the marker file holds.
  package static let format = "temporis data folder, format 1\n"

  /// The folder's absolute path.
  package let path: String

  /// Names the folder without looking at it.
  package init(path: String) {
    self.path = URL(fileURLWithPath: path).standardizedFileURL.path
  }

  /// The private cluster's folder.
  var cluster: String { path + "/postgres" }
  /// Where the secrets lie, readable by the user who ran `up` alone.
  package var secrets: String { path + "/secrets" }
  /// Where the processes' identities lie while the stack runs.
  package var certificates: CertificateFolder { CertificateFolder(path: path + "/tls") }
  /// Where the processes' output goes.
  package var logs: String { path + "/logs" }
  /// Where the addresses and credentials of the running stack lie.
  package var readyFile: String { path + "/ready.json" }
  /// Where the id of the operator's account lies.
  var operatorAccount: String { path + "/operator-account" }
  private var marker: String { path + "/FORMAT" }
  private var lock: String { path + "/lock" }

  /// Creates the folder, or checks that it is ours, and locks it.
  ///
  /// - Returns: The lock, which lasts as long as it is kept.
  /// - Throws: `LocalStackError` for a folder that is not ours, of a newer format, in use, or not writable.
  package func open() throws -> FileLock {
    let files = FileManager.default
    var isDirectory: ObjCBool = false
    if files.fileExists(atPath: path, isDirectory: &isDirectory) {
      guard isDirectory.boolValue else {
        throw LocalStackError(.dataFolder, "\(path) is a file: name a folder with --data-dir")
      }
      try checkMarker()
    } else {
      do {
        try files.createDirectory(
          atPath: path, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
      } catch {
        throw LocalStackError(.dataFolder, "\(path) cannot be created: name another folder with --data-dir")
      }
    }
    let lock = try FileLock(path: lock, folder: path)
    try Self.write(Self.format, to: marker, mode: 0o644)
    for folder in [secrets, logs] {
      try files.createDirectory(
        atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
    }
    return lock
  }

  private func checkMarker() throws {
    guard let entries = try? FileManager.default.contentsOfDirectory(atPath: path) else {
      throw LocalStackError(.dataFolder, "\(path) cannot be read: name another folder with --data-dir")
    }
    // The lock, and a marker that is not in its place, are what a first start leaves that was stopped early.
    if entries.allSatisfy({ ["lock", "FORMAT.new"].contains($0) }) { return }
    guard let text = try? String(contentsOfFile: marker, encoding: .utf8) else {
      throw LocalStackError(
        .dataFolder, "\(path) is not empty and holds no Temporis data: name an empty or new folder with --data-dir")
    }
    guard text == Self.format else {
      throw LocalStackError(
        .dataFolder, "\(path) was written by another version of Temporis (\(text.trimmed)): use that version")
    }
  }

  /// Writes a file through a temporary one beside it, so that a reader sees the whole of it or none.
  static func write(_ text: String, to path: String, mode: mode_t) throws {
    try stage(text, for: path, mode: mode)
    try commit(path)
  }

  /// Writes the temporary file that ``commit(_:)`` puts in its place.
  static func stage(_ text: String, for path: String, mode: mode_t) throws {
    let temporary = path + ".new"
    try? FileManager.default.removeItem(atPath: temporary)
    let created = FileManager.default.createFile(
      atPath: temporary, contents: nil, attributes: [.posixPermissions: Int(mode)])
    guard created, let handle = FileHandle(forWritingAtPath: temporary) else {
      throw LocalStackError(.dataFolder, "\(path) cannot be written")
    }
    do {
      try handle.write(contentsOf: Data(text.utf8))
      try handle.synchronize()
      try handle.close()
    } catch {
      throw LocalStackError(.dataFolder, "\(path) cannot be written: is the disk full?")
    }
  }

  /// Puts a file in its place that was written beside it.
  static func commit(_ path: String) throws {
    guard rename(path + ".new", path) == 0 else {
      throw LocalStackError(.dataFolder, "\(path) cannot be written")
    }
  }
}

extension String {
  /// The text without white space at its ends.
  var trimmed: String { trimmingCharacters(in: .whitespacesAndNewlines) }
}
