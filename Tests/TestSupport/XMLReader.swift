/// Reads XML just far enough to know what is an element, an attribute and a text in it.
package struct XMLReader {
  package private(set) var isWellFormed = true
  package private(set) var elements: [String] = []
  package private(set) var attributes: [String: [String]] = [:]
  package private(set) var text = ""

  package init(_ source: String) {
    var rest = Substring(source)
    var open: [String] = []
    while !rest.isEmpty, isWellFormed {
      if let match = rest.prefixMatch(of: /<\/([a-z]+)>/) {
        isWellFormed = open.popLast() == String(match.1)
        rest = rest[match.range.upperBound...]
      } else if let match = rest.prefixMatch(of: /<([a-z]+)((?: [a-zA-Z0-9-]+="[^"<]*")*)(\/?)>/) {
        elements.append(String(match.1))
        for attribute in match.2.matches(of: /\ ([a-zA-Z0-9-]+)="([^"]*)"/) {
          attributes[String(attribute.1), default: []].append(String(attribute.2))
        }
        if match.3.isEmpty { open.append(String(match.1)) }
        rest = rest[match.range.upperBound...]
      } else if let match = rest.prefixMatch(of: /[^<]+/.matchingSemantics(.unicodeScalar)) {
        text += Self.decoded(String(match.0))
        rest = rest[match.range.upperBound...]
      } else {
        isWellFormed = false
      }
    }
    isWellFormed = isWellFormed && open.isEmpty
  }

  /// Scalar by scalar: an accent may follow what stands for a character.
  private static func decoded(_ text: String) -> String {
    let entities = ["&lt;": "<", "&gt;": ">", "&quot;": "\"", "&#39;": "'"]
    let scalars = text.replacing(/&(lt|gt|quot|#39);/.matchingSemantics(.unicodeScalar)) {
      entities[String($0.0)] ?? ""
    }
    return scalars.replacing(/&amp;/.matchingSemantics(.unicodeScalar), with: "&")
  }
}
