package import TemporisAPI

/// The permissions of an access token, as boxes to tick. The field of a mistake in them is `permissions`.
package struct PermissionChoice: Sendable, Hashable {
  /// Everything.
  static let all = PermissionChoice(boxes.map(\.permission))

  private static let boxes: [(permission: Temporis_Token_V1_Permission, name: String, help: String)] = [
    (.ingest, "ingest", "Write rows into data sources."),
    (.predict, "predict", "Draw predictions, which are billed to your account."),
  ]

  /// Those that are ticked.
  package let permissions: [Temporis_Token_V1_Permission]

  /// Takes those of a token.
  init(_ permissions: [Temporis_Token_V1_Permission]) {
    self.permissions = Self.boxes.map(\.permission).filter(permissions.contains)
  }

  /// Takes those of a form.
  init(_ fields: FormFields) {
    permissions = Self.boxes.filter { fields.contains($0.name) }.map(\.permission)
  }

  /// Their names in one line: `ingest, predict`.
  package var text: String {
    Self.boxes.filter { permissions.contains($0.permission) }.map(\.name).joined(separator: ", ")
  }

  /// The mistakes: to the services no permission at all would mean every one.
  var errors: [String: String] {
    permissions.isEmpty ? ["permissions": "Tick at least one."] : [:]
  }
}

/// The boxes, as the partial `Permissions` draws them.
struct PermissionsField: Sendable {
  let boxes: [CheckField]
  let error: String?

  init(_ choice: PermissionChoice, error: String?) {
    boxes = choice.boxes
    self.error = error
  }
}

extension PermissionChoice {
  fileprivate var boxes: [CheckField] {
    Self.boxes.map { box in
      CheckField(name: box.name, label: box.name, isOn: permissions.contains(box.permission), help: box.help)
    }
  }
}
