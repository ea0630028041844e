import Foundation
import GRPCCore
package import GRPCNghttp2Transport
package import ServiceKit
import SwiftProtobuf
import TemporisAPI

/// The operator's account, whose data profiles may be made public. Which account it is, predict-service is told when it
/// starts: it is created before that.
package struct OperatorAccount: Sendable {
  /// The address that signs in, unless another is asked for.
  package static let defaultEmail = "operator@temporis.local"
  /// What the demo publishes.
  package static let demoProfile = DemoData.published.profile

  private let account: StackAccount

  /// Takes what the account needs.
  /// - Parameters:
  ///   - services: `HOST:PORT` of every replica, by service.
  ///   - identity: Who calls the services. `nil`: they speak plaintext.
  ///   - signIns: The first that is not somebody else's is the account's.
  package init(services: [Workload: [String]], identity: WorkloadIdentity?, signIns: [DemoAccount.SignIn]) {
    account = StackAccount(title: "operator's", services: services, identity: identity, signIns: signIns)
  }

  /// Creates the account if it is missing, for which the predict-service need not run. Nothing stays signed in.
  ///
  /// - Parameter known: The id that it had before: it keeps it, whatever has become of its password.
  /// - Returns: Its id, and how to sign in.
  /// - Throws: ``LocalStackError`` when the services refuse, or do not answer for 30 seconds.
  package func create(known: String?) async throws -> (id: String, signIn: DemoAccount.SignIn) {
    if let known, let first = account.signIns.first {
      let signedIn = try await account.retrying {
        if let signedIn = try await account.existing() { return Optional(signedIn) }
        return try await account.createFirst()
      }
      // A password that was changed is its owner's affair.
      guard let signedIn else { return (known, first) }
      await account.endSession(signedIn.session)
      return (signedIn.accountID, signedIn.signIn)
    }
    let signedIn = try await account.retrying { try await account.signIn() }
    await account.endSession(signedIn.session)
    return (signedIn.accountID, signedIn.signIn)
  }

  /// The account's id that a file holds; `nil` when there is no such file, or none in it.
  package static func id(writtenTo path: String) -> String? {
    let id = FileManager.default.contents(atPath: path).flatMap { String(data: $0, encoding: .utf8) }?.trimmed
    return id.flatMap { ResourceID.isValid($0, prefix: "acct") ? $0 : nil }
  }

  /// Writes the account's id to a file.
  ///
  /// - Throws: ``LocalStackError`` when it cannot be written.
  package static func write(_ id: String, to path: String) throws {
    try DataFolder.write(id + "\n", to: path, mode: 0o644)
  }

  /// Brings the public demo profile's rows up to date, and publishes it, unless the account has another password by
  /// now: then its owner sees to what is public.
  ///
  /// - Parameter now: Unix seconds: where its series ends.
  /// - Throws: ``LocalStackError`` when the services refuse, or do not answer for 30 seconds: when this is not the
  ///   account that predict-service was told, for one.
  package func publishDemo(now: Int64) async throws {
    try await account.retrying {
      guard let signedIn = try await account.existing() else { return }
      try await account.withSession(of: signedIn) { client in
        try await DemoData.published.prepare(client, now: now)
        let request = Temporis_Predict_V1_PublishDataProfileRequest.with { $0.name = Self.demoProfile }
        _ = try await client.profiles.publishDataProfile(request)
      }
      await account.endSession(signedIn.session)
    }
  }
}
