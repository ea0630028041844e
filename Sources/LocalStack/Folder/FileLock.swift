import Foundation

/// An exclusive lock on a file, held until the process ends or the value goes.
package final class FileLock: Sendable {
  private let descriptor: CInt

  /// Locks a file, which is created when missing. The holder's process id is written to it for those who come later.
  ///
  /// - Throws: `LocalStackError` with `.dataFolderInUse` when another process holds it.
  init(path: String, folder: String) throws {
    // Close-on-exec: a child that kept it would keep the lock.
    let descriptor = Foundation.open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else {
      throw LocalStackError(.dataFolder, "\(folder) is not writable: name another folder with --data-dir")
    }
    guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
      let holder = (try? String(contentsOfFile: path, encoding: .utf8))?.trimmed ?? ""
      close(descriptor)
      throw LocalStackError(
        .dataFolderInUse,
        "Another `temporis up` uses \(folder)\(holder.isEmpty ? "" : " (process \(holder))"): stop it, or name "
          + "another folder with --data-dir")
    }
    let text = Array("\(getpid())\n".utf8)
    _ = ftruncate(descriptor, 0)
    _ = write(descriptor, text, text.count)
    self.descriptor = descriptor
  }

  deinit {
    // A child that is being started shares the descriptor until it executes its program, and so would keep the lock.
    flock(descriptor, LOCK_UN)
    close(descriptor)
  }
}
