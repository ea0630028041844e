import GRPCCore

/// A server's fast paths by the `:path` of their method.
struct FastPathTable: Sendable {
  private let entries: [(path: [UInt8], fastPath: FastPath)]

  /// Of several fast paths for one method the first counts.
  init(_ fastPaths: [FastPath]) {
    self.entries = fastPaths.map { (Array("/\($0.method.fullyQualifiedMethod)".utf8), $0) }
  }

  /// The number of the fast path for a `:path`.
  func index(path: UnsafeBufferPointer<UInt8>) -> Int? {
    self.entries.firstIndex { $0.path.count == path.count && $0.path.elementsEqual(path) }
  }

  subscript(index: Int) -> FastPath {
    self.entries[index].fastPath
  }
}
