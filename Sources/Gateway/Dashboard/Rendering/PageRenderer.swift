import Crypto
import FoundationEssentials
import Mustache

/// Draws pages from their templates, all read once at the start.
struct PageRenderer: Sendable {
  private let library: MustacheLibrary
  private let style: String
  private let script: ScriptAsset

  /// The SHA-256 of the style element's text, in base64, by which the browser knows it.
  let styleHash: String

  init(script: ScriptAsset) throws {
    MustacheContentTypes.register(StrictHTML(), named: StrictHTML.name)
    var library = MustacheLibrary()
    for template in Template.allCases {
      // The pragma reaches to the end of its template and no further, so that each one needs it.
      let text = "{{%CONTENT_TYPE:\(StrictHTML.name)}}" + String(decoding: template.source, as: UTF8.self)
      try library.register(text, named: template.rawValue)
    }
    self.library = library
    self.script = script
    style = String(decoding: PackageResources.dashboard_css, as: UTF8.self)
    styleHash = Data(SHA256.hash(data: Data(style.utf8))).base64EncodedString()
  }

  /// The page's HTML.
  func html(_ page: Page, flash: FlashMessage?, viewer: Viewer?) -> String {
    let layout = LayoutView(page: page, flash: flash, viewer: viewer, style: style, scriptPath: script.path)
    let view = PageView(layout: layout, page: page.content)
    // Every template was registered above.
    return library.render(view, withTemplate: page.template.rawValue) ?? ""
  }
}

/// What a template is drawn from.
private struct PageView {
  let layout: LayoutView
  let page: any Sendable
}
