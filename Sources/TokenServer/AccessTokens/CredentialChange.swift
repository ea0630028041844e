import Postgres
import ServiceKit
import TokenDomain

/// What became of a change to what look-ups answer of a credential.
enum CredentialChange<Value: Sendable>: Sendable {
  /// It was made.
  case made(Value)
  /// It was made before, maybe a moment ago.
  case alreadyMade(Value)
  /// It can't be made.
  case refused(ServiceError)

  /// What the change leads to.
  ///
  /// - Throws: The refusal.
  func get() throws(ServiceError) -> Value {
    switch self {
    case .made(let value), .alreadyMade(let value): return value
    case .refused(let error): throw error
    }
  }
}

extension TokenStore {
  /// Changes what look-ups answer of a credential, and returns once no verifier answers by what was before.
  ///
  /// A change that was made already, and one that is refused, wait like the first one: its caller may have lost the
  /// answer, or not have one yet. So refusals are returned by `body`, not thrown.
  ///
  /// - Parameters:
  ///   - id: The access token's or the session's id.
  ///   - body: Makes the change, and writes its audit record. It may run again.
  func change<Value: Sendable>(
    _ id: String, _ body: @escaping @Sendable (Transaction) async throws -> CredentialChange<Value>
  ) async throws -> (value: Value, receipt: RevocationReceipt) {
    let (change, receipt) = try await revoke(of: id) { transaction in
      let change = try await body(transaction)
      if case .made = change { return ([.credential(id)], change) }
      return ([], change)
    }
    return (try change.get(), receipt)
  }
}
