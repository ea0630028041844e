@preconcurrency import Dispatch
package import Foundation
import ServiceKit
import Synchronization

/// The identities of a running stack: made at its start, renewed while it runs, and removed at its end.
package final class StackCertificates: Sendable {
  private struct State {
    /// The times between which the certificates are good, by this machine's clock; `nil` when there are none yet.
    var current: Range<Date>?
    var timer: (any DispatchSourceTimer)?
    var hasEnded = false
    var hasFailed = false
  }

  /// The folder of their files.
  package let folder: CertificateFolder
  private let authority: CertificateAuthority
  private let lifetime: Duration
  private let state: Mutex<State>

  /// Makes an authority, and an identity for each workload.
  /// - Parameter lifetime: The time for which a certificate is valid; it is renewed when half of that has passed.
  /// - Throws: ``LocalStackError`` when the folder cannot be written.
  package init(folder: CertificateFolder, lifetime: Duration, at now: Date = Date()) throws {
    self.folder = folder
    self.lifetime = lifetime
    authority = try CertificateAuthority(at: now)
    state = Mutex(State())
    try folder.create()
    try folder.write(authority: authority.certificate)
    try renewIfDue(at: now)
  }

  /// Gives every workload a new key and certificate, if half of the old one's time has passed, or if the clock was set
  /// back to a time before the old one is valid.
  /// - Returns: Whether they were renewed.
  @discardableResult
  package func renewIfDue(at now: Date = Date()) throws -> Bool {
    try state.withLock { state in
      guard !state.hasEnded, state.current?.contains(now) != true else { return false }
      for workload in Workload.allCases {
        try folder.write(authority.issue(to: workload, lifetime: lifetime, at: now), for: workload)
      }
      state.current = now - CertificateAuthority.clockSkew..<now + lifetime / .seconds(2)
      return true
    }
  }

  /// Renews them from now on, on a queue of its own, because writing a file blocks.
  ///
  /// It reads the clock at intervals instead of waiting for a moment: a machine may sleep, and a clock may be set.
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
      // Said once: the next attempt comes soon, and there is time until the old ones end.
      let isFirst = state.withLock { state in
        defer { state.hasFailed = true }
        return !state.hasFailed
      }
      if isFirst { Terminal.error.line("temporis: The services' certificates are not renewed, for now: \(error)") }
    }
  }

  /// Stops renewing and removes the folder. Nobody trusts the authority's signature after this.
  package func end() {
    let timer = state.withLock { state in
      state.hasEnded = true
      return state.timer
    }
    timer?.cancel()
    folder.remove()
  }
}
