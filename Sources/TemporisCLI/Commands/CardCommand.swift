import ArgumentParser
import LocalStack
import SwiftProtobuf
import TemporisAPI

/// `temporis card`
struct CardCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "card", abstract: "Put a card on file, take it off, show it.",
    subcommands: [Set.self, Remove.self, Show.self])

  /// `temporis card set`
  struct Set: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Put a card on file in place of the one before.")

    @OptionGroup var stack: StackOptions

    @Argument(help: "The payment provider's reference: pm_card_visa, or pm_card_chargeCustomerFail whose charges fail.")
    var reference: String

    func run() async throws {
      try await stack.withStack { client in
        let answer = try await client.billing.setPaymentMethod(.with { $0.paymentMethodReference = reference })
        Terminal.output.line("On file: \(answer.paymentMethod.line)")
      }
    }
  }

  /// `temporis card remove`
  struct Remove: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Take the card off file.")

    @OptionGroup var stack: StackOptions

    func run() async throws {
      try await stack.withStack { client in
        _ = try await client.billing.removePaymentMethod(.init())
        Terminal.output.line("No card on file.")
      }
    }
  }

  /// `temporis card show`
  struct Show: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Show the card on file.")

    @OptionGroup var stack: StackOptions

    func run() async throws {
      try await stack.withStack { client in
        Terminal.output.line(try await client.billing.getPaymentMethod(.init()).paymentMethod.line)
      }
    }
  }
}

extension Temporis_Billing_V1_PaymentMethod {
  /// The card in one line.
  fileprivate var line: String {
    let month = (expireMonth < 10 ? "0" : "") + "\(expireMonth)"
    let state = status == .chargeFailed ? ", its last charge failed" : ""
    return "\(brand) ending in \(lastFour), expires \(month)/\(expireYear)\(state)"
  }
}
