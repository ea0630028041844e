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
  /// Who is signed in. Nil: nobody, and there is no navigation.
  let email: String?
  /// What every form carries. Nil: nobody is signed in.
  let formToken: String?
  let links: [Link]
  let notice: String?

  init(page: Page, viewer: Viewer?, style: String, scriptPath: String) {
    title = page.title
    self.style = style
    self.scriptPath = scriptPath
    email = viewer?.email
    formToken = viewer?.formToken
    links = Section.allCases.map { section in
      Link(title: section.title, path: section.path, icon: section.icon, isCurrent: section == page.section)
    }
    notice = page.notice?.text
  }
}
