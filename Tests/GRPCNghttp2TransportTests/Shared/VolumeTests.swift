import GRPCCore
import GRPCNghttp2Transport
import Glibc
import HTTP2Session
import HTTP2TestSupport
import NIOSSL
import Synchronization
import TestSupport
import Testing

/// Much at once, in little memory. The bounds on the process leave room for the tests that run beside, but not for each
/// other.
@Suite(.serialized, .timeLimit(.minutes(5))) struct VolumeTests {
  @Test("A GiB goes up and comes back, a few MiB of it on the way at any time")
  func gibibyte() async throws {
    let count = 1024
    let message = [UInt8](repeating: 7, count: 1 << 20)
    let transit = Transit()
    let before = try residentBytes()
    try await withLoopback { client in
      let received = try await client.stream("Echo") { writer in
        for _ in 0..<count {
          try await writer.write(message)
          transit.enter()
        }
      } response: { response in
        var received = 0
        for try await part in response.messages {
          transit.leave()
          received += part.count
          if received % (64 << 20) == 0 {
            let grown = try residentBytes() - before
            #expect(grown < 256 << 20)
          }
        }
        return received
      }
      #expect(received == count * message.count)
    }
    // Each side holds a message that it writes and one that it reads, in parts, and the windows.
    #expect(transit.most <= 12)
  }

  @Test("10,000 calls on 100 connections are open at once, and all are answered")
  func manyCalls() async throws {
    let connections = 100
    let callsEach = 100
    let gate = Gate()
    let service = TestService([
      "Gated": { request, _ in
        var iterator = request.messages.makeAsyncIterator()
        let message = try await iterator.next() ?? []
        await gate.wait()
        return StreamingServerResponse { writer in
          try await writer.write(message)
          return [:]
        }
      }
    ])
    try await withServer(service) { _, endpoint in
      try await withThrowingTaskGroup(of: Int.self) { group in
        for connection in 0..<connections {
          group.addTask {
            try await withClient([endpoint]) { client in
              try await withThrowingTaskGroup(of: Bool.self) { calls in
                for call in 0..<callsEach {
                  calls.addTask {
                    let message = [UInt8(connection), UInt8(call)]
                    return try await client.call("Gated", message) == message
                  }
                }
                return try await calls.reduce(0) { $0 + ($1 ? 1 : 0) }
              }
            }
          }
        }
        try await eventually(within: .seconds(200), until: { gate.waiting == connections * callsEach })
        gate.open()
        #expect(try await group.reduce(0, +) == connections * callsEach)
      }
    }
  }

  @Test(
    "A thousand connections without a call take little of a server's memory, and each still works",
    arguments: [false, true])
  func idleConnections(isSecure: Bool) async throws {
    let count = 1000
    let authority = try TestAuthority()
    let files = try isSecure ? TestIdentityFiles(authority.issue("token-service"), trusting: authority) : nil
    let tls =
      try isSecure
      ? NIOSSLContext(configuration: RawTLS.client(authority.issue("client"), trusting: authority)) : nil
    let security = isSecure ? try TransportSecurity.of("client", authority) : .plaintext
    try await withMeasuredServer(files?.files) { endpoint in
      try await withClient([endpoint], security: security) { client in
        // What the first ones make for all is not theirs.
        try await Self.connect(10, to: endpoint, tls: tls) {}
        let before = try await client.measure("Resident")
        try await Self.connect(count, to: endpoint, tls: tls) {
          let each = try await (client.measure("Resident") - before) / count
          // What TLS adds is swift-nio-ssl's, which reads into 32 KiB of each connection's own, and BoringSSL's.
          #expect(each < (isSecure ? 48 : 20) << 10)
        }
      }
    }
  }

  @Test("Frames of unknown types are read past, and nothing of them is kept")
  func unknownTypes() async throws {
    try await withBadPeer { peer in
      try await peer.handshake()
      let before = try residentBytes()
      let batch = Array(repeating: WireFrame(type: 0xbe, payload: Array(repeating: 7, count: 16_384)), count: 64)
      #expect(try await peer.flood(batch, limit: 200) == false)
      #expect(try residentBytes() - before < 100 << 20)
    }
  }

  @Test("A client that reads nothing of what it makes the server answer is closed, and little is kept for it")
  func unreadAnswers() async throws {
    var configuration = Nghttp2ServerConfiguration.defaults
    configuration.minPingInterval = .zero
    configuration.permitsPingsWithoutCalls = true
    try await withBadPeer(configuration: configuration) { peer in
      try await peer.handshake()
      let before = try residentBytes()
      try await peer.stopReading()
      #expect(try await peer.flood(Array(repeating: .ping(), count: 10_000), limit: 1000))
      #expect(try residentBytes() - before < 100 << 20)
    }
  }

  @Test("A section that refers to one long field thousands of times is refused, and its fields aren't kept")
  func compressionBomb() async throws {
    try await withBadPeer { peer in
      try await peer.handshake()
      let long = WireFrame.hpackString("x") + WireFrame.hpackString(String(repeating: "y", count: 4000))
      // Indexed into the dynamic table, then named by it: entry 62 is the newest.
      let seed = WireFrame.hpack(WireFrame.request()) + [0x40] + long
      let bomb = [UInt8](repeating: 0x80 | 62, count: 16_000)
      let before = try residentBytes()
      for id: UInt32 in stride(from: 1, to: 20, by: 2) {
        try await peer.send(
          WireFrame(type: 1, flags: 1, streamID: id, payload: seed), .continuation(id, bomb),
          .continuation(id, bomb, flags: 4))
        #expect(try await peer.read { $0.isEnded(id) })
      }
      // They are 1.2 GB.
      #expect(try residentBytes() - before < 200 << 20)
      try await peer.send(.headers(21, flags: 5))
      #expect(try await peer.read { $0.isEnded(21) })
    }
  }

  /// Opens connections, a few at a time, runs `body` while all are open and idle, and makes a call on each.
  static func connect(
    _ count: Int, to endpoint: SocketEndpoint, tls: NIOSSLContext? = nil, _ body: () async throws -> Void
  ) async throws {
    let ready = Counter()
    let gate = Gate()
    try await withThrowingTaskGroup(of: Void.self) { group in
      for index in 0..<count {
        try await eventually(within: .seconds(200), until: { index - ready.value < 32 })
        group.addTask {
          try await WirePeer.connect(to: endpoint, tls: tls) { peer in
            try await peer.handshake()
            ready.add()
            await gate.wait()
            try await peer.send(.headers(1, flags: 5))
            #expect(try await peer.read { $0.isEnded(1) })
          }
        }
      }
      try await eventually(within: .seconds(200), until: { ready.value == count })
      try await body()
      gate.open()
      try await group.waitForAll()
    }
  }
}

/// How many messages have been written and not yet read.
final class Transit: Sendable {
  private let state = Mutex((now: 0, most: 0))

  var most: Int { self.state.withLock { $0.most } }

  func enter() {
    self.state.withLock { state in
      state.now += 1
      state.most = max(state.most, state.now)
    }
  }

  func leave() {
    self.state.withLock { $0.now -= 1 }
  }
}

/// Something that many tasks wait for.
final class Gate: Sendable {
  private let state = Mutex((isOpen: false, waiters: [CheckedContinuation<Void, Never>]()))

  /// How many tasks wait.
  var waiting: Int { self.state.withLock { $0.waiters.count } }

  func wait() async {
    await withCheckedContinuation { continuation in
      let isOpen = self.state.withLock { state in
        if !state.isOpen {
          state.waiters.append(continuation)
        }
        return state.isOpen
      }
      if isOpen {
        continuation.resume()
      }
    }
  }

  func open() {
    let waiters = self.state.withLock { state in
      state.isOpen = true
      defer { state.waiters = [] }
      return state.waiters
    }
    for waiter in waiters {
      waiter.resume()
    }
  }
}

/// The process's memory that is in RAM.
func residentBytes() throws -> Int {
  guard let file = fopen("/proc/self/statm", "r") else { throw TimedOut() }
  defer { fclose(file) }
  var size = 0
  var resident = 0
  guard
    withUnsafeMutablePointer(
      to: &size,
      { size in
        withUnsafeMutablePointer(to: &resident) { resident in
          withVaList([size, resident]) { vfscanf(file, "%ld %ld", $0) }
        }
      }) == 2
  else { throw TimedOut() }
  return resident * sysconf(Int32(_SC_PAGESIZE))
}
