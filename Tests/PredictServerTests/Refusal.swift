import ServiceKit
import Synchronization
import Testing

/// Expects that a call is refused for a reason, and perhaps with a text in its message.
func expectRefusal(
  _ reason: ServiceError.Reason, saying text: String = "", sourceLocation: SourceLocation = #_sourceLocation,
  _ call: () async throws -> some Any
) async {
  do {
    _ = try await call()
    Issue.record("answered instead of \(reason)", sourceLocation: sourceLocation)
  } catch let error as ServiceError {
    #expect(error.reason == reason, sourceLocation: sourceLocation)
    #expect(text.isEmpty || error.message.contains(text), "\(error.message)", sourceLocation: sourceLocation)
  } catch {
    Issue.record("\(error) instead of \(reason)", sourceLocation: sourceLocation)
  }
}

/// Why a call was refused. Nil: it was answered, or failed.
func refusal(_ call: () async throws -> some Any) async -> ServiceError.Reason? {
  do {
    _ = try await call()
    return nil
  } catch {
    return (error as? ServiceError)?.reason
  }
}

/// How often something has happened.
final class Tally: Sendable {
  private let counted = Atomic(0)

  var count: Int { counted.load(ordering: .relaxed) }

  func add() { counted.add(1, ordering: .relaxed) }
}
