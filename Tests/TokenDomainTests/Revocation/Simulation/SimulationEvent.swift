/// What has to happen in some schedules: a simulation in which it never does proves nothing.
enum SimulationEvent: Int, CaseIterable {
  case registered
  case extended
  case behind
  case ended
  case reset
  case resumed
  case accepted
  case cacheHit
  case joined
  case refused
  case unavailable
  case ahead
  case superseded
  case oldRead
  case deletionAnswered
  case stopAnswered
  case retryAnswered
  case acknowledged
  case floorRaised
  case leasesRemoved
  case unknownOutcome
  case lostRevision
  case verifierRestarted
  case replicaRestarted
  case databaseRestarted
  case failedOver

  /// What it says in a summary.
  var text: String {
    switch self {
    case .registered: "a verifier registered"
    case .extended: "a lease was extended"
    case .behind: "a lease was not, for what was not acknowledged"
    case .ended: "a lease was not, as its session was over"
    case .reset: "a stream reset its session"
    case .resumed: "a stream resumed after one that was cut"
    case .accepted: "Verify answered VALID"
    case .cacheHit: "Verify answered VALID from the cache"
    case .joined: "Verify joined a look-up"
    case .refused: "Verify refused what a change had ended"
    case .unavailable: "Verify found no lease"
    case .ahead: "a look-up waited for the log"
    case .superseded: "a look-up was asked again"
    case .oldRead: "a look-up read the old primary"
    case .deletionAnswered: "a deletion was answered"
    case .stopAnswered: "a disabling or a suspension was answered"
    case .retryAnswered: "a change was answered that found nothing to do"
    case .acknowledged: "a change was answered as all had acknowledged it"
    case .floorRaised: "a floor was raised"
    case .leasesRemoved: "leases were removed"
    case .unknownOutcome: "a change's COMMIT had no outcome"
    case .lostRevision: "a failover lost a revision"
    case .verifierRestarted: "a verifier was killed"
    case .replicaRestarted: "a replica was killed"
    case .databaseRestarted: "the database crashed"
    case .failedOver: "the standby was promoted"
    }
  }
}
