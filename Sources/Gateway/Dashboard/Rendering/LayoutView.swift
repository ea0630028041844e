/// A page that is to be drawn.
struct Page: Sendable {
  let template: Template
  let title: String
  let section: Section?
  let content: any Sendable
}

/// Who looks at a page.
struct Viewer: Sendable {
  /// The address that is signed in.
  let email: String
  /// What the forms of the page carry.
  let formToken: String
}

/// What surrounds a page's own content.
struct LayoutView: Sendable {
  /// An entry of the navigation.
  struct Link: Sendable {
    let title: String
    let path: String
    let icon: String
    let isCurrent: Bool
  }

  let title: String
  let style: String
  let scriptPath: String
  /// Who is signed in. `nil`: nobody, and there is no navigation.
  let email: String?
  /// What every form carries. `nil`: nobody is signed in.
  let formToken: String?
  let links: [Link]
  let flash: String?

  init(page: Page, flash: FlashMessage?, viewer: Viewer?, style: String, scriptPath: String) {
    title = page.title
    self.style = style
    self.scriptPath = scriptPath
    email = viewer?.email
    formToken = viewer?.formToken
    links = Section.allCases.map { section in
      Link(title: section.title, path: section.path, icon: section.icon, isCurrent: section == page.section)
    }
    self.flash = flash?.text
  }
}
