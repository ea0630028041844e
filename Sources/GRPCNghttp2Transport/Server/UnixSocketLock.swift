import Glibc
package import NIOCore

/// A server's claim to the path of a Unix socket: an empty file beside it that is locked for as long as the server
/// listens.
///
/// Without it, two servers that start at once would both find that nobody answers, and the second would take the path
/// from under the first. The kernel lets go of the lock with the process, however that ends, so that a file which was
/// left behind is in nobody's way.
package final class UnixSocketLock: Sendable {
  private let path: String
  private let descriptor: CInt

  /// How often the file may be gone by the time that it is locked, as its holder removes it at the end.
  private static let maxAttempts = 100

  /// Locks the file that belongs to a socket's path, and makes it if there is none; a blocking call.
  ///
  /// Throws EADDRINUSE when another server holds the lock, and EEXIST when the file is something else than a lock.
  package init(socketPath: String) throws(IOError) {
    self.path = "\(socketPath).lock"
    self.descriptor = try Self.lock(self.path)
  }

  /// Removes the file and lets go of the lock; a blocking call, to be made once.
  package func release() {
    // In this order: who opens the file before it is gone and locks it after finds that the path isn't its any more.
    if Self.names(self.path, self.descriptor) {
      unlink(self.path)
    }
    close(self.descriptor)
  }

  private static func lock(_ path: String) throws(IOError) -> CInt {
    for _ in 0..<self.maxAttempts {
      // Not for the programs that the process may start, which would hold the lock, too.
      let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0o600)
      guard descriptor >= 0 else { throw IOError(errnoCode: errno, reason: "open \(path)") }
      do throws(IOError) {
        if try self.lock(descriptor, path) { return descriptor }
      } catch {
        close(descriptor)
        throw error
      }
      close(descriptor)
    }
    throw IOError(errnoCode: EADDRINUSE, reason: "lock \(path)")
  }

  /// Returns false when the file was removed meanwhile.
  private static func lock(_ descriptor: CInt, _ path: String) throws(IOError) -> Bool {
    guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
      let code = errno
      throw IOError(errnoCode: code == EWOULDBLOCK ? EADDRINUSE : code, reason: "lock \(path)")
    }
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { throw IOError(errnoCode: errno, reason: "fstat \(path)") }
    // It will be removed, so it mustn't be anybody's data.
    guard status.st_mode & S_IFMT == S_IFREG, status.st_size == 0 else {
      throw IOError(errnoCode: EEXIST, reason: "lock \(path)")
    }
    return self.names(path, descriptor)
  }

  /// Whether a path names the file that is open.
  private static func names(_ path: String, _ descriptor: CInt) -> Bool {
    var opened = stat()
    var named = stat()
    guard fstat(descriptor, &opened) == 0, lstat(path, &named) == 0 else { return false }
    return opened.st_dev == named.st_dev && opened.st_ino == named.st_ino
  }
}
