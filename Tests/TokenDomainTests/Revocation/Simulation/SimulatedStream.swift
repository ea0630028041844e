import TokenDomain

/// A stream of the revocation log to a verifier: ordered both ways until it is cut.
final class SimulatedStream {
  /// What a replica sends.
  enum Message {
    case entry(Revocation)
    case reset
  }

  let number: Int
  let caller: Caller
  let session: VerifierSessionID
  let replica: Int
  let replicaStart: Int
  /// Where it resumes.
  let opening: LogPosition
  /// Its place in the log, once the replica has read the first request.
  var feed: RevocationFeed?
  var toVerifier: [Message] = []
  var toReplica: [LogPosition] = []
  /// What the verifier acknowledged last on this stream.
  var acknowledged: LogPosition?
  /// Whether the verifier still reads it.
  var isOpen = true

  /// Opens a stream from a process of the verifier to one of the token service.
  init(
    number: Int, caller: Caller, session: VerifierSessionID, replica: SimulatedReplica, opening: LogPosition
  ) {
    self.number = number
    self.caller = caller
    self.session = session
    self.replica = replica.number
    replicaStart = replica.start
    self.opening = opening
  }
}
