/// The path of the dashboard that a browser returns to after a sign-in.
package struct ReturnPath: Sendable, Hashable {
  /// The path, with its query.
  package let text: String

  /// Takes a path of ours. `nil` for everything else, such as another site's address in any of its disguises.
  package init?(_ text: String) {
    guard text.utf8.count <= 512, text.utf8.allSatisfy({ (0x21...0x7E).contains($0) && $0 != UInt8(ascii: "\\") })
    else { return nil }
    let path = text.prefix { $0 != "?" && $0 != "#" }
    guard Dashboard.serves(String(path)) else { return nil }
    // Browsers resolve dots, written out or encoded, before they ask.
    let segments = path.lowercased().split(separator: "/", omittingEmptySubsequences: false).dropFirst()
    guard segments.allSatisfy({ !$0.isEmpty && !$0.hasPrefix(".") && !$0.hasPrefix("%2e") }) else { return nil }
    self.text = text
  }
}
