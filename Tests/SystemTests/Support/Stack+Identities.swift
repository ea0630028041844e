import Foundation
import SystemSupport

extension Stack {
  /// Something of each key of the stack that would give the key away.
  func keys() throws -> [String] {
    let folder = dataFolder + "/tls"
    let names = try FileManager.default.contentsOfDirectory(atPath: folder).filter { $0.hasSuffix(".key") }
    guard names.count == 5 else { throw Command.Failure(description: "\(folder) holds \(names.count) keys") }
    return try names.map { name in
      let lines = try String(contentsOfFile: folder + "/" + name, encoding: .utf8).split(separator: "\n")
      return String(lines[1])
    }
  }
}

extension Identity {
  /// What a process shows to those who connect, as openssl sees it with this identity.
  func certificate(shownAt address: String, _ questions: String...) async throws -> String {
    let connection = try await Command.output(
      "openssl",
      [
        "s_client", "-connect", address, "-cert", certificate, "-key", key, "-CAfile", authorities, "-alpn", "h2",
        "-verify_return_error",
      ])
    return try await Command.output("openssl", ["x509", "-noout"] + questions, input: connection)
  }
}
