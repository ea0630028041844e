import ArgumentParser
import LocalStack
import TemporisAPI

/// `temporis usage`
struct UsageCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "usage", abstract: "What was used, and what it costs, in the current month (UTC).")

  @OptionGroup var stack: StackOptions

  @Flag(help: #"Print {"predictions", "model_tokens", "nano_dollars"}."#)
  var json = false

  func run() async throws {
    let json = json
    try await stack.withStack { client in
      let usage = try await client.billing.getUsage(.init(), metadata: client.metadata)
      if json {
        return try JSONOutput.print(
          Usage(predictions: usage.predictions, modelTokens: usage.modelTokens, nanoDollars: usage.nanoDollars))
      }
      var table = Table(headings: ["SINCE", "PREDICTIONS", "MODEL TOKENS", "COST"])
      table.add([
        usage.startTime.day, "\(usage.predictions)", "\(usage.modelTokens)", Money.dollars(nano: usage.nanoDollars),
      ])
      table.print(whenEmpty: "")
    }
  }

  private struct Usage: Encodable {
    let predictions: Int64
    let modelTokens: Int64
    let nanoDollars: Int64

    private enum CodingKeys: String, CodingKey {
      case predictions
      case modelTokens = "model_tokens"
      case nanoDollars = "nano_dollars"
    }
  }
}
