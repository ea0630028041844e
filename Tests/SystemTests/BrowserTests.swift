import Foundation
import SystemSupport
import Testing

/// The public quickstart in a real browser, headless Chromium, driven by `Browser/quickstart.py`.
@Suite struct BrowserTests {
  private static let script = URL(filePath: #filePath).deletingLastPathComponent()
    .appending(path: "Browser/quickstart.py").path

  @Test(
    "A visitor signs up, forecasts, has a token live its life and deletes one that is in use, with scripts and without",
    arguments: ["on", "off"])
  func quickstart(javaScript: String) async throws {
    let base = try await Stack.shared.value.ready().gateway
    // Debian's Python has Debian's Selenium; the first on PATH may be another.
    let output = try await Command.output(
      "/usr/bin/python3", [Self.script], environment: ["BASE": base, "JAVASCRIPT": javaScript])
    #expect(output.contains("a token lived, and died with a receipt"))
    #expect(output.contains("then the 401"))
    #expect(output.contains("signed in again"))
  }
}
