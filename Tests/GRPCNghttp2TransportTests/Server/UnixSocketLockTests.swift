import GRPCCore
import GRPCNghttp2Transport
import Glibc
import Logging
import NIOCore
import Testing

/// Who may listen at the path of a Unix socket.
@Suite(.timeLimit(.minutes(1))) struct UnixSocketLockTests {
  private let path = "/tmp/lock-tests-\(UInt64.random(in: 0...(.max))).sock"
  private var lockPath: String { "\(self.path).lock" }

  private func errorCode(_ body: () throws -> Void) -> CInt? {
    do {
      try body()
      return nil
    } catch {
      return (error as? IOError)?.errnoCode
    }
  }

  private func write(_ text: String, to path: String) throws {
    let file = try #require(fopen(path, "w"))
    fputs(text, file)
    fclose(file)
  }

  @Test("A path has one holder at a time, who leaves nothing behind")
  func oneHolder() throws {
    for _ in 0..<3 {
      let lock = try UnixSocketLock(socketPath: self.path)
      #expect(access(self.lockPath, F_OK) == 0)
      #expect(self.errorCode { _ = try UnixSocketLock(socketPath: self.path) } == EADDRINUSE)
      lock.release()
      #expect(access(self.lockPath, F_OK) != 0)
    }
  }

  @Test("A file that nobody holds, as a crash leaves it, is in nobody's way")
  func leftBehind() throws {
    try self.write("", to: self.lockPath)
    let lock = try UnixSocketLock(socketPath: self.path)
    #expect(self.errorCode { _ = try UnixSocketLock(socketPath: self.path) } == EADDRINUSE)
    lock.release()
    #expect(access(self.lockPath, F_OK) != 0)
  }

  @Test("A holder whose file was taken away leaves the next one's alone")
  func fileRemoved() throws {
    let first = try UnixSocketLock(socketPath: self.path)
    #expect(unlink(self.lockPath) == 0)
    let second = try UnixSocketLock(socketPath: self.path)
    first.release()
    #expect(access(self.lockPath, F_OK) == 0)
    #expect(self.errorCode { _ = try UnixSocketLock(socketPath: self.path) } == EADDRINUSE)
    second.release()
    #expect(access(self.lockPath, F_OK) != 0)
  }

  @Test("What is somebody's data isn't taken for a lock, nor what a link leads to")
  func foreignFiles() throws {
    try self.write("mine", to: self.lockPath)
    #expect(self.errorCode { _ = try UnixSocketLock(socketPath: self.path) } == EEXIST)
    #expect(access(self.lockPath, F_OK) == 0)
    #expect(rename(self.lockPath, "\(self.path).data") == 0)
    #expect(symlink("\(self.path).data", self.lockPath) == 0)
    #expect(self.errorCode { _ = try UnixSocketLock(socketPath: self.path) } == ELOOP)
    for path in [self.lockPath, "\(self.path).data"] {
      #expect(unlink(path) == 0)
    }
    #expect(mkdir(self.lockPath, 0o700) == 0)
    #expect(self.errorCode { _ = try UnixSocketLock(socketPath: self.path) } == EISDIR)
    #expect(rmdir(self.lockPath) == 0)
    #expect(self.errorCode { _ = try UnixSocketLock(socketPath: "/no/such/folder/socket") } == ENOENT)
  }

  @Test("Programs that the process starts don't hold the lock")
  func closesOnExec() throws {
    let lock = try UnixSocketLock(socketPath: self.path)
    defer { lock.release() }
    let descriptors = (CInt(0)..<4096).filter { descriptor in
      var buffer = [CChar](repeating: 0, count: 4096)
      let count = readlink("/proc/self/fd/\(descriptor)", &buffer, buffer.count)
      return count > 0 && buffer[..<count].elementsEqual(self.lockPath.utf8CString.dropLast())
    }
    #expect(descriptors.count == 1)
    #expect(descriptors.allSatisfy { fcntl($0, F_GETFD) & FD_CLOEXEC != 0 })
  }

  @Test(
    "Of servers that start at once at one path one wins and stays reachable there, and the others hear that it is taken"
  )
  func race() async throws {
    let endpoint = SocketEndpoint.unixSocket(path: self.path)
    for _ in 0..<20 {
      let transports = (0..<4).map { _ in
        Nghttp2ServerTransport(listeningOn: endpoint, logger: Logger(label: "test"))
      }
      try await withThrowingTaskGroup(of: RPCError?.self) { group in
        for (index, transport) in transports.enumerated() {
          group.addTask {
            await rpcError {
              try await transport.listen { stream, _ in
                try? await stream.outbound.write(.message([UInt8(index)]))
                try? await stream.outbound.write(.status(Status(code: .ok, message: ""), [:]))
              }
            }
          }
        }
        var winners: [UInt8] = []
        for (index, transport) in transports.enumerated() where (try? await transport.boundEndpoint) == endpoint {
          winners.append(UInt8(index))
        }
        #expect(winners.count == 1)
        try await withClient([endpoint]) { [winners] client in
          try await client.expect("Any", answer: winners)
        }
        for transport in transports { transport.beginGracefulShutdown() }
        let errors = try await group.reduce(into: [RPCError]()) { $0 += [$1].compactMap { $0 } }
        #expect(errors.count == 3)
        #expect(errors.allSatisfy { $0.code == .unavailable && ($0.cause as? IOError)?.errnoCode == EADDRINUSE })
      }
      #expect(access(self.path, F_OK) != 0)
      #expect(access(self.lockPath, F_OK) != 0)
    }
  }

  @Test("A server takes the path of one that is gone for good, whose socket and lock were left behind")
  func afterCrash() async throws {
    try self.write("", to: self.lockPath)
    let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: self.path.utf8) }
    let bound = withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
      }
    }
    try #require(bound == 0)
    close(descriptor)
    try await withLoopback(on: .unixSocket(path: self.path)) { try await $0.expect("Echo", [1], answer: [1]) }
    #expect(access(self.path, F_OK) != 0 && access(self.lockPath, F_OK) != 0)
  }

  @Test("The name of the lock may be longer than that of a socket")
  func longestPath() async throws {
    // As long as SwiftNIO lets it be.
    let path = self.path + String(repeating: "x", count: 103 - self.path.utf8.count)
    try await withLoopback(on: .unixSocket(path: path)) { try await $0.expect("Echo", [1], answer: [1]) }
  }

  @Test("A server that can't bind leaves no lock, and the path stays another program's that answers there")
  func otherProgram() async throws {
    let endpoint = SocketEndpoint.unixSocket(path: self.path)
    // It listens, and its lock is out of the way.
    try await withServer(on: endpoint) { _, _ in
      #expect(unlink(self.lockPath) == 0)
      let second = Nghttp2ServerTransport(listeningOn: endpoint, logger: Logger(label: "test"))
      let error = await rpcError { try await second.listen { _, _ in } }
      #expect(error?.code == .unavailable)
      #expect((error?.cause as? IOError)?.errnoCode == EADDRINUSE)
      #expect(access(self.lockPath, F_OK) != 0)
      try await withClient([endpoint]) { try await $0.expect("Echo", [1], answer: [1]) }
    }
  }
}
