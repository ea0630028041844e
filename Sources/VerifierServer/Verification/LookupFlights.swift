import GRPCNghttp2Transport
import ServiceKit
import Synchronization
import TokenDomain

/// What a look-up has found, and when it was asked.
struct Evidence: Sendable {
  let lookup: CredentialLookup
  /// The time before the question.
  let asked: ContinuousClock.Instant
}

/// Look-ups that are on their way, one for each secret, however many calls wait for it: after a start all verifiers
/// would ask for all secrets as often as they are used otherwise.
///
/// A look-up has its own deadline, its source's, and goes on when who began it gives up.
final class LookupFlights: Sendable {
  private struct State {
    var flights: [SecretHash: Flight] = [:]
    var begun = 0
    var joined = 0
  }

  private let source: any CredentialLookupSource
  private let limit: Int
  private let whenFound: @Sendable (Evidence, SecretHash) -> Void
  private let state = Mutex(State())

  /// Makes room for look-ups.
  ///
  /// - Parameters:
  ///   - source: What is asked.
  ///   - limit: The most look-ups at a time.
  ///   - whenFound: Takes what each look-up has found, before those who wait for it do.
  init(
    source: any CredentialLookupSource, limit: Int, whenFound: @escaping @Sendable (Evidence, SecretHash) -> Void
  ) {
    self.source = source
    self.limit = limit
    self.whenFound = whenFound
  }

  /// How many look-ups were begun, and how many calls have waited for another one's.
  var counts: (begun: Int, joined: Int) { state.withLock { ($0.begun, $0.joined) } }

  /// Looks a secret up, or waits for who does already.
  ///
  /// - Returns: What was found, and whether this call has begun the look-up.
  /// - Throws: ``ServiceError`` `unavailable` when there are too many look-ups or it takes until `deadline`,
  ///   `CancellationError` when the task is cancelled, or what the source throws.
  func evidence(for hash: SecretHash, until deadline: ContinuousClock.Instant) async throws -> (Evidence, isOwn: Bool) {
    let (flight, isOwn) = try board(hash)
    if isOwn { begin(flight, hash) }
    while true {
      let version = flight.changes.version
      if let result = flight.result.withLock(\.self) { return (try result.get(), isOwn) }
      guard try await flight.changes.wait(beyond: version, until: deadline) else {
        throw ServiceError(.unavailable, "The token-service does not answer in time.")
      }
    }
  }

  private func board(_ hash: SecretHash) throws(ServiceError) -> (Flight, isOwn: Bool) {
    let boarded: (Flight, Bool)? = state.withLock { state in
      if let flight = state.flights[hash] {
        state.joined += 1
        return (flight, false)
      }
      guard state.flights.count < limit else { return nil }
      let flight = Flight()
      state.begun += 1
      state.flights[hash] = flight
      return (flight, true)
    }
    guard let boarded else { throw ServiceError(.unavailable, "Too many credentials are being looked up.") }
    return boarded
  }

  /// A task of its own, whose deadline is not that of the call.
  private func begin(_ flight: Flight, _ hash: SecretHash) {
    CallDeadline.$current.withValue(nil) {
      _ = Task {
        let asked = ContinuousClock.now
        let result: Result<Evidence, any Error>
        do {
          let evidence = Evidence(lookup: try await source.lookUp(hash), asked: asked)
          whenFound(evidence, hash)
          result = .success(evidence)
        } catch {
          result = .failure(error)
        }
        // Who finds that it does not count looks up anew, and so must not find this one.
        state.withLock { _ = $0.flights.removeValue(forKey: hash) }
        flight.result.withLock { $0 = result }
        flight.changes.notify()
      }
    }
  }

  private final class Flight: Sendable {
    let result = Mutex<Result<Evidence, any Error>?>(nil)
    let changes = ChangeSignal()
  }
}
