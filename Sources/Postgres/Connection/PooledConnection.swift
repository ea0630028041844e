import CLibPQ
import Logging

/// A connection of the pool: opened on demand, and opened again when it is lost. Used by the poller's thread alone.
final class PooledConnection {
  enum Phase {
    /// Not connected, and not to be opened before `retryAt`.
    case down(retryAt: MonotonicTime)
    /// In libpq's handshake, until the deadline.
    case connecting(deadline: MonotonicTime)
    /// Connected, waiting for the answer to ``SessionSettings/setUp(backend:)`` until the same deadline.
    case settingUp(deadline: MonotonicTime)
    case ready
  }

  /// The server's next answer, in the order of what was sent.
  enum Step {
    /// A statement of ours, such as BEGIN.
    case control
    /// The preparation of a statement for the request at a position in the batch; the key is `nil` for the unnamed one.
    case prepare(StatementCache.Key?, Int)
    case execute(Int)
    /// An empty statement behind those that commit by themselves. A notice of the last of them comes before its answer,
    /// one of the commit behind it.
    case barrier
    /// Several statements in the simple protocol.
    case script
    /// The end of a batch.
    case sync
  }

  let lane: Lane
  let index: Int
  let parameters: ConnectionParameters
  let settings: SessionSettings
  let configuration: Database.Configuration
  let logger: Logger
  let epoll: Int32

  var phase = Phase.down(retryAt: MonotonicTime(nanoseconds: 0))
  var handle: ConnectionHandle?
  /// Whether a pooler such as PgBouncer stands between: the next transaction may run in another session of the server.
  ///
  /// Nothing is kept in the session then: settings go with each transaction, and prepared statements have no name.
  var isBehindPooler = false
  var backoff = Backoff()
  /// The number of hosts to skip in the URL's list. It grows with each attempt that timed out, because libpq itself
  /// waits for a silent host without end.
  var firstHost = 0
  /// Why the last attempt to connect failed; `nil` when it succeeded.
  var failure: String?
  /// Why the connection has ended, before it is dropped; `nil` when unknown.
  var endReason: String?
  var cache: StatementCache
  var steps = FIFO<Step>()
  /// Whether the first step has brought a result.
  var stepHasResult = false
  var batches = FIFO<Batch>()
  /// The number of statements in `batches`.
  var outstanding = 0
  /// Batches that have ended, for the poller to settle.
  var ended: [Batch] = []
  /// The channels on which something was notified, for the poller to pass on.
  var notified: Set<String> = []
  /// The transaction that holds this connection.
  var session: Session?
  /// The last time at which bytes moved while something was running.
  var lastProgress = MonotonicTime(nanoseconds: 0)
  /// The time at which the running batch was sent.
  var sentAt = MonotonicTime(nanoseconds: 0)
  var watchesWritable = false

  init(
    lane: Lane, index: Int, parameters: ConnectionParameters, configuration: Database.Configuration, logger: Logger,
    epoll: Int32
  ) {
    self.lane = lane
    self.index = index
    self.parameters = parameters
    self.configuration = configuration
    self.logger = logger
    self.epoll = epoll
    settings = SessionSettings(lane: lane, configuration)
    cache = StatementCache(limit: configuration.statementCacheLimit)
  }

  var isReady: Bool { if case .ready = phase { true } else { false } }

  var isConnecting: Bool {
    switch phase {
    case .connecting, .settingUp: true
    case .down, .ready: false
    }
  }

  /// Whether an answer is outstanding.
  var isBusy: Bool { !steps.isEmpty }

  /// Whether it can take a batch or a transaction.
  var isFree: Bool { isReady && !isBusy && session == nil }

  /// The status as of the end of the last batch.
  var transactionStatus: PGTransactionStatusType {
    (handle?.raw).map(PQtransactionStatus) ?? PQTRANS_UNKNOWN
  }

  /// The time at which a silent server is taken for dead.
  ///
  /// Each statement ends by its timeout, and a commit soon after. Nothing need arrive before the end of the last
  /// statement, because the server keeps small results until its buffer is full.
  var silenceDeadline: MonotonicTime {
    guard isReady, isBusy, configuration.statementTimeout > .zero, session?.ranScript != true else {
      return .distantFuture
    }
    return lastProgress + (configuration.statementTimeout * outstanding + configuration.silenceTimeout)
  }
}

/// The one owner of a `PGconn`, which it finishes in `deinit`.
struct ConnectionHandle: ~Copyable {
  let raw: OpaquePointer

  /// Takes ownership. Notices are dropped at first: they may quote values, and libpq would print them.
  init(owning raw: OpaquePointer) {
    self.raw = raw
    PQsetNoticeReceiver(raw, { _, _ in }, nil)
  }

  deinit {
    PQfinish(raw)
  }
}
