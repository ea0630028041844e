import SwiftProtobuf

/// A change of the contracts that a client or a service of an earlier release would notice.
struct BreakingChange: Sendable, Hashable, CustomStringConvertible {
  /// What may not happen.
  enum Rule: String, CaseIterable, Sendable {
    case fileRemoved, packageRenamed
    case messageRemoved, enumRemoved, serviceRemoved, methodRemoved
    case methodRequestChanged, methodResponseChanged, callKindChanged
    case fieldRemoved, fieldRenumbered, fieldRenamed, fieldRetyped, fieldRelabelled, fieldRepacked
    case fieldMovedBetweenOneofs, oneofRemoved, jsonNameChanged
    case enumValueRemoved, enumValueRenumbered, enumValueRenamed
  }

  let rule: Rule
  /// The full name of what changed, as the earlier release has it.
  let element: String

  var description: String { "\(rule): \(element)" }

  /// Every breaking change from one descriptor set to the next.
  static func changes(
    from old: Google_Protobuf_FileDescriptorSet, to new: Google_Protobuf_FileDescriptorSet
  ) -> [BreakingChange] {
    var changes: [BreakingChange] = []
    for file in old.file {
      guard let successor = new.file.first(where: { $0.name == file.name }) else {
        changes.append(.init(rule: .fileRemoved, element: file.name))
        continue
      }
      if successor.package != file.package {
        changes.append(.init(rule: .packageRenamed, element: file.package))
        continue
      }
      let scope = file.package + "."
      changes += Self.changes(from: file.messageType, to: successor.messageType, in: scope)
      changes += Self.changes(from: file.enumType, to: successor.enumType, in: scope)
      changes += Self.changes(from: file.service, to: successor.service, in: scope)
    }
    return changes
  }
}
