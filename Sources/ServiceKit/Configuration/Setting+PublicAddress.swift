/// What a gateway has to know of a proxy in front of it.
extension Setting where Value == Origin? {
  /// The origin at which browsers find the gateway.
  package static var publicURL: Self {
    Setting(
      "public-url", default: "",
      help:
        "The URL that browsers know the gateway by, such as https://api.example.com. Empty: what each request names.",
      expected: "a URL without a path such as https://api.example.com"
    ) { text in
      guard !text.isEmpty else { return .some(nil) }
      return Origin(text.hasSuffix("/") ? String(text.dropLast()) : text).map(Optional.some)
    }
  }
}

extension Setting where Value == TrustedProxies {
  /// The proxies that are believed.
  package static var trustedProxies: Self {
    Setting(
      "trusted-proxies", default: "",
      help: "The IP addresses and networks of the proxies whose X-Forwarded-For, -Proto and -Host are believed.",
      expected: "up to 64 networks such as 10.0.0.0/8,2001:db8::/32", parse: TrustedProxies.init)
  }
}
