import Foundation
import LocalStack

/// What `--json` prints.
enum JSONOutput {
  /// Prints a value as one line of JSON.
  static func print(_ value: some Encodable) throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    Terminal.output.line(String(decoding: try encoder.encode(value), as: UTF8.self))
  }
}
