import ServiceKit
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

/// Waits for a condition, ten seconds at most.
func wait(
  until condition: () async throws -> Bool, sourceLocation: SourceLocation = #_sourceLocation
) async throws {
  let deadline = ContinuousClock.now + .seconds(10)
  while try await !condition() {
    guard ContinuousClock.now < deadline else {
      Issue.record("waited in vain", sourceLocation: sourceLocation)
      return
    }
    await Task.yield()
  }
}
