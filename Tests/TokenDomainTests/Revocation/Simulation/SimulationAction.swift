/// What can happen next in a schedule. Each takes one process one step further: anything may happen between two.
enum SimulationAction: Int, CaseIterable {
  // Time
  case wait
  case jump

  // A verifier's session
  case register
  case serveRegistration
  case receiveRegistration
  case renew
  case serveRenewal
  case receiveRenewal
  case serveEnding

  // Streams
  case openStream
  case serveStream
  case receiveEntry
  case forget
  case acknowledge
  case takeAcknowledgement
  case writeAcknowledgements

  // Verify
  case startVerify
  case stepVerify
  case serveLookUp
  case receiveLookUp
  case evict

  // Changes
  case ask
  case stepBatch
  case stepWait

  // Faults
  case loseCall
  case cutStream
  case pause
  case unpause
  case endLease
  case restartVerifier
  case restartReplica
  case restartDatabase
  case failOver
  case stopReplication
  case resumeReplication
  case stopOld
  case flush
  case prune

  /// How often it happens beside the others where nothing special is tried.
  var weight: Int {
    switch self {
    case .wait: 20
    case .jump: 8
    case .register, .serveRegistration, .receiveRegistration: 80
    case .renew: 25
    case .serveRenewal, .receiveRenewal, .serveEnding: 50
    case .openStream: 60
    case .serveStream, .receiveEntry, .acknowledge, .takeAcknowledgement, .writeAcknowledgements: 80
    case .forget: 150
    case .startVerify: 30
    case .stepVerify, .serveLookUp, .receiveLookUp: 80
    case .ask: 12
    case .stepBatch, .stepWait: 80
    case .evict, .loseCall, .cutStream, .pause: 3
    case .unpause: 12
    case .endLease, .restartVerifier, .restartReplica: 2
    case .restartDatabase, .stopReplication, .failOver, .stopOld, .prune: 1
    case .resumeReplication, .flush: 4
    }
  }

  /// What registers verifiers and fills their caches.
  static let warming: [Self] = [
    .register, .serveRegistration, .receiveRegistration, .openStream, .serveStream,
    .startVerify, .stepVerify, .serveLookUp, .receiveLookUp,
  ]

  /// Whether it is needed by nobody.
  var isFault: Bool {
    switch self {
    case .loseCall, .cutStream, .pause, .endLease, .restartVerifier, .restartReplica, .restartDatabase, .failOver,
      .stopReplication, .stopOld, .prune, .evict:
      true
    default:
      false
    }
  }
}
