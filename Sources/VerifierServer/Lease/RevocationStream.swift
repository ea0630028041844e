import GRPCCore
import Logging
import ServiceKit
import SwiftProtobuf
import Synchronization
import TemporisAPI
import TokenDomain

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// Follows the revocation log for one session: applies its entries, and acknowledges them once they are applied.
struct RevocationStream<Client: Temporis_Token_V1_RevocationService.ClientProtocol>: Sendable {
  let keeper: LeaseKeeper<Client>
  let session: VerifierSessionID
  /// How long the lease holds, in half of which a stream has to say something.
  let lease: Duration

  private var credentials: VerifiedCredentials { keeper.credentials }
  private var isSessionOver: Bool { credentials.sessionID != session }

  /// Follows the log until the session is over. A stream that ends is replaced, and so is one that falls silent. That
  /// one goes on until its successor has heard something: a client gives a call to the replica that has the fewest, so
  /// not to the one that hangs.
  func follow() async {
    var predecessor: Task<Void, Never>?
    while !Task.isCancelled, !isSessionOver {
      let heard = LastHeard()
      let (ends, end) = AsyncStream.makeStream(of: Never.self)
      let stream = Task { [predecessor] in
        await followOnce(heard, replacing: predecessor)
        end.finish()
      }
      let isSilent = await isSilent(heard, before: ends)
      predecessor?.cancel()
      predecessor = stream
      if !isSilent { try? await pause(for: .milliseconds(20)) }
    }
    predecessor?.cancel()
  }

  /// Waits until a stream has been silent for too long (true) or has ended (false).
  private func isSilent(_ heard: LastHeard, before ends: AsyncStream<Never>) async -> Bool {
    await withTaskGroup(of: Bool.self) { group in
      group.addTask {
        for await _ in ends {}
        return false
      }
      group.addTask {
        await heard.waitForSilence(of: lease / 2)
        return true
      }
      defer { group.cancelAll() }
      return await group.next() ?? false
    }
  }

  /// Opens one stream and follows it to its end.
  private func followOnce(_ heard: LastHeard, replacing predecessor: Task<Void, Never>?) async {
    guard let start = credentials.position, !isSessionOver else { return }
    // The newest alone counts: to acknowledge a place is to acknowledge all before it.
    let (acknowledgements, acknowledge) = AsyncStream.makeStream(
      of: LogPosition.self, bufferingPolicy: .bufferingNewest(1))
    do {
      try await keeper.client.watchRevocations { [session] writer in
        try await writer.write(
          .with {
            $0.sessionID = Data(session.bytes)
            $0.applied = .init(start)
          })
        for await position in acknowledgements { try await writer.write(.with { $0.applied = .init(position) }) }
      } onResponse: { response in
        defer { acknowledge.finish() }
        for try await message in response.messages {
          heard.note()
          predecessor?.cancel()
          guard take(message) else { return }
          // Also what was acknowledged before, as an acknowledgement may have been lost.
          if let position = credentials.position, !isSessionOver { acknowledge.yield(position) }
        }
      }
    } catch {
      keeper.noteFault("The stream of revocations broke", error)
    }
  }

  /// Applies a message. Returns whether the stream goes on.
  private func take(_ message: Temporis_Token_V1_WatchRevocationsResponse) -> Bool {
    if message.reset {
      credentials.end(session)
      return false
    }
    guard !message.revocations.isEmpty else { return !isSessionOver }
    let received = ContinuousClock.now
    let change = credentials.receive(message.revocations.map { Revocation($0) }, for: session)
    keeper.metrics.record(message.revocations.count, received: received)
    return change != .reopen
  }
}

/// When a stream was last heard.
private final class LastHeard: Sendable {
  private let time = Mutex(ContinuousClock.now)

  func note() {
    time.withLock { $0 = .now }
  }

  /// Returns once nothing was heard for so long.
  func waitForSilence(of limit: Duration) async {
    while !Task.isCancelled {
      let left = ContinuousClock.now.duration(to: time.withLock { $0 } + limit)
      guard left > .zero else { return }
      try? await pause(for: left)
    }
  }
}

extension Revocation {
  fileprivate init(_ message: Temporis_Token_V1_Revocation) {
    let subject: Subject =
      switch message.kind {
      case .credential: .credential(message.subjectID)
      case .account: .account(message.subjectID)
      // A later version's kind: whatever it is about is forgotten with all else.
      case .unspecified, .UNRECOGNIZED: .everything
      }
    self.init(at: LogPosition(message.position), of: subject)
  }
}

extension LogPosition {
  /// The place of a message.
  init(_ message: Temporis_Token_V1_LogPosition) {
    self.init(revision: message.revision, tag: message.tag)
  }
}

extension Temporis_Token_V1_LogPosition {
  fileprivate init(_ position: LogPosition) {
    self.init()
    revision = position.revision
    tag = position.tag
  }
}
