package import GRPCCore
import GRPCNghttp2Transport

/// Which workloads alone may call which methods. A method that is not listed is every workload's.
package struct CallerRules: Sendable {
  private let callers: [MethodDescriptor: Set<String>]

  /// Admits to each method the workloads with these names.
  package init(_ callers: [MethodDescriptor: Set<String>]) {
    self.callers = Dictionary(callers.map { ($0.key.untyped, $0.value) }) { $0.intersection($1) }
  }

  /// Whether a method is listed.
  package func restrict(_ method: MethodDescriptor) -> Bool {
    callers[method.untyped] != nil
  }

  /// Whether who has this identity may call a method; one without an identity may call none that is listed.
  package func admit(_ identity: String?, to method: MethodDescriptor) -> Bool {
    guard let admitted = callers[method.untyped] else { return true }
    return identity.flatMap { SPIFFEID($0) }.map { admitted.contains($0.workload) } ?? false
  }
}
