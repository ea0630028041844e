package import ArgumentParser

/// `SERVICE health`: asks a running process of the same executable whether it can take calls.
package struct HealthCommand<Parent: ServiceCommand>: AsyncParsableCommand {
  private struct NotServing: Error, CustomStringConvertible {
    let description: String
  }

  package static var configuration: CommandConfiguration {
    CommandConfiguration(
      commandName: "health",
      abstract: "Ask the running process whether it can take calls.",
      discussion: """
        Ends with status 0 when it can; with 1, and a line on standard error, when it cannot or says nothing within \
        3 seconds. It finds the process by what configured that: the same environment, --listen and other flags.
        """)
  }

  private static var timeout: Duration { .seconds(3) }

  @ParentCommand private var parent: Parent

  package init() {}

  package func run() async throws {
    let settings = Settings()
    let listen = try parent.service.listen(default: Parent.defaultListen, settings: settings)
    let probe = try parent.healthProbe(of: listen.local, timeout: Self.timeout, settings: settings)
    do {
      try await probe.check()
    } catch {
      throw NotServing(description: "nothing on \(listen) can take calls: \(error.causeChain)")
    }
  }
}
