import GRPCCore
import InMemoryLogging
import Logging
import ServiceKit
import Testing

/// What the log says of faults, and how often.
@Suite struct FaultLogTests {
  private static func log() -> (Logger, InMemoryLogHandler) {
    let handler = InMemoryLogHandler()
    return (Logger(label: "test") { _ in handler }, handler)
  }

  @Test("Of each kind of fault there is a line a second, which says how many it stands for")
  func rate() {
    let (logger, handler) = Self.log()
    let faults = FaultLog(logger: logger)
    let start = ContinuousClock.now
    for second in 0..<3 {
      for call in 0..<50 {
        let now = start + .seconds(second) + .milliseconds(call)
        faults.note("A call failed", kind: "a", ServiceError(.unavailable), at: now)
        faults.note("A call failed", kind: "b", ServiceError(.unavailable), at: now)
      }
    }
    #expect(handler.entries.count == 6)
    #expect(handler.entries.map { $0.metadata["unlogged"]?.description } == [nil, nil, "49", "49", "49", "49"])
  }

  @Test("However many kinds there are, little is kept of them, and the rest counts as one")
  func kinds() {
    let (logger, handler) = Self.log()
    let faults = FaultLog(logger: logger)
    let now = ContinuousClock.now
    for kind in 0..<10_000 { faults.note("A call failed", kind: "\(kind)", ServiceError(.unavailable), at: now) }
    #expect(handler.entries.count == 257)
  }

  @Test("Causes are one line, outermost first, and a cause that only repeats is left out")
  func causes() {
    let refused = RPCError(code: .internalError, message: "connection refused\n(errno: 111)")
    let lost = RPCError(code: .unavailable, message: "No connection.", cause: refused)
    let error = ServiceError(.unavailable, "Authentication is not available.", cause: lost)
    let text = """
      UNAVAILABLE: Authentication is not available.; caused by unavailable: No connection.; caused by internalError: \
      connection refused (errno: 111)
      """
    #expect(error.causeChain == text)
    #expect(CancellationError().causeChain == "CancellationError()")
    #expect(ServiceError(.unavailable, String(repeating: "a", count: 2_000)).causeChain.count == 1_000)
    #expect(error == ServiceError(.unavailable, "Authentication is not available."))
  }

  @Test("A change of health is logged once with its reason, and another reason as well")
  func health() {
    let (logger, handler) = Self.log()
    let health = HealthMonitor(isServing: false, logger: logger)
    for reason in ["a", "a", nil, nil, "a", "b", "b"] {
      health.set(failure: reason.map { ServiceError(.unavailable, $0) })
    }
    let reasons = handler.entries.map { $0.metadata["reason"]?.description }
    #expect(reasons == ["UNAVAILABLE: a", nil, "UNAVAILABLE: a", "UNAVAILABLE: b"])
    health.beginDraining()
    health.set(failure: nil)
    #expect(!health.isServing && handler.entries.count == 4)
  }

  @Test("A request's id is taken if it is well-formed, and a new one is")
  func requestIDs() {
    for id in ["a", "A-z_0.9", "a,b", "{5f3}=", String(repeating: "a", count: 128), RequestID.make()] {
      #expect(RequestID.read(id) == id)
    }
    for id in ["", " a", "a b", "a\n", "ä", "a\u{7F}", String(repeating: "a", count: 129)] {
      #expect(RequestID.read(id) == nil)
    }
    #expect(RequestID.make() != RequestID.make() && RequestID.make().count == 32)
    #expect(RequestID.metadataProvider.get().isEmpty)
    RequestID.$current.withValue("x") { #expect(RequestID.metadataProvider.get() == ["request_id": "x"]) }
  }
}
