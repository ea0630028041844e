import FoundationEssentials
import SwiftProtobuf
import TemporisAPI

/// The files of the contracts, by name and by the symbols that they declare.
struct DescriptorIndex: Sendable {
  private var files: [String: Google_Protobuf_FileDescriptorProto] = [:]
  private var fileOfSymbol: [String: String] = [:]

  /// Reads the descriptor set that was generated with the stubs. The reflection protocol's file is added under its
  /// older package too, because tools ask for the files of all services that are listed.
  init() throws {
    guard let data = Data(base64Encoded: descriptorSetBase64) else {
      throw SettingError("The descriptor set is damaged.")
    }
    for file in try Google_Protobuf_FileDescriptorSet(serializedBytes: data).file {
      add(file)
      if file.package == "grpc.reflection.v1" { add(file.moved(to: "grpc.reflection.v1alpha")) }
    }
  }

  private mutating func add(_ file: Google_Protobuf_FileDescriptorProto) {
    files[file.name] = file
    for symbol in file.symbols { fileOfSymbol[symbol] = file.name }
  }

  /// The serialized file of this name and the files that it imports, itself first; `nil` when there is none.
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

  /// The file that declares a service, method, message, field or enum, and its imports; `nil` when none does.
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

  /// The same declarations in another package. Only for a file without nested messages.
  fileprivate func moved(to newPackage: String) -> Self {
    let (old, new) = (".\(package).", ".\(newPackage).")
    var file = self
    file.name = name.replacing(package.replacing(".", with: "/"), with: newPackage.replacing(".", with: "/"))
    file.package = newPackage
    for message in messageType.indices {
      for field in messageType[message].field.indices where messageType[message].field[field].hasTypeName {
        file.messageType[message].field[field].typeName.replacePrefix(old, with: new)
      }
    }
    for service in service.indices {
      for method in self.service[service].method.indices {
        file.service[service].method[method].inputType.replacePrefix(old, with: new)
        file.service[service].method[method].outputType.replacePrefix(old, with: new)
      }
    }
    return file
  }
}

extension String {
  fileprivate mutating func replacePrefix(_ old: String, with new: String) {
    if hasPrefix(old) { self = new + dropFirst(old.count) }
  }
}
