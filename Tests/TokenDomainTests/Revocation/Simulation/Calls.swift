import TokenDomain

/// A process that asked, as it was when it asked.
struct Caller: Equatable {
  let verifier: Int
  let start: Int
}

/// A registration on its way.
struct RegistrationCall {
  enum State {
    case asked
    /// Its transaction has read the counter FOR SHARE.
    case reading(LogPosition, SimulatedDatabase.Connection)
    case answered(LogPosition, lease: Duration)
  }

  let caller: Caller
  let session: VerifierSessionID
  /// Whether others overtake it.
  let isSlow: Bool
  var state = State.asked

  var isReading: Bool {
    if case .reading = state { true } else { false }
  }

  var isAnswered: Bool {
    if case .answered = state { true } else { false }
  }
}

/// A question for a longer lease on its way.
struct RenewalCall {
  let caller: Caller
  let renewal: VerifierRegistration.Renewal
  let isSlow: Bool
  /// `nil` until it was answered.
  var outcome: VerifierRegistration.Outcome?
}

/// A look-up on its way; Verifies that ask for the same credential join it.
struct LookUpCall {
  let number: Int
  let caller: Caller
  let credential: Int
  let isSlow: Bool
  /// `nil` until it was answered.
  var found: Tables.Found?
  /// The period in which a Verify that started in it may have joined; see ``ShadowCall``.
  var shadow: Promises.Period?
}

/// A Verify, step by step.
struct VerifyCall {
  enum State {
    case started
    /// The clock was read.
    case timed(ContinuousClock.Instant)
    /// The lease was valid.
    case leased
    /// A look-up will tell.
    case waiting(lookUp: Int)
  }

  let credential: Int
  /// The period in which it started, in which it must not answer VALID; `nil` if it may.
  let period: Promises.Period?
  var state = State.started

  func isWaiting(for number: Int) -> Bool {
    if case .waiting(let lookUp) = state { lookUp == number } else { false }
  }

  var isReady: Bool {
    if case .waiting = state { false } else { true }
  }
}

/// The Verify that starts as soon as a credential must not be accepted, reads the clock at once, and then stops before
/// each of its steps for as long as suits it: of all that may be in progress the one most likely to break the
/// guarantee.
struct ShadowCall {
  let period: Promises.Period
  let started: ContinuousClock.Instant
  /// Whether it found the lease valid, and has only to read evidence.
  var isLeased = false
}
