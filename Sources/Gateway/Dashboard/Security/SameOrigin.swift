package import HTTPTypes
import Hummingbird

/// Tells a form that one of our pages sent from one that another site made a browser send.
package enum SameOrigin {
  /// Whether a POST comes from a page of `origin`. Every browser of today sends `Origin` with a POST; one that leaves
  /// it out may vouch with `Sec-Fetch-Site`, which no page can set either.
  package static func allows(_ headers: HTTPFields, origin: String) -> Bool {
    let origins = headers[values: .origin]
    guard origins.isEmpty else { return origins.count == 1 && origins[0].lowercased() == origin }
    return headers[values: .secFetchSite] == ["same-origin"]
  }
}

extension HTTPField.Name {
  /// Where a request comes from, as the browser sees it (Fetch Metadata).
  package static let secFetchSite = Self(canonical: "Sec-Fetch-Site")
}
