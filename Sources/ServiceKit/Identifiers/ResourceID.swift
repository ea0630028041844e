import TokenDomain

/// Ids of what customers own: a typed prefix and 128 random bits.
package enum ResourceID {
  /// Makes an id: `acct` gives `acct_` and 22 base62 characters.
  package static func make(_ prefix: String) -> String {
    prefix + "_" + Base62.encode(UInt128.random(in: .min ... .max), width: 22)
  }
}
