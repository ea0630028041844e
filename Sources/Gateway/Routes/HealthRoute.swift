import Hummingbird
import NIOCore

extension Route {
  /// `GET /healthz`: the process serves. Says nothing of the services behind it, whose faults a restart would not mend.
  static let health = Route(.get, "/healthz") { _ in
    Response(
      status: .ok, headers: [.contentType: "application/json"],
      body: ResponseBody(byteBuffer: ByteBuffer(string: #"{"status": "ok"}"#)))
  }
}
