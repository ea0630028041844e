import Foundation
import SwiftProtobuf
import SystemSupport
import Testing

extension Contracts {
  /// A message that can hold a token is never printed: it cannot be, but by a function that nothing in Sources calls.
  @Suite struct SecretTests {
    private struct Wrapper {
      let message: any Message
    }

    /// What stands for a secret here.
    private static let marker = "ts_0000000000000000000000000000000000000000000000000"
    private static let sources = Task { try await Google_Protobuf_FileDescriptorSet.sources() }

    /// The messages whose comments say that they hold a secret.
    private static func names() async throws -> [String] {
      try await sources.value.file.flatMap { file in
        let comments = CommentIndex(file)
        return file.messageType.enumerated()
          .filter { comments[[4, Int32($0.offset)]].contains("holds a secret") }
          .map { file.package + "." + $0.element.name }
      }
    }

    @Test("A message that holds a secret shows its name and nothing else, however it is printed")
    func printing() async throws {
      let schema = Schema(try .contracts())
      let names = try await Self.names()
      #expect(names.count > 5)
      for name in names {
        let message = try message(name, in: schema)
        var dumped = ""
        dump(message, to: &dumped)
        let texts = [
          "\(message)", String(describing: message), String(reflecting: message), message.debugDescription, dumped,
          "\(Optional(message) as Any)", "\([message])", "\(["key": message])", "\(Wrapper(message: message))",
          String(reflecting: Wrapper(message: message)),
        ]
        for (index, text) in texts.enumerated() {
          #expect(!text.contains(Self.marker) && !text.contains("116, 115, 95"), "\(name), way \(index)")
        }
        #expect(texts[0].hasSuffix("(redacted)"))
      }
      ContractReport.shared.add(.secrets, names.count)
    }

    @Test("A message that holds no secret has no field of a type that does") func nesting() async throws {
      let secret = Set(try await Self.names())
      for (name, message) in Schema(try .contracts()).messages where !secret.contains(name) {
        #expect(!message.field.contains { secret.contains($0.declaredType) }, "\(name)")
      }
    }

    @Test("Nothing in Sources writes a message as text, the one way that redaction does not cover") func scan() throws {
      let folder = Readme.root + "/Sources"
      let paths = FileManager.default.enumerator(atPath: folder)?.compactMap { $0 as? String } ?? []
      let files = paths.filter { $0.hasSuffix(".swift") && !$0.contains("/Generated/") }
      #expect(files.count > 100)
      for file in files {
        // A time alone holds no secret.
        let text = try String(contentsOfFile: folder + "/" + file, encoding: .utf8)
          .replacing("try? timestamp.jsonString()", with: "")
        #expect(!text.contains(/\.(textFormatString|jsonString|jsonUTF8Data|jsonUTF8Bytes)\b/), "\(file)")
      }
    }

    /// A message with a secret in every field that can hold one, also in the messages inside it.
    private func message(_ name: String, in schema: Schema) throws -> any Message {
      let type = try #require(MessageTypes.all[name])
      let message = try type.init(serializedBytes: Self.bytes(of: name, in: schema))
      #expect(message.textFormatString().contains(Self.marker), "\(name) holds no secret")
      return message
    }

    private static func bytes(of name: String, in schema: Schema, depth: Int = 0) -> [UInt8] {
      var bytes = WireBytes()
      for field in schema.messages[name]?.field ?? [] {
        let isText = field.type == .string || field.type == .bytes
        guard isText || field.type == .message && depth < 5 else { continue }
        bytes.tag(field.number, .lengthDelimited)
        bytes.delimited(isText ? Array(marker.utf8) : Self.bytes(of: field.declaredType, in: schema, depth: depth + 1))
      }
      return bytes.bytes
    }
  }
}
