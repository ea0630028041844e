/// A page that is to be drawn.
struct Page: Sendable {
  let template: Template
  let title: String
  let section: Section?
  let notice: Notice?
  let content: any Sendable
}
