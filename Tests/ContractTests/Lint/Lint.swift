import SwiftProtobuf

/// The lint of one file.
struct Lint {
  /// What is as it is for a reason.
  static let exemptions: [LintFinding: String] = [
    LintFinding(rule: .creationKey, element: "temporis.token.v1.AccountService/CreateSession"):
      "A session's secret is shown once, so that a repeat could not answer it; signing in twice is no harm."
  ]

  let file: Google_Protobuf_FileDescriptorProto
  let comments: CommentIndex
  /// Public protocols keep the form that the world gave them.
  let isOurs: Bool
  var findings: [LintFinding] = []
  /// How many elements were looked at.
  var elements = 0

  /// Looks at a file that has its source information.
  init(_ file: Google_Protobuf_FileDescriptorProto) {
    self.file = file
    comments = CommentIndex(file)
    isOurs = file.name.hasPrefix("temporis/")
    checkFile()
    for (index, service) in file.service.enumerated() { check(service, at: [6, Int32(index)]) }
    for (index, message) in file.messageType.enumerated() { check(message, at: [4, Int32(index)], in: file.package) }
    for (index, declared) in file.enumType.enumerated() { check(declared, at: [5, Int32(index)], in: file.package) }
  }

  mutating func require(_ holds: Bool, _ rule: LintFinding.Rule, _ element: String) {
    let appliesToAll = rule == .comment || rule == .syntax || rule == .optional
    if !holds, isOurs || appliesToAll { findings.append(LintFinding(rule: rule, element: element)) }
  }

  mutating func requireComment(_ path: [Int32], _ element: String) {
    elements += 1
    require(comments[path].contains { $0.isLetter }, .comment, element)
  }

  private mutating func checkFile() {
    require(file.syntax == "proto3", .syntax, file.name)
    let folders = file.name.split(separator: "/").dropLast().joined(separator: ".")
    require(
      file.package == folders && file.package.wholeMatch(of: /temporis\.[a-z][a-z0-9_]*\.v[0-9]+/) != nil, .package,
      file.name)
    let base = file.name.split(separator: "/").last?.replacing(".proto", with: "") ?? ""
    require(NameStyle.isLowerSnake(String(base)), .fileName, file.name)
    require(file.publicDependency.isEmpty, .publicImport, file.name)
  }

  mutating func check(_ declared: Google_Protobuf_EnumDescriptorProto, at path: [Int32], in scope: String) {
    let name = scope + "." + declared.name
    requireComment(path, name)
    require(NameStyle.isPascal(declared.name), .enumName, name)
    require(!declared.options.allowAlias, .enumAlias, name)
    let prefix = NameStyle.upperSnake(pascal: declared.name) + "_"
    for (index, value) in declared.value.enumerated() {
      let element = name + "." + value.name
      requireComment(path + [2, Int32(index)], element)
      require(NameStyle.isUpperSnake(value.name) && value.name.hasPrefix(prefix), .enumValueName, element)
      if value.number == 0 { require(value.name == prefix + "UNSPECIFIED", .enumZeroValue, element) }
    }
  }
}
