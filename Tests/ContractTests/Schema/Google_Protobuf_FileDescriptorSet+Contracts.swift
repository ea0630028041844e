import Foundation
import SwiftProtobuf
import SystemSupport
import TemporisAPI

extension Google_Protobuf_FileDescriptorSet {
  struct Damaged: Error {}

  /// What the services were built with: every contract and what the contracts import.
  static func contracts() throws -> Self { try Self(base64: descriptorSetBase64) }

  /// The messages that only these tests use.
  static func testMessages() throws -> Self { try Self(base64: testDescriptorSetBase64) }

  /// The contracts of the last release.
  static func baseline() throws -> Self {
    try Self(serializedBytes: Data(contentsOf: URL(filePath: Readme.root + "/Protos/baseline.binpb")))
  }

  /// The contracts as they are written, with their comments.
  static func sources() async throws -> Self {
    let folder = try Stack.makeTemporaryFolder()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let names = FileManager.default.enumerator(atPath: Readme.root + "/Protos")?.compactMap { $0 as? String } ?? []
    _ = try await Command.output(
      "protoc",
      [
        "-I", Readme.root + "/Protos", "--include_imports", "--include_source_info",
        "--descriptor_set_out=\(folder)/set",
      ] + names.filter { $0.hasSuffix(".proto") }.sorted())
    return try Self(serializedBytes: Data(contentsOf: URL(filePath: folder + "/set")))
  }

  private init(base64: String) throws {
    guard let data = Data(base64Encoded: base64) else { throw Damaged() }
    try self.init(serializedBytes: data)
  }
}
