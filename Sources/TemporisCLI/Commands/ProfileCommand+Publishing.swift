import ArgumentParser
import LocalStack
import SwiftProtobuf
import TemporisAPI

extension ProfileCommand {
  /// `temporis profile publish`
  struct Publish: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Let every account forecast a data profile of the operator's, as temporis/NAME.",
      discussion: """
        Takes a session of the operator's account (--session-file or TEMPORIS_SESSION). Other accounts see the name, \
        the series and the shape of its forecasts, and pay for those that they draw.
        """)

    @OptionGroup var stack: StackOptions

    @Argument(help: "The data profile, by its name in the operator's account.")
    var name: String

    func run() async throws {
      try await stack.withStack { client in
        let answer = try await client.profiles.publishDataProfile(.with { $0.name = name })
        let state = answer.dataProfile.ready ? "" : " It is not ready to serve yet."
        Terminal.output.line("Published \(answer.dataProfile.name) as temporis/\(answer.dataProfile.name).\(state)")
      }
    }
  }

  /// `temporis profile unpublish`
  struct Unpublish: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Keep a data profile of the operator's to its own account again, at once.",
      discussion: "Takes a session of the operator's account (--session-file or TEMPORIS_SESSION).")

    @OptionGroup var stack: StackOptions

    @Argument(help: "The data profile, by its name in the operator's account.")
    var name: String

    func run() async throws {
      try await stack.withStack { client in
        let answer = try await client.profiles.unpublishDataProfile(.with { $0.name = name })
        Terminal.output.line("Unpublished \(answer.dataProfile.name).")
      }
    }
  }
}
