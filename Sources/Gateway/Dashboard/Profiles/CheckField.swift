/// A box of a form to tick, as the partial `Check` draws it.
struct CheckField: Sendable {
  let name: String
  let label: String
  let isOn: Bool
  let help: String
}
