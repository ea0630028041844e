@preconcurrency import Dispatch
package import Foundation
import Synchronization

/// The identities of a running stack: made at its start, renewed while it runs, and gone with it.
package final class StackCertificates: Sendable {
  private struct State {
    var renewal: Date
    var timer: (any DispatchSourceTimer)?
    var hasEnded = false
    var hasFailed = false
  }

  /// Where they lie.
  package let folder: CertificateFolder
  private let authority: CertificateAuthority
  private let lifetime: Duration
  private let state: Mutex<State>

  /// Makes an authority, and an identity for each workload.
  /// - Parameter lifetime: How long a certificate works; it is renewed when half of that has passed.
  /// - Throws: ``LocalStackError`` when the folder cannot be written.
  package init(folder: CertificateFolder, lifetime: Duration, at now: Date = Date()) throws {
    self.folder = folder
    self.lifetime = lifetime
    authority = try CertificateAuthority(at: now)
    state = Mutex(State(renewal: now))
    try folder.create()
    try folder.write(authority: authority.certificate)
    try renewIfDue(at: now)
  }

  /// Gives every workload a new key and certificate, if half of the old one's time has passed.
  /// - Returns: Whether it has.
  @discardableResult
  package func renewIfDue(at now: Date = Date()) throws -> Bool {
    try state.withLock { state in
      guard !state.hasEnded, now >= state.renewal else { return false }
      for workload in Workload.allCases {
        try folder.write(authority.issue(to: workload, lifetime: lifetime, at: now), for: workload)
      }
      state.renewal = now + lifetime / .seconds(2)
      return true
    }
  }

  /// Renews them from now on, on a queue of its own: to write a file blocks.
  ///
  /// It looks at the clock now and then instead of waiting for a moment, which a machine that slept would miss.
  func keepRenewing() {
    let timer = DispatchSource.makeTimerSource(queue: DispatchQueue(label: "temporis.certificates", qos: .utility))
    timer.setEventHandler { [weak self] in self?.renewOrSayWhyNot() }
    let interval = min(60, lifetime / .seconds(20))
    timer.schedule(deadline: .now() + interval, repeating: interval)
    timer.activate()
    state.withLock { $0.timer = timer }
  }

  private func renewOrSayWhyNot() {
    do {
      if try renewIfDue() { state.withLock { $0.hasFailed = false } }
    } catch {
      // Once: the next attempt comes soon, and there is time until the old ones end.
      let isFirst = state.withLock { state in
        defer { state.hasFailed = true }
        return !state.hasFailed
      }
      if isFirst { Terminal.error.line("temporis: The services' certificates are not renewed, for now: \(error)") }
    }
  }

  /// Stops, and removes all of them: after this the authority's signature is worth nothing, as nobody believes it.
  package func end() {
    let timer = state.withLock { state in
      state.hasEnded = true
      return state.timer
    }
    timer?.cancel()
    folder.remove()
  }
}
