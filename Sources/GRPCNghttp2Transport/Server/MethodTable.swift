import GRPCCore

/// The methods that a server serves, by their `:path`, so that a call of one makes no strings.
struct MethodTable: Sendable {
  /// Who is called.
  enum Target: Sendable {
    case fastPath(FastPathEntry)
    case method(MethodDescriptor)
  }

  /// A fast path; a class, because the calls in progress refer to it and a fast path is large to copy.
  final class FastPathEntry: Sendable {
    let fastPath: FastPath

    fileprivate init(_ fastPath: FastPath) {
      self.fastPath = fastPath
    }
  }

  private struct Entry {
    let path: [UInt8]
    let target: Target
  }

  /// The entries by the length of their paths.
  private let entries: [[Entry]]

  /// A method's fast path comes before its handler; of several the first counts.
  init(methods: [MethodDescriptor], fastPaths: [FastPath]) {
    let targets =
      fastPaths.map { ($0.method, Target.fastPath(FastPathEntry($0))) } + methods.map { ($0, Target.method($0)) }
    let all = targets.map { Entry(path: Array("/\($0.fullyQualifiedMethod)".utf8), target: $1) }
    let longest = all.map(\.path.count).max() ?? 0
    self.entries = (0...longest).map { length in all.filter { $0.path.count == length } }
  }

  /// Who is called by a `:path`; nil when no method has it.
  subscript(path: UnsafeBufferPointer<UInt8>) -> Target? {
    guard path.count < self.entries.count else { return nil }
    return self.entries[path.count].first { entry in
      entry.path.withUnsafeBufferPointer { $0.elementsEqual(path) }
    }?.target
  }
}
