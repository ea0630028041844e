import GRPCCore
import GRPCNghttp2Transport
package import Logging
import ServiceKit
import ServiceLifecycle
import SwiftProtobuf
import Synchronization
package import TemporisAPI
import TokenDomain

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// Keeps the verifier's lease: registers, renews, and follows the revocation log, from the start of the process until
/// it has answered its last call.
///
/// It decides nothing: the rules are those of ``TokenDomain/VerifierRegistration``, which ``VerifiedCredentials``
/// holds. Whatever fails is tried again, and meanwhile the lease runs out by itself.
package struct LeaseKeeper<Client: Temporis_Token_V1_RevocationService.ClientProtocol>: Service {
  /// How long an answer to a registration is waited for, and the longest pause before the next one.
  private static var registrationTimeout: Duration { .seconds(1) }
  private static var shortestPause: Duration { .milliseconds(20) }
  private static var longestPause: Duration { .milliseconds(500) }

  let client: Client
  let credentials: VerifiedCredentials
  let metrics = RevocationMetrics()
  private let faults: FaultLog
  private let lastFault = LastFault()
  private let abandoned = AbandonedSessions()

  /// Creates a keeper that asks the token service through `client` for the lease of `credentials`.
  package init(client: Client, credentials: VerifiedCredentials, logger: Logger) {
    self.client = client
    self.credentials = credentials
    faults = FaultLog(logger: logger)
  }

  /// Keeps the lease until the process drains, and then gives it back, so that no deletion waits for it.
  package func run() async throws {
    await cancelWhenGracefulShutdown {
      var pause = Self.shortestPause
      while !Task.isCancelled {
        let session = newSessionID()
        // Even if the answer is lost, it may count.
        abandoned.add(session, isRegistered: false)
        if let lease = await register(session) {
          abandoned.remove(session)
          let began = ContinuousClock.now
          await keep(session, lease)
          if credentials.sessionID != session { abandoned.add(session, isRegistered: true) }
          // One that ends at once would, registered again and again, only fill the table of leases.
          if ContinuousClock.now > began + lease { pause = Self.shortestPause }
        }
        try? await ServiceKit.pause(for: pause)
        pause = min(pause * 2, Self.longestPause)
      }
    }
    await giveBack()
  }

  private func newSessionID() -> VerifierSessionID {
    var generator = SystemRandomNumberGenerator()
    return VerifierSessionID(using: &generator)
  }

  /// Registers a new session, and returns its lease; `nil` when that failed.
  private func register(_ session: VerifierSessionID) async -> Duration? {
    credentials.register(as: session, at: .now)
    do {
      let response = try await CallDeadline.within(Self.registrationTimeout) {
        try await client.registerVerifier(.with { $0.sessionID = Data(session.bytes) })
      }
      let lease = Duration(response.lease)
      guard response.hasPosition, lease > .zero else {
        throw ServiceError(.unavailable, "The token-service registers a verifier without a place in its log.")
      }
      return credentials.registered(session, at: LogPosition(response.position), lease: lease) ? lease : nil
    } catch {
      noteFault("Can't register with the token-service", error)
      return nil
    }
  }

  /// Renews the lease and follows the log until the session is over. Meanwhile it ends the earlier ones.
  private func keep(_ session: VerifierSessionID, _ lease: Duration) async {
    await withTaskGroup(of: Bool.self) { group in
      group.addTask {
        await renew(session, every: lease / 3)
        return true
      }
      group.addTask {
        await RevocationStream(keeper: self, session: session, lease: lease).follow()
        return true
      }
      group.addTask {
        await endAbandoned()
        return false
      }
      // Either of the first two ends only with the session, which is the other's end, too.
      while await group.next() == false {}
      group.cancelAll()
    }
  }

  /// Asks for a longer lease again and again. A question that is not answered in time doesn't keep the next one: it may
  /// have gone to a replica that hangs.
  private func renew(_ session: VerifierSessionID, every interval: Duration) async {
    await withTaskGroup(of: Void.self) { group in
      var asked = 0
      while !Task.isCancelled, credentials.sessionID == session {
        // Three at a time: more would only wait for the same replicas.
        if asked == 3 {
          await group.next()
          asked -= 1
        }
        group.addTask { await renewOnce(session, within: interval * 2) }
        asked += 1
        try? await ServiceKit.pause(for: interval)
      }
      group.cancelAll()
    }
  }

  /// Asks for a longer lease, until it is granted or the session is over.
  private func renewOnce(_ session: VerifierSessionID, within timeout: Duration) async {
    let end = ContinuousClock.now + timeout
    while !Task.isCancelled, ContinuousClock.now < end,
      let renewal = credentials.renewal(at: .now), renewal.session == session
    {
      do {
        let response = try await CallDeadline.within(ContinuousClock.now.duration(to: end)) {
          try await client.renewLease(.with { $0.sessionID = Data(session.bytes) })
        }
        switch response.outcome {
        case .extended:
          return credentials.renewed(renewal, .extended(Duration(response.lease)))
        case .behind:
          // What is missing is on its way: it is applied, acknowledged, and the lease asked for again.
          credentials.renewed(renewal, .behind)
        case .ended:
          return credentials.renewed(renewal, .ended)
        case .unspecified, .UNRECOGNIZED:
          throw ServiceError(.unavailable, "The token-service answers with an outcome that this version does not know.")
        }
      } catch {
        noteFault("Can't renew the lease", error)
      }
      try? await ServiceKit.pause(for: .milliseconds(10))
    }
  }

  /// Ends the session, and all before it. The verifier answers no more.
  private func giveBack() async {
    if let session = credentials.sessionID {
      credentials.end(session)
      abandoned.add(session, isRegistered: true)
    }
    await endAbandoned()
  }

  /// Ends the leases of sessions that were given up, for which deletions would wait; the last one first.
  private func endAbandoned() async {
    for session in abandoned.sessions.reversed() {
      guard await endLease(of: session) else { return }
      abandoned.remove(session)
    }
  }

  /// Ends the lease of a session; returns whether that succeeded.
  private func endLease(of session: VerifierSessionID) async -> Bool {
    do {
      _ = try await CallDeadline.within(Self.registrationTimeout) {
        try await client.endLease(.with { $0.sessionID = Data(session.bytes) })
      }
      return true
    } catch {
      let message: Logger.Message = "Can't give a lease back, so that deletions wait for its end"
      if !Task.isCancelled { faults.note(message, kind: "\(message)", error) }
      return false
    }
  }

  /// Logs a fault, unless it is the end of the process.
  func noteFault(_ message: Logger.Message, _ error: any Error) {
    guard !Task.isCancelled else { return }
    lastFault.note(error)
    faults.note(message, kind: "\(message)", error)
  }

  /// Returns when the verifier may answer; just after the start, once it is known whether it may.
  ///
  /// - Throws: ``ServiceError`` `unavailable` with what has failed last.
  package func check() async throws {
    while credentials.sessionID == nil, lastFault.error == nil { try await ServiceKit.pause(for: .milliseconds(20)) }
    do throws(ServiceError) {
      try credentials.checkLease()
    } catch {
      throw ServiceError(.unavailable, error.message, cause: lastFault.error)
    }
  }
}

/// What has failed last.
private final class LastFault: Sendable {
  private let fault = Mutex<(any Error)?>(nil)

  var error: (any Error)? { fault.withLock(\.self) }

  func note(_ error: any Error) {
    fault.withLock { $0 = error }
  }
}

/// Sessions that a verifier has given up and not ended yet.
private final class AbandonedSessions: Sendable {
  private struct Session: Sendable {
    let id: VerifierSessionID
    /// Whether the token service has said that it registered it.
    let isRegistered: Bool
  }

  /// One that is beyond it ends by itself.
  private static let limit = 16

  private let list = Mutex<[Session]>([])

  /// In the order in which they were added.
  var sessions: [VerifierSessionID] { list.withLock { $0.map(\.id) } }

  func add(_ id: VerifierSessionID, isRegistered: Bool) {
    list.withLock { list in
      list.append(Session(id: id, isRegistered: isRegistered))
      guard list.count > Self.limit else { return }
      // Rather one that most likely is none.
      list.remove(at: list.firstIndex { !$0.isRegistered } ?? 0)
    }
  }

  func remove(_ id: VerifierSessionID) {
    list.withLock { $0.removeAll { $0.id == id } }
  }
}
