import Dispatch
import Foundation

/// A file, or standard input, read piece by piece.
final class FileChunks: Sendable {
  /// The file's size in bytes; `nil` when it is unknown, as for a pipe.
  let size: Int64?

  private let descriptor: CInt
  // Reading blocks: it has a thread of its own.
  private let queue = DispatchQueue(label: "temporis.file")

  /// Opens a file; `-` is standard input.
  init(path: String) throws {
    if path == "-" {
      descriptor = dup(STDIN_FILENO)
    } else {
      descriptor = Foundation.open(path, O_RDONLY | O_CLOEXEC)
    }
    guard descriptor >= 0 else {
      throw CommandFailure("\(path) cannot be read: \(String(cString: strerror(errno)))")
    }
    // A pipe has no end to go to.
    let end = lseek(descriptor, 0, SEEK_END)
    size = end > 0 ? Int64(end) : nil
    if end >= 0 { lseek(descriptor, 0, SEEK_SET) }
  }

  deinit { close(descriptor) }

  /// The next bytes, at most 256 KiB. Empty: the end.
  func next() async throws -> [UInt8] {
    try await withCheckedThrowingContinuation { continuation in
      queue.async { continuation.resume(with: Result { try self.read() }) }
    }
  }

  private func read() throws -> [UInt8] {
    var failure: CInt = 0
    let chunk = [UInt8](unsafeUninitializedCapacity: 256 << 10) { buffer, count in
      var read: Int
      repeat {
        read = Foundation.read(descriptor, buffer.baseAddress, buffer.count)
        failure = read < 0 ? errno : 0
      } while failure == EINTR
      count = max(0, read)
    }
    guard failure == 0 else { throw CommandFailure("The file cannot be read: \(String(cString: strerror(failure)))") }
    return chunk
  }
}

/// Standard input, read by a person's line.
enum StandardInput {
  /// Reads a line, without its end. Waiting for it blocks: it has a thread of its own.
  ///
  /// - Returns: `nil` at the end of the input.
  static func line() async -> String? {
    await withCheckedContinuation { continuation in
      Thread.detachNewThread { continuation.resume(returning: readLine(strippingNewline: true)) }
    }
  }
}
