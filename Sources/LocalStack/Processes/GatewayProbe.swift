import Dispatch
import Foundation

/// Asks the gateway whether it is healthy.
struct GatewayProbe: Sendable {
  /// The gateway's port on the loopback interface.
  let port: UInt16

  /// Whether `GET /healthz` is answered with 200 within a second.
  ///
  /// Plain sockets, on a thread that may block: one request of one line is no reason for an HTTP client.
  func isHealthy() async -> Bool {
    await withCheckedContinuation { continuation in
      DispatchQueue.global(qos: .utility).async { continuation.resume(returning: ask()) }
    }
  }

  private func ask() -> Bool {
    let descriptor = socket(AF_INET, CInt(SOCK_STREAM.rawValue) | CInt(SOCK_CLOEXEC.rawValue), 0)
    guard descriptor >= 0 else { return false }
    defer { close(descriptor) }
    var limit = timeval(tv_sec: 1, tv_usec: 0)
    for option in [SO_RCVTIMEO, SO_SNDTIMEO] {
      setsockopt(descriptor, SOL_SOCKET, option, &limit, socklen_t(MemoryLayout<timeval>.size))
    }
    guard FreePorts.withLoopback(port, { connect(descriptor, $0, $1) == 0 }) else { return false }
    let request = Array("GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n".utf8)
    guard send(descriptor, request, request.count, CInt(MSG_NOSIGNAL)) == request.count else { return false }
    var answer: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 512)
    // "HTTP/1.1 200" are 12 bytes.
    while answer.count < 12 {
      let count = recv(descriptor, &buffer, buffer.count, 0)
      guard count > 0 else { return false }
      answer += buffer[..<count]
    }
    return String(decoding: answer.prefix(12), as: UTF8.self) == "HTTP/1.1 200"
  }
}
