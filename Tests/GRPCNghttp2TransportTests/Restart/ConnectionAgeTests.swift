import GRPCNghttp2Transport
import HTTP2TestSupport
import Testing

/// Calls whose connections end politely all the time: no call fails for that, and none is made twice.
///
/// As a proof: with `TEMPORIS_MOVES=1000000` in an optimised build, when the figures are printed.
@Suite(.serialized, .timeLimit(.minutes(10))) struct ConnectionAgeTests {
  /// Enough connections in any case.
  static let age: Duration = MoveLoad.proof == nil ? .milliseconds(20) : .milliseconds(200)

  @Test("Calls over connections that never live long are all answered, and executed once")
  func shortLives() async throws {
    let load = MoveLoad()
    let authority = try TestAuthority()
    var configuration = Nghttp2ServerConfiguration.defaults
    configuration.maxConnectionAge = Self.age
    try await withServer(load.ledger.service(), configuration: configuration) { _, plain in
      let security = try TransportSecurity.of("server", authority)
      try await withServer(load.ledger.service(), security: security, configuration: configuration) { _, secure in
        try await withClient([plain], configuration: MoveLoad.configuration) { first in
          let security = try TransportSecurity.of("client", authority)
          try await withClient([secure], security: security, configuration: MoveLoad.configuration) { second in
            await load.run([first, second])
          }
        }
      }
    }
    load.report("\(load.ledger.connections) connections of \(Self.age), half of them with TLS")
    #expect(load.failures.counts == [:])
    #expect(load.ledger.notOnce == [])
    #expect(load.ledger.connections >= 4)
  }

  @Test("Calls to two servers of which one is restarted gracefully now and again are all answered, and executed once")
  func restarts() async throws {
    let load = MoveLoad()
    let authority = try TestAuthority()
    let restarts = Counter()
    let plain = try await ServerPair.start(0, load.ledger, security: .plaintext)
    let secure = try await ServerPair.start(2, load.ledger, security: .of("server", authority))
    let security = try TransportSecurity.of("client", authority)
    let isOver = Event()
    try await withClient(plain.endpoints, configuration: MoveLoad.configuration) { first in
      try await withClient(secure.endpoints, security: security, configuration: MoveLoad.configuration) { second in
        try await withThrowingDiscardingTaskGroup { group in
          for pair in [plain, secure] {
            group.addTask {
              while !isOver.hasHappened {
                try await pair.restartOne(unless: isOver)
                restarts.add()
              }
            }
          }
          await load.run([first, second])
          isOver.happen()
        }
      }
    }
    for pair in [plain, secure] { try await pair.end() }
    load.report("\(restarts.value) restarts of two pairs of servers, one of them with TLS")
    #expect(load.failures.counts == [:])
    #expect(load.ledger.notOnce == [])
    #expect(restarts.value >= 2)
  }
}
