/// An SVG file of drawings one below the other, which needs nothing else: no style sheet, no font, no script.
///
/// It has its own background, and dark colours where the reader's screen has them. Colours are written out in place of
/// CSS variables, which programs other than browsers do not know.
package struct ChartFile: Sendable {
  /// What a colour means.
  package struct Key: Sendable {
    /// The class of what is explained.
    package let style: String
    package let label: String

    package init(style: String, label: String) {
      self.style = style
      self.label = label
    }
  }

  /// One drawing.
  package struct Panel: Sendable {
    package let title: String
    package let keys: [Key]
    /// The drawing as SVG, without ids that another has.
    package let svg: String

    package init(title: String, keys: [Key], svg: String) {
      self.title = title
      self.keys = keys
      self.svg = svg
    }
  }

  private static let width = 860
  private static let headHeight = 72
  private static let panelHeight = 316
  /// The longest title that is written, in characters.
  private static let titleLimit = 80

  private let title: String
  private let note: String
  private let panels: [Panel]

  /// Prepares a file.
  ///
  /// - Parameter note: A line below the title.
  package init(title: String, note: String, panels: [Panel]) {
    self.title = title
    self.note = note
    self.panels = panels
  }

  /// The file's text.
  package var text: String {
    let height = Self.headHeight + panels.count * Self.panelHeight
    return """
      <svg xmlns="http://www.w3.org/2000/svg" width="\(Self.width)" height="\(height)" \
      viewBox="0 0 \(Self.width) \(height)">
      <title>\(Self.text(title))</title>
      <style>
      \(ChartStyle.text)
      </style>
      <rect class="page" width="\(Self.width)" height="\(height)"/>
      <text class="title" x="24" y="36">\(Self.text(title))</text>
      <text class="note" x="24" y="58">\(Self.text(note))</text>
      \(panels.enumerated().map { Self.panel($1, top: Self.headHeight + $0 * Self.panelHeight) }.joined(separator: "\n"))
      </svg>

      """
  }

  private static func panel(_ panel: Panel, top: Int) -> String {
    """
    <g transform="translate(0 \(top))">
    <text class="name" x="24" y="18">\(text(panel.title))</text>
    \(keys(panel.keys))
    <svg x="72" y="56" width="764" height="220" overflow="visible">
    \(panel.svg)
    </svg>
    </g>
    """
  }

  private static func keys(_ keys: [Key]) -> String {
    var x = 24
    let marks = keys.map { key in
      defer { x += 44 + key.label.count * 7 }
      let mark = key.style == "fan-band" ? "M\(x) 32h24v10h-24z" : "M\(x) 37h24"
      return "<path class=\"\(key.style)\" d=\"\(mark)\"/><text x=\"\(x + 32)\" y=\"41\">\(text(key.label))</text>"
    }
    return "<g class=\"fan keys\">\(marks.joined())</g>"
  }

  private static func text(_ text: String) -> String {
    Markup.escaped(Markup.writable(String(text.prefix(titleLimit))))
  }
}
