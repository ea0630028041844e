import Crypto
import FoundationEssentials
import GRPCCore
import TokenDomain

/// The session that a browser's cookie holds. It is proven by the services alone: here it is of the right shape.
package struct Session: Sendable, Redacted {
  private let secret: Secret

  /// Takes a secret of the right shape: `tss_`, 49 base62 digits, the last six of which check the others.
  package init?(_ text: String) {
    guard let secret = Secret(text), secret.kind == .dashboardSession else { return nil }
    self.secret = secret
  }

  /// The `authorization` of calls.
  var authorization: String { "Bearer \(secret.revealed)" }

  /// The metadata of a call.
  var metadata: Metadata { ["authorization": .string(authorization)] }

  /// The cookie's value.
  var cookieValue: String { secret.revealed }

  /// The token that every form of this session carries. Only the session's secret leads to it, and it tells
  /// nothing about the secret.
  package var formToken: String {
    let code = HMAC<SHA256>.authenticationCode(
      for: Data("temporis dashboard csrf".utf8), using: SymmetricKey(data: Data(secret.revealed.utf8)))
    return code.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
  }

  /// Whether a form was made for this session.
  package func accepts(formToken: String) -> Bool {
    ConstantTime.areEqual(Array(formToken.utf8), Array(self.formToken.utf8))
  }
}
