import Logging
import Postgres
import ServiceKit
import ServiceLifecycle

/// The parts of a replica that keep verifiers up to date, put together over one database.
package struct Revocations: Sendable {
  /// The log and the leases.
  package let store: RevocationStore
  /// Commits changes that verifiers have to learn.
  let writer: RevocationWriter
  /// Writes what they have learned.
  let acknowledgements: AcknowledgementWriter
  /// Wakes their streams.
  let signal: RevocationSignal
  /// Removes the leases of verifiers that are gone.
  package let sweep: LeaseSweep
  /// Says what is refused.
  let faults: FaultLog

  init(database: Database, logger: Logger) {
    let store = RevocationStore(database: database)
    let faults = FaultLog(logger: logger)
    let signal = RevocationSignal()
    let barriers = RevocationBarriers(store: store, faults: faults, logger: logger)
    self.store = store
    self.faults = faults
    self.signal = signal
    sweep = LeaseSweep(store: store, signal: signal, logger: logger)
    writer = RevocationWriter(store: store, barriers: barriers, signal: signal)
    acknowledgements = AcknowledgementWriter(store: store, faults: faults) { barriers.wake() }
  }

  /// What runs beside the server.
  var background: any Service { RevocationListener(database: store.database, signal: signal) }
}
