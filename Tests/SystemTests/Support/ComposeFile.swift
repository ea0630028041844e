import Foundation
import SystemSupport

/// What compose.yaml says, merges applied.
struct ComposeFile: Decodable, Sendable {
  struct Service: Decodable, Sendable {
    struct Build: Decodable, Sendable {
      let dockerfile: String
      let args: [String: String]
    }

    struct Dependency: Decodable, Sendable {
      let condition: String
    }

    struct Deployment: Decodable, Sendable {
      struct Resources: Decodable, Sendable {
        let limits: Limits
      }

      struct Limits: Decodable, Sendable {
        let cpus: String
        let memory: String
        let pids: Int
      }

      let resources: Resources
    }

    struct Logging: Decodable, Sendable {
      let options: [String: String]
    }

    let build: Build?
    let command: [String]?
    let environment: [String: String]?
    let secrets: [String]?
    let networks: [String]
    let ports: [String]?
    let dependsOn: [String: Dependency]?
    let restart: String
    let readOnly: Bool
    let capDrop: [String]
    let capAdd: [String]?
    let securityOpt: [String]
    let logging: Logging
    let deploy: Deployment

    /// The executable that it runs. Nil: somebody else's image.
    var product: String? { build?.args["PRODUCT"] }
  }

  struct Network: Decodable, Sendable {
    let `internal`: Bool?
  }

  struct Secret: Decodable, Sendable {
    let file: String
  }

  let services: [String: Service]
  let networks: [String: Network]
  let secrets: [String: Secret]

  /// The folder of the file and of all that belongs to it.
  static let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../../docker")
    .standardizedFileURL.path

  /// Reads the repository's.
  static func read() async throws -> ComposeFile {
    let script = "import json, sys, yaml; json.dump(yaml.safe_load(sys.stdin), sys.stdout)"
    let text = try String(contentsOfFile: folder + "/compose.yaml", encoding: .utf8)
    let json = try await Command.output("python3", ["-c", script], input: text)
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    return try decoder.decode(ComposeFile.self, from: Data(json.utf8))
  }
}
