package import HTTPTypes
import Hummingbird
package import ServiceKit

/// Tells a form that one of our pages sent from one that another site made a browser send.
package enum SameOrigin {
  /// Whether a POST comes from a page of `origin`. Every browser of today sends `Origin` with a POST; one that leaves
  /// it out may vouch with `Sec-Fetch-Site`, which no page can set either.
  package static func allows(_ headers: HTTPFields, origin: Origin) -> Bool {
    guard headers[values: .origin].isEmpty else { return sender(headers) == origin }
    return headers[values: .secFetchSite] == ["same-origin"]
  }

  /// The origin of the page that sent a form, as its browser says. `nil`: it says none.
  package static func sender(_ headers: HTTPFields) -> Origin? {
    let origins = headers[values: .origin]
    return origins.count == 1 ? Origin(origins[0]) : nil
  }
}

extension HTTPField.Name {
  /// The relation of the page that made a request to ours (Fetch Metadata).
  package static let secFetchSite = Self(canonical: "Sec-Fetch-Site")
}
