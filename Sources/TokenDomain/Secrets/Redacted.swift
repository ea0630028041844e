/// A value that never shows what it holds: not in a description, a debug description, a mirror or a dump.
///
/// Logs, error messages and crash reports are written through these three, so a value that conforms can be in any of
/// them by mistake without leaking.
package protocol Redacted: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {}

extension Redacted {
  /// The type's name and nothing of the value.
  package var description: String { "<\(Self.self): redacted>" }

  /// The type's name and nothing of the value.
  package var debugDescription: String { description }

  /// A mirror without children.
  package var customMirror: Mirror { Mirror(self, children: [] as [Mirror.Child]) }
}
