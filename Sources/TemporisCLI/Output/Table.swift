import LocalStack

/// Rows under headings, in columns as wide as they need to be.
package struct Table: Sendable {
  private let headings: [String]
  private var rows: [[String]] = []

  /// Creates a table without rows.
  package init(headings: [String]) {
    self.headings = headings
  }

  /// Adds a row with a cell for each heading.
  package mutating func add(_ cells: [String]) {
    rows.append(cells.map(\.printable))
  }

  /// The lines, headings first.
  package var lines: [String] {
    let all = [headings] + rows
    let widths = headings.indices.map { column in all.map { $0[column].count }.max() ?? 0 }
    return all.map { row in
      let padded = zip(row, widths).map { cell, width in cell + String(repeating: " ", count: width - cell.count) }
      let line = padded.joined(separator: "  ")
      return String(line[..<(line.lastIndex { $0 != " " }.map { line.index(after: $0) } ?? line.startIndex)])
    }
  }

  /// Prints the table; without rows a hint on standard error instead.
  func print(whenEmpty hint: String = "") {
    guard !rows.isEmpty else { return Terminal.error.line(hint) }
    let terminal = Terminal.output
    for (number, line) in lines.enumerated() { terminal.line(number == 0 ? terminal.bold(line) : line) }
  }
}
