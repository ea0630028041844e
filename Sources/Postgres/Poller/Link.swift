import CLibPQ
import Logging

/// One connection's place: connecting, ready, lost and opened again. Touched by the poller's thread alone.
final class Link {
  enum Phase {
    /// Not connected; not to be tried before.
    case down(retryAt: MonotonicTime)
    /// To be given up at the deadline.
    case connecting(deadline: MonotonicTime)
    case ready
  }

  /// What the server answers next.
  enum Step {
    /// A statement of ours, such as BEGIN.
    case control
    /// A prepared statement (nil: the unnamed one) for the request at a place in the batch.
    case prepare(StatementCache.Key?, Int)
    case execute(Int)
    /// Several statements in the simple protocol.
    case script
    /// The end of a batch.
    case sync
  }

  let lane: Lane
  let index: Int
  let parameters: ConnectionParameters
  let configuration: Database.Configuration
  let logger: Logger
  let epoll: Int32

  var phase = Phase.down(retryAt: MonotonicTime(nanoseconds: 0))
  var connection: Connection?
  var backoff = Backoff()
  /// Where in the list of hosts to begin: one further after each attempt that took too long, as libpq does not give up
  /// a host that says nothing.
  var firstHost = 0
  /// Why the last attempt to connect failed.
  var failure: String?
  var cache: StatementCache
  var steps = FIFO<Step>()
  /// The first step has brought a result.
  var stepHasResult = false
  var batches = FIFO<Batch>()
  /// How many statements those hold.
  var outstanding = 0
  /// Batches that have ended, for the poller to settle.
  var ended: [Batch] = []
  /// The transaction that holds this connection.
  var session: Session?
  /// When bytes last moved while something was running.
  var lastProgress = MonotonicTime(nanoseconds: 0)
  /// When the batch that runs was sent.
  var sentAt = MonotonicTime(nanoseconds: 0)
  var watchesWritable = false

  init(
    lane: Lane, index: Int, parameters: ConnectionParameters, configuration: Database.Configuration, logger: Logger,
    epoll: Int32
  ) {
    self.lane = lane
    self.index = index
    self.parameters = parameters.forLane(lane)
    self.configuration = configuration
    self.logger = logger
    self.epoll = epoll
    cache = StatementCache(limit: configuration.statementCacheLimit)
  }

  var isReady: Bool { if case .ready = phase { true } else { false } }

  var isConnecting: Bool { if case .connecting = phase { true } else { false } }

  /// Something was sent and is not answered.
  var isBusy: Bool { !steps.isEmpty }

  /// Ready for a batch, or for a transaction.
  var isFree: Bool { isReady && !isBusy && session == nil }

  /// As of the last end of a batch.
  var transactionStatus: PGTransactionStatusType {
    (connection?.raw).map(PQtransactionStatus) ?? PQTRANS_UNKNOWN
  }

  /// When a silent server is taken for dead: each statement ends by its timeout, and a commit soon after. Nothing need
  /// arrive before the end of the last one, for the server keeps small results until its buffer is full.
  var silenceDeadline: MonotonicTime {
    guard isReady, isBusy, configuration.statementTimeout > .zero, session?.ranScript != true else {
      return .distantFuture
    }
    return lastProgress + (configuration.statementTimeout * outstanding + configuration.silenceTimeout)
  }
}
