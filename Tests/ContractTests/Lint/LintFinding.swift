/// Something in the contracts that is not in the house style.
struct LintFinding: Sendable, Hashable, CustomStringConvertible {
  /// What the contracts keep to: Buf's STANDARD rules and Google's AIPs where they apply here.
  enum Rule: String, CaseIterable, Sendable {
    /// proto3.
    case syntax
    /// `temporis.AREA.vN`, in the folders of the same names.
    case package
    /// lower_snake_case.
    case fileName, fieldName, oneofName
    /// PascalCase.
    case messageName, enumName, methodName
    /// Services end in `Service`.
    case serviceName
    /// `XRequest` and `XResponse`, of no other method.
    case requestName, responseName, sharedMessage
    /// UPPER_SNAKE_CASE, beginning with the enum's name; 0 is `…_UNSPECIFIED`; no two names for a number.
    case enumValueName, enumZeroValue, enumAlias
    /// No `import public`.
    case publicImport
    /// Each element says what it is.
    case comment
    /// No proto3 `optional`: protoc-c cannot read it.
    case optional
    /// AIP-158.
    case listPaging
    /// AIP-155, under the name `idempotency_key`.
    case creationKey
    /// AIP-134.
    case updateMask
    /// AIP-142: `…_time` is a Timestamp.
    case time
    /// Money is int64 nano-dollars.
    case money
    /// A message that holds a secret says so.
    case secret
  }

  let rule: Rule
  let element: String

  var description: String { "\(rule): \(element)" }
}
