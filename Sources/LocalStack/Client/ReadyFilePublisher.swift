import Foundation
import Synchronization

/// Keeps `ready.json` in step with the running processes.
package final class ReadyFilePublisher: Sendable {
  private let folder: DataFolder
  private let current = Mutex<ReadyFile?>(nil)

  /// Creates a publisher for a data folder.
  package init(folder: DataFolder) {
    self.folder = folder
  }

  /// Writes the file, readable by its owner alone, in one step.
  package func publish(_ file: ReadyFile) throws {
    try current.withLock { current in
      try DataFolder.write(file.json(), to: folder.readyFile, mode: 0o600)
      current = file
    }
  }

  /// Replaces the process ids, if the file is published.
  package func update(processIDs: [String: [Int32]]) {
    current.withLock { current in
      guard var file = current, file.pids != processIDs else { return }
      file.pids = processIDs
      guard let text = try? file.json() else { return }
      try? DataFolder.write(text, to: folder.readyFile, mode: 0o600)
      current = file
    }
  }

  /// Removes the file.
  package func withdraw() {
    current.withLock { current in
      current = nil
      try? FileManager.default.removeItem(atPath: folder.readyFile)
      try? FileManager.default.removeItem(atPath: folder.readyFile + ".new")
    }
  }
}
