import GRPCNghttp2Transport
import Glibc
import HTTP2TestSupport
import NIOCore
import NIOPosix
import NIOSSL
import Synchronization
import TestSupport
import Testing

/// Names that are looked up by what blocks.
@Suite(.timeLimit(.minutes(1))) struct NameLookupsTests {
  /// Looks up all names but those that hang, until it is told to go on.
  private final class Hanging: Sendable {
    struct Unknown: Error {}

    let hung = Counter()
    private let isOver = Mutex(false)

    func goOn() {
      self.isOver.withLock { $0 = true }
    }

    /// Blocks its thread, as the C library does.
    func lookUp(_ host: String) throws -> [SocketAddress] {
      if host.hasPrefix("hung") {
        self.hung.add()
        while !self.isOver.withLock({ $0 }) { usleep(1000) }
      }
      guard host != "unknown" else { throw Unknown() }
      return [try SocketAddress(ipAddress: "127.0.0.1", port: host.utf8.count)]
    }
  }

  private let hanging = Hanging()

  private func lookups(threads: Int, maxWaiting: Int = 64) -> NameLookups {
    NameLookups(threads: threads, maxWaiting: maxWaiting) { [hanging] in try hanging.lookUp($0) }
  }

  @Test("A name that hangs takes one thread, however many ask for it, and all get its answer")
  func oneThreadEach() async throws {
    let lookups = self.lookups(threads: 2)
    try await withThrowingTaskGroup(of: [SocketAddress].self) { group in
      for _ in 0..<50 { group.addTask { try await lookups.addresses(of: "hung") } }
      try await eventually(until: { self.hanging.hung.value == 1 })
      for name in ["a", "bb", "ccc"] {
        #expect(try await lookups.addresses(of: name).first?.port == name.utf8.count)
      }
      await #expect(throws: Hanging.Unknown.self) { try await lookups.addresses(of: "unknown") }
      self.hanging.goOn()
      for try await addresses in group { #expect(addresses.first?.port == 4) }
    }
    #expect(self.hanging.hung.value == 1)
  }

  @Test("Names beyond the threads wait in turn, and those beyond the most that may are refused at once")
  func bounded() async throws {
    let lookups = self.lookups(threads: 2, maxWaiting: 3)
    try await withThrowingTaskGroup(of: Void.self) { group in
      for index in 0..<2 { group.addTask { _ = try await lookups.addresses(of: "hung \(index)") } }
      try await eventually(until: { self.hanging.hung.value == 2 })
      let asked = Counter()
      let outcomes = Counter()
      for index in 0..<10 {
        group.addTask {
          asked.add()
          do {
            _ = try await lookups.addresses(of: "name \(index)")
          } catch is NameLookups.TooMany {
            outcomes.add()
          }
        }
      }
      try await eventually(until: { asked.value == 10 && outcomes.value == 7 })
      self.hanging.goOn()
      try await group.waitForAll()
      #expect(outcomes.value == 7)
    }
    #expect(try await lookups.addresses(of: "later").first?.port == 5)
  }

  @Test("Names that hang keep an identity from being read again as little as what else blocks")
  func othersThreads() async throws {
    let lookups = self.lookups(threads: 4)
    let authority = try TestAuthority()
    let (old, new) = (try authority.issue("token-service"), try authority.issue("token-service"))
    let files = try TestIdentityFiles(old, trusting: authority)
    let identity = try files.identity(reloadInterval: .milliseconds(10))
    try await withServer(security: .mutualTLS(identity)) { _, endpoint in
      try await withThrowingTaskGroup(of: Void.self) { group in
        let count = max(4, NIOThreadPool.singleton.numberOfThreads)
        for index in 0..<count { group.addTask { _ = try await lookups.addresses(of: "hung \(index)") } }
        try await eventually(until: { self.hanging.hung.value == 4 })
        try files.replace(\.key, with: new.key)
        try files.replace(\.certificate, with: new.pem)
        try await eventually(until: {
          let client = try RawTLS.client(authority.issue("client"), trusting: authority)
          return try await RawTLS.connect(to: endpoint, client).certificate
            == NIOSSLCertificate(bytes: Array(new.pem.utf8), format: .pem).toDERBytes()
        })
        self.hanging.goOn()
        try await group.waitForAll()
      }
    }
  }

  @Test("The system's resolver knows this machine, and gives each caller its port")
  func system() async throws {
    let resolver = SystemNameResolver()
    for port in [1, 65_535] {
      let addresses = try await resolver.addresses(of: "localhost", port: port)
      #expect(!addresses.isEmpty)
      #expect(addresses.allSatisfy { $0.port == port })
    }
    await #expect(throws: (any Error).self) { try await resolver.addresses(of: "no-such-name.invalid", port: 1) }
  }
}
