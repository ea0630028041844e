import GRPCCore

/// A server's fast paths by the `:path` of their method.
struct FastPathTable: Sendable {
  /// A class, because the calls in progress refer to it and a fast path is large to copy.
  final class Entry: Sendable {
    let path: [UInt8]
    let fastPath: FastPath

    fileprivate init(_ fastPath: FastPath) {
      self.path = Array("/\(fastPath.method.fullyQualifiedMethod)".utf8)
      self.fastPath = fastPath
    }
  }

  private let entries: [Entry]

  /// Of several fast paths for one method the first counts.
  init(_ fastPaths: [FastPath]) {
    self.entries = fastPaths.map { Entry($0) }
  }

  /// The fast path for a `:path`.
  subscript(path: UnsafeBufferPointer<UInt8>) -> Entry? {
    self.entries.first { entry in
      entry.path.withUnsafeBufferPointer { $0.count == path.count && $0.elementsEqual(path) }
    }
  }
}
