import ArgumentParser
import LocalStack
import SwiftProtobuf
import TemporisAPI

/// `temporis usage`
struct UsageCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "usage", abstract: "Show what was used, and what it costs, in the current month (UTC).")

  @OptionGroup var stack: StackOptions

  @Flag(help: #"Print {"start_time", "predictions", "model_tokens", "nano_dollars", "price_nano_dollars"}."#)
  var json = false

  func run() async throws {
    let usage = try await stack.withStack { try await $0.billing.getUsage(.init()) }
    try Output.render(Usage(usage), json: json)
  }

  private struct Usage: Printable {
    let startTime: String
    let predictions: Int64
    let modelTokens: Int64
    let nanoDollars: Int64
    let priceNanoDollars: Int64

    init(_ usage: Temporis_Billing_V1_GetUsageResponse) {
      startTime = usage.startTime.instant
      predictions = usage.predictions
      modelTokens = usage.modelTokens
      nanoDollars = usage.nanoDollars
      priceNanoDollars = usage.priceNanoDollars
    }

    static let headings = ["SINCE", "PREDICTIONS", "MODEL TOKENS", "COST", "PRICE OF A TOKEN"]

    var cells: [String] {
      [
        startTime, "\(predictions)", "\(modelTokens)", Money.dollars(nano: nanoDollars),
        Money.dollars(nano: priceNanoDollars),
      ]
    }
  }
}
