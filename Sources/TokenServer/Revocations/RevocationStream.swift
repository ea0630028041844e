import GRPCCore
import ServiceKit
import SwiftProtobuf
import TemporisAPI
import TokenDomain

/// One verifier's stream: sends it the log from where it stands, and takes its acknowledgements.
struct RevocationStream: Sendable {
  /// How often the log is read, although nothing wakes the stream.
  private static let interval = Duration.milliseconds(100)
  /// The most entries of a message.
  private static let pageLimit = 1_000

  let revocations: Revocations
  /// How long the verifier's lease holds: it takes a stream that is silent for half of it for a broken one.
  let lease: Duration

  /// Goes on until the verifier has to register anew, which is at once without a lease, or the call or the server ends.
  /// A verifier that closes its side is sent the log all the same.
  func run(
    _ requests: RPCAsyncSequence<Temporis_Token_V1_WatchRevocationsRequest, any Error>,
    _ responses: RPCWriter<Temporis_Token_V1_WatchRevocationsResponse>
  ) async throws {
    try await revocations.signal.withWakeups { wakeups in
      try await withRPCCancellationHandler {
        let (starts, start) = AsyncStream.makeStream(of: (session: VerifierSessionID, position: LogPosition).self)
        try await withThrowingTaskGroup(of: Bool.self) { group in
          group.addTask {
            defer { start.finish() }
            try await receive(requests) { session, position in
              start.yield((session, position))
              start.finish()
            }
            return false
          }
          group.addTask {
            // Without a place to begin at, why there is none is what the call ends with.
            var hasBegun = false
            for await (session, position) in starts {
              hasBegun = true
              try await send(from: position, of: session, to: responses, wakenBy: wakeups)
            }
            return hasBegun
          }
          while let isSent = try await group.next(), !isSent {}
          group.cancelAll()
        }
      } onCancelRPC: {
        wakeups.end()
      }
    }
  }

  /// Reads the requests: where to begin, and then acknowledgements.
  private func receive(
    _ requests: RPCAsyncSequence<Temporis_Token_V1_WatchRevocationsRequest, any Error>,
    begin: (VerifierSessionID, LogPosition) -> Void
  ) async throws {
    var session: VerifierSessionID?
    for try await request in requests {
      let position = LogPosition(revision: request.applied.revision, tag: request.applied.tag)
      if let session {
        revocations.acknowledgements.note(position, of: session)
      } else {
        let first = try VerifierSessionID(request.sessionID)
        session = first
        begin(first, position)
      }
    }
    guard session != nil else { throw ServiceError(violating: "session_id", "must come in a first request") }
  }

  /// Sends the log until it does not hold what the verifier has applied, or the session is over.
  ///
  /// - Throws: When the log can't be read, so that the verifier turns to another replica, and when the call or the
  ///   server ends.
  private func send(
    from position: LogPosition, of session: VerifierSessionID,
    to responses: RPCWriter<Temporis_Token_V1_WatchRevocationsResponse>,
    wakenBy wakeups: Wakeups
  ) async throws {
    var feed = RevocationFeed(after: position)
    // A stream begins with a sign of life.
    var isDue = true
    var sent = ContinuousClock.now
    while true {
      let entries = try await revocations.store.entries(
        from: feed.position.revision, for: session, limit: Self.pageLimit)
      switch feed.read(entries) {
      case .reset:
        return try await responses.write(.with { $0.reset = true })
      case .send(let new) where !new.isEmpty || isDue:
        try await responses.write(.with { $0.revocations = new.map { Temporis_Token_V1_Revocation($0) } })
        sent = .now
      case .send:
        break
      }
      if entries.count < Self.pageLimit {
        let left = ContinuousClock.now.duration(to: sent + lease / 5)
        guard await wakeups.wait(atMost: max(.zero, min(Self.interval, left))) else {
          throw RPCError.shutdownOrCancellation
        }
      }
      isDue = ContinuousClock.now >= sent + lease / 5
    }
  }
}

extension Temporis_Token_V1_Revocation {
  fileprivate init(_ revocation: Revocation) {
    self.init()
    position = Temporis_Token_V1_LogPosition(revocation.position)
    switch revocation.subject {
    case .credential(let id): (kind, subjectID) = (.credential, id)
    case .account(let id): (kind, subjectID) = (.account, id)
    // No credential has an empty id.
    case .nothing: kind = .credential
    // What this version does not know, nor the verifier then: it forgets everything.
    case .everything: kind = .unspecified
    }
  }
}
