/// The contract's worked example as a shell script, ready to paste or to run.
package struct WorkedExample: Sendable {
  /// The gateway's base URL.
  let base: String
  /// An access token.
  let token: String

  private static let tokenLine = "export TEMPORIS_TOKEN="

  /// Takes what the example needs.
  package init(base: String, token: String) {
    self.base = base
    self.token = token
  }

  /// The script.
  package var text: String {
    #"""
    export BASE=\#(base)
    \#(Self.tokenLine)\#(token)

    curl $BASE/v1/predict -H "Authorization: Bearer $TEMPORIS_TOKEN" -H "Content-Type: application/json" \
      -d '{ "data_profile": "hourly_orders", "count": 5, "temperature": 1.0, "top_p": 0.9 }'
    """#
  }

  /// The access token of a script that was written before. Nil: there is none in the text.
  package static func token(in script: String) -> String? {
    script.split(separator: "\n").first { $0.hasPrefix(tokenLine) }.map { String($0.dropFirst(tokenLine.count)) }
  }

  /// Writes the script for its owner's eyes alone, in place of an earlier one.
  /// - Throws: ``LocalStackError`` when it cannot be written.
  package func write(to path: String) throws {
    try DataFolder.write(text + "\n", to: path, mode: 0o600)
  }
}
