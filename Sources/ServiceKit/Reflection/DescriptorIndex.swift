import FoundationEssentials
import SwiftProtobuf
import TemporisAPI

/// Every file of the contracts, findable by its name and by what it declares.
struct DescriptorIndex: Sendable {
  private var files: [String: Google_Protobuf_FileDescriptorProto] = [:]
  private var fileOfSymbol: [String: String] = [:]

  /// Reads the descriptor set that was generated with the stubs.
  init() throws {
    guard let data = Data(base64Encoded: descriptorSetBase64) else {
      throw SettingError("The descriptor set is damaged.")
    }
    for file in try Google_Protobuf_FileDescriptorSet(serializedBytes: data).file {
      files[file.name] = file
      for symbol in file.symbols { fileOfSymbol[symbol] = file.name }
    }
  }

  /// The serialized file of this name and every file that it imports, itself first. Nil: there is none.
  func file(named name: String) throws -> [Data]? {
    guard files[name] != nil else { return nil }
    var pending = [name]
    var seen = Set(pending)
    var serialized: [Data] = []
    while let next = pending.popLast() {
      guard let file = files[next] else { continue }
      serialized.append(try file.serializedData())
      pending += file.dependency.filter { seen.insert($0).inserted }
    }
    return serialized
  }

  /// The file that declares a service, method, message, field or enum, with what it imports. Nil: none does.
  func file(declaring symbol: String) throws -> [Data]? {
    try fileOfSymbol[symbol].flatMap(file(named:))
  }
}

extension Google_Protobuf_FileDescriptorProto {
  fileprivate var symbols: [String] {
    var symbols: [String] = []
    func add(_ message: Google_Protobuf_DescriptorProto, in scope: String) {
      let name = scope + "." + message.name
      symbols.append(name)
      symbols += message.field.map { name + "." + $0.name } + message.enumType.map { name + "." + $0.name }
      for nested in message.nestedType { add(nested, in: name) }
    }
    for message in messageType { add(message, in: package) }
    symbols += enumType.map { package + "." + $0.name }
    for service in service {
      let name = package + "." + service.name
      symbols.append(name)
      symbols += service.method.map { name + "." + $0.name }
    }
    return symbols
  }
}
