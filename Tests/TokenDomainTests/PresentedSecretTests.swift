import Testing
import TokenDomain

@Suite struct PresentedSecretTests {
  @Test("A header presents a secret, something that is none, or nothing")
  func forms() throws {
    for kind in SecretKind.allCases {
      let secret = Secret(kind: kind)
      for header in ["Bearer \(secret.revealed)", " bearer   \(secret.revealed)\t"] {
        guard case .wellFormed(let hash, let claimed) = PresentedSecret(authorization: header) else {
          Issue.record("no secret was read")
          continue
        }
        #expect(hash == SecretHash(secret))
        #expect(claimed == kind)
      }
    }
    for header in ["Bearer abc", "Bearer ts_", "Bearer \(Secret(kind: .accessToken).revealed)0"] {
      guard case .malformed = PresentedSecret(authorization: header) else {
        Issue.record("a secret was read, or nothing")
        continue
      }
    }
    for header in ["", "Basic abc", "Bearer a b"] {
      guard case .missing = PresentedSecret(authorization: header) else {
        Issue.record("something was read")
        continue
      }
    }
  }

  @Test("Only the same 32 bytes are the same hash")
  func hashes() throws {
    let bytes = SecretHash(Secret(kind: .accessToken)).bytes
    let hash = try #require(SecretHash(bytes: bytes))
    #expect(hash.bytes == bytes)
    #expect(hash == SecretHash(bytes: bytes))
    for index in bytes.indices {
      for bit in 0..<8 {
        var changed = bytes
        changed[index] ^= 1 << bit
        let other = try #require(SecretHash(bytes: changed))
        #expect(hash != other)
        #expect(hash.hashValue != other.hashValue)
      }
    }
  }
}
