package import ArgumentParser

/// `predict-service`: serves data sources, profiles, predictions and billing, or brings its schema up to date.
package struct PredictServiceCommand: AsyncParsableCommand {
  package static let configuration = CommandConfiguration(
    commandName: "predict-service", abstract: "Data sources, data profiles, predictions and billing.",
    subcommands: [ServeCommand.self, MigrateCommand.self], defaultSubcommand: ServeCommand.self)

  package init() {}
}
