package import ArgumentParser

/// `token-service`: accounts, dashboard sessions and access tokens.
package struct TokenServiceCommand: AsyncParsableCommand {
  package static let configuration = CommandConfiguration(
    commandName: "token-service",
    abstract: "Serves accounts, dashboard sessions and access tokens.",
    subcommands: [ServeCommand.self, MigrateCommand.self],
    defaultSubcommand: ServeCommand.self)

  package init() {}
}
