import Foundation
package import GRPCNghttp2Transport
package import ServiceKit

/// `ready.json`: what a script needs to use a running stack. It is there exactly while the stack is healthy.
package struct ReadyFile: Codable, Sendable, Hashable {
  /// The files of a client of services that speak TLS.
  package struct TLS: Codable, Sendable, Hashable {
    /// The certificate authority's certificate.
    package var ca: String
    /// The client's certificate chain.
    package var clientCertificate: String
    /// The key of the client's certificate.
    package var clientKey: String

    /// Names a client's files.
    package init(_ files: IdentityFiles) {
      ca = files.authorities
      clientCertificate = files.certificate
      clientKey = files.key
    }

    private enum CodingKeys: String, CodingKey {
      case ca
      case clientCertificate = "client_certificate"
      case clientKey = "client_key"
    }
  }

  /// How to sign in as the operator, whose profiles may be made public.
  package struct Operator: Codable, Sendable, Hashable {
    /// The sign-in address.
    package var email: String
    /// The password.
    package var password: String

    /// Takes an address and its password.
    package init(email: String, password: String) {
      self.email = email
      self.password = password
    }
  }

  /// The gateway's base URL.
  package var gateway: String
  /// The demo account's access token.
  package var token: String
  /// The demo account's dashboard session.
  package var session: String
  /// The demo account's sign-in address.
  package var email: String
  /// The demo account's password.
  package var password: String
  /// The database as its owner role.
  package var databaseURL: String
  /// `HOST:PORT` of every replica, by service.
  package var services: [Workload: [String]]
  /// The files of a client. `nil` when the services speak plaintext.
  package var tls: TLS?
  /// The process ids, by the service's name, PostgreSQL's among them.
  package var pids: [String: [Int32]]
  /// `HOST:PORT` of every replica's metrics, by service.
  package var admin: [Workload: [String]]
  /// The operator's account.
  package var operatorAccount: Operator?

  /// Gathers what the file says.
  package init(
    gateway: String, token: String, session: String, email: String, password: String, databaseURL: String,
    services: [Workload: [String]], tls: TLS?, pids: [String: [Int32]], admin: [Workload: [String]],
    operatorAccount: Operator? = nil
  ) {
    self.gateway = gateway
    self.token = token
    self.session = session
    self.email = email
    self.password = password
    self.databaseURL = databaseURL
    self.services = services
    self.tls = tls
    self.pids = pids
    self.admin = admin
    self.operatorAccount = operatorAccount
  }

  private enum CodingKeys: String, CodingKey {
    case gateway, token, session, email, password, services, tls, pids, admin
    case databaseURL = "database_url"
    case operatorAccount = "operator"
  }

  package func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(gateway, forKey: .gateway)
    try container.encode(token, forKey: .token)
    try container.encode(session, forKey: .session)
    try container.encode(email, forKey: .email)
    try container.encode(password, forKey: .password)
    try container.encode(databaseURL, forKey: .databaseURL)
    try container.encode(services, forKey: .services)
    // Always there, so that a script may ask for it: null without TLS.
    try container.encode(tls, forKey: .tls)
    try container.encode(pids, forKey: .pids)
    try container.encode(admin, forKey: .admin)
    try container.encode(operatorAccount, forKey: .operatorAccount)
  }

  /// Reads the file of a running stack.
  ///
  /// - Throws: `LocalStackError` with `.notRunning` when there is none.
  package static func read(_ folder: DataFolder) throws -> ReadyFile {
    guard let data = FileManager.default.contents(atPath: folder.readyFile) else {
      if FileManager.default.fileExists(atPath: folder.readyFile) {
        throw LocalStackError(
          .notRunning, "\(folder.readyFile) cannot be read: run this as the user who ran `temporis up`")
      }
      throw LocalStackError(
        .notRunning, "No stack runs on \(folder.path): start it with `temporis up`, or name its folder with --data-dir")
    }
    do {
      return try JSONDecoder().decode(ReadyFile.self, from: data)
    } catch {
      throw LocalStackError(.notRunning, "\(folder.readyFile) is damaged: restart `temporis up`")
    }
  }

  /// The file's text.
  package func json() throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    return String(decoding: try encoder.encode(self), as: UTF8.self) + "\n"
  }
}
