import Foundation
import SwiftProtobuf
import SystemSupport
import Testing

extension Contracts {
  /// What released clients send and expect, byte for byte.
  @Suite struct GoldenTests {
    private struct Coverage: Decodable {
      let messages: Int
      let unset: [String]
    }

    private static let files = Result { try GoldenFile.all() }

    @Test("Every method has golden requests and responses, in its package's file") func completeness() throws {
      let files = try Self.files.get()
      let methods = Schema(try .contracts()).methods
      #expect(Set(files.map(\.package)) == Set(methods.map(\.package)))
      for method in methods {
        let entries = files.filter { $0.package == method.package }.flatMap(\.entries).filter {
          $0.method == method.name
        }
        #expect(Set(entries.map(\.isRequest)) == [true, false], "\(method)")
      }
      let entries = files.flatMap(\.entries)
      #expect(Set(entries.map(\.method)) == Set(methods.map(\.name)))
      ContractReport.shared.add(.golden, entries.count, methods.count)
    }

    @Test("Golden bytes are the messages beside them, in both directions") func bytes() throws {
      let schema = Schema(try .contracts())
      for entry in try Self.files.get().flatMap(\.entries) {
        let method = try #require(schema.methods.first { $0.name == entry.method })
        let name = entry.isRequest ? method.request : method.response
        let type = try #require(MessageTypes.all[name])
        #expect(try isSame(type, entry), "\(entry)")
        #expect(ProtobufC.repack(entry.bytes, as: name) == entry.bytes, "\(entry)")
      }
    }

    @Test("Google's own implementation reads and writes the same, and no field of the contracts is left out")
    func python() async throws {
      let python = try await PythonStubs.shared()
      let names = try FileManager.default.contentsOfDirectory(atPath: GoldenFile.folder).sorted()
      let output = try await python.run("golden.py", names.map { GoldenFile.folder + "/" + $0 })
      let coverage = try JSONDecoder().decode(Coverage.self, from: Data(output.utf8))
      #expect(coverage.unset.isEmpty)
      #expect(coverage.messages == (try Self.files.get().flatMap(\.entries).count))
    }

    private func isSame<M: Message>(_: M.Type, _ entry: GoldenFile.Entry) throws -> Bool {
      let message = try M(jsonString: entry.json)
      let bytes: [UInt8] = try message.serializedBytes()
      return try bytes == entry.bytes && M(serializedBytes: entry.bytes).isEqualTo(message: message)
    }
  }
}
