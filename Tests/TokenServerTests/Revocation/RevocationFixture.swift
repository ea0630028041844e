import GRPCCore
import Postgres
import ServiceKit
import SwiftProtobuf
import Synchronization
import TemporisAPI
import TestSupport
import Testing
import TokenDomain
import TokenServer

extension VerifierSessionID {
  /// A session that no other test has.
  static var fresh: VerifierSessionID {
    var generator = SystemRandomNumberGenerator()
    return VerifierSessionID(using: &generator)
  }
}

extension TokenServiceFixture {
  /// Another replica of the service over the same database.
  func replica(lease: Duration = .seconds(60)) throws -> TokenService {
    TokenService(
      database: database, peppers: try .test("1"), sessionLifetime: .seconds(3_600), lease: lease, logger: .silent)
  }

  /// The log and the leases.
  var log: RevocationStore { store.revocations.store }

  /// The log's end.
  func end() async throws -> LogPosition {
    try #require(try await log.entries(from: 0, limit: 1_000_000).last).position
  }

  /// Registers a verifier that nobody hears of again.
  func registered(lease: Duration = .seconds(60)) async throws -> VerifierSessionID {
    let session = VerifierSessionID.fresh
    _ = try await log.register(session, lease: lease)
    return session
  }

  /// Commits a revision of a credential, as if it had been changed, and does not wait for verifiers.
  @discardableResult
  func appendRevision(of credential: String = "tok_x") async throws -> LogPosition {
    try await owner.transaction { transaction in try await log.append([.credential(credential)], in: transaction) }
  }

  /// Commits a change of nothing but the log, and waits for verifiers.
  @discardableResult
  func revoke(_ subjects: Revocation.Subject..., by store: TokenStore? = nil) async throws -> RevocationReceipt {
    try await (store ?? self.store).revoke { _ in (subjects, ()) }.receipt
  }

  /// Has a verifier acknowledge the log's present end.
  func acknowledge(_ session: VerifierSessionID) async throws {
    try await log.acknowledge([session: try await end()])
  }

  /// A lease's columns; `nil` when it is gone.
  func lease(_ session: VerifierSessionID) async throws -> StoredLease? {
    let rows = try await owner.query(
      "SELECT acknowledged, floor FROM token.verifier_lease WHERE session = $1", .bytea(session.bytes))
    return try rows.first.map { StoredLease(acknowledged: try $0.decode(0), floor: try $0.decode(1)) }
  }

  /// The name of the database, for psql.
  func databaseName() async throws -> String {
    try #require(try await owner.query("SELECT current_database()::text").first).decode(0)
  }

  /// Gives what runs beside the test time for many round trips to the database, and for several of its rounds: more
  /// than a wrong answer would take.
  func settle() async throws {
    let end = ContinuousClock.now + .milliseconds(250)
    while ContinuousClock.now < end { _ = try await count("SELECT count(*) FROM token.revocation") }
  }

  /// Waits until a statement of the service waits for a lock.
  func waitForLockWait() async throws {
    try await eventually("a statement waits for a lock") {
      try await count(
        """
        SELECT count(*) FROM pg_stat_activity
        WHERE datname = current_database() AND usename = 'temporis_token' AND wait_event_type = 'Lock'
        """) > 0 ? () : nil
    }
  }
}

/// What the database holds of a verifier's lease.
struct StoredLease: Hashable {
  let acknowledged: Int64
  let floor: Int64
}

/// A verifier's stream, whose both ends are the test's.
final class TestStream: Sendable {
  /// What the service has sent so far.
  private let sent = Mutex<[Temporis_Token_V1_WatchRevocationsResponse]>([])
  private let requests: AsyncThrowingStream<Temporis_Token_V1_WatchRevocationsRequest, any Error>.Continuation
  private let call: Mutex<Task<Void, any Error>?> = Mutex(nil)
  private let server = Mutex<ServerContext.RPCCancellationHandle?>(nil)

  private struct Writer: RPCWriterProtocol {
    let stream: TestStream

    func write(_ element: Temporis_Token_V1_WatchRevocationsResponse) async throws {
      stream.sent.withLock { $0.append(element) }
    }

    func write(contentsOf elements: some Sequence<Temporis_Token_V1_WatchRevocationsResponse>) async throws {
      for element in elements { try await write(element) }
    }
  }

  /// Opens a stream, and begins it as a verifier would when `session` is given.
  init(_ service: TokenService, session: VerifierSessionID? = nil, after position: LogPosition? = nil) {
    let (messages, continuation) = AsyncThrowingStream.makeStream(
      of: Temporis_Token_V1_WatchRevocationsRequest.self, throwing: (any Error).self)
    requests = continuation
    let task = Task {
      try await withServerContextRPCCancellationHandle { handle in
        self.server.withLock { $0 = handle }
        try await service.revocations.watchRevocations(
          request: RPCAsyncSequence(wrapping: messages), response: RPCWriter(wrapping: Writer(stream: self)),
          context: .test)
      }
    }
    call.withLock { $0 = task }
    if let session, let position { send(position, session: session.bytes) }
  }

  /// Everything that was sent, entry by entry.
  var revocations: [Temporis_Token_V1_Revocation] { responses.flatMap(\.revocations) }

  var responses: [Temporis_Token_V1_WatchRevocationsResponse] { sent.withLock { $0 } }

  /// Sends a place in the log: the first one with a session, acknowledgements without.
  func send(_ position: LogPosition, session: [UInt8] = []) {
    requests.yield(
      .with {
        $0.sessionID.append(contentsOf: session)
        $0.applied.revision = position.revision
        $0.applied.tag = position.tag
      })
  }

  /// Closes the verifier's side.
  func finish() {
    requests.finish()
  }

  /// Ends the call as a client does that goes away.
  func cancel() {
    call.withLock { $0 }?.cancel()
  }

  /// Tells the call to end, as a server does that shuts down.
  func shutDown() {
    server.withLock { $0 }?.cancel()
  }

  /// Waits for the service to end the call.
  func end() async throws {
    try await call.withLock { $0 }?.value
  }
}
