import Crypto
import HTTPTypes

/// The one script, under an address that names its content, so that browsers never ask twice.
struct ScriptAsset: Sendable {
  /// Where it is served.
  let path: String
  private let bytes: [UInt8]

  init() {
    bytes = PackageResources.dashboard_js
    let hash = SHA256.hash(data: bytes).prefix(8).map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    path = "/dashboard/assets/dashboard-\(hash).js"
  }

  /// Serves it.
  var route: DashboardRoute {
    .open(.get, path) { [bytes] _ in
      DashboardResponse(content: .asset(type: "text/javascript; charset=utf-8", bytes: bytes), status: .ok)
    }
  }
}
