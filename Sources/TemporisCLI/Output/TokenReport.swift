package import Foundation
import SwiftProtobuf
package import TemporisAPI

/// An access token as it is printed, with its use where it is shown alone.
package struct TokenReport: Printable {
  /// What a token was billed in the last 24 hours.
  package struct Usage: Encodable {
    let predictions: Int64
    let modelTokens: Int64
    let nanoDollars: Int64

    package init(_ usage: Temporis_Billing_V1_GetCredentialUsageResponse) {
      predictions = usage.predictions
      modelTokens = usage.modelTokens
      nanoDollars = usage.nanoDollars
    }

    /// `12 predictions for $0.01`
    var text: String { "\(Count.grouped(predictions, "prediction")) for \(Money.dollars(nano: nanoDollars))" }
  }

  /// The states of a token. `rotating`: the secret before works, too.
  enum State: String, Encodable {
    case active, disabled, expired, rotating
  }

  let id: String
  let name: String
  let lastFour: String
  let state: State
  let permissions: [String]
  let createTime: String
  @OrNull var expireTime: String?
  @OrNull var lastUseTime: String?
  @OrNull var disableTime: String?
  @OrNull var previousSecretExpireTime: String?
  /// `nil`: not asked, or nobody tells.
  package var usage: Usage?
  /// `nil`: the token was not changed, or no verifier had to learn of it.
  var receipt: ReceiptReport?

  /// Takes a token as it is at a time.
  package init(_ token: Temporis_Token_V1_AccessToken, now: Date = .now) {
    id = token.id
    name = token.name
    lastFour = token.lastFour
    let isRotating = token.hasPreviousSecretExpireTime && token.previousSecretExpireTime.date > now
    state =
      if token.hasDisableTime {
        .disabled
      } else if token.hasExpireTime, token.expireTime.date <= now {
        .expired
      } else {
        isRotating ? .rotating : .active
      }
    permissions = token.permissions.compactMap { permission in
      PermissionOptions.Name.allCases.first { $0.permission == permission }?.rawValue
    }
    createTime = token.createTime.instant
    expireTime = token.hasExpireTime ? token.expireTime.instant : nil
    lastUseTime = token.hasLastUseTime ? token.lastUseTime.instant : nil
    disableTime = token.hasDisableTime ? token.disableTime.instant : nil
    previousSecretExpireTime = isRotating ? token.previousSecretExpireTime.instant : nil
  }

  package static let headings = ["ID", "NAME", "ENDS IN", "STATE", "PERMISSIONS", "CREATED", "EXPIRES", "LAST USED"]

  package var cells: [String] {
    [id, name, lastFour, stateText, permissions.joined(separator: ","), createTime, expireTime ?? "never", lastUse]
  }

  /// The token as rows of fact and value.
  var facts: Table {
    var table = Table(headings: ["FACT", "VALUE"])
    for (heading, cell) in zip(Self.headings, cells) { table.add([heading.lowercased(), cell]) }
    table.add(["last 24 hours", usage?.text ?? "not known right now"])
    return table
  }

  /// What ends with the token, as the rest of a sentence that deletes it.
  package var ending: String {
    let use = lastUseTime == nil ? "was never used" : "was last used on \(lastUse)"
    return "\(name), which ends in \(lastFour) and \(use), with "
      + (usage.map { "\($0.text) in the last 24 hours" } ?? "an unknown use in the last 24 hours")
  }

  // A use is known by its day alone.
  private var lastUse: String { lastUseTime.map { String($0.prefix(10)) } ?? "never" }

  private var stateText: String {
    state == .rotating ? "rotating until \(previousSecretExpireTime ?? "")" : state.rawValue
  }
}
