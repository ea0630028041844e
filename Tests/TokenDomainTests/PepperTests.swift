import Testing
import TokenDomain

@Suite struct PepperTests {
  private let hash = SecretHash(Secret(kind: .accessToken))

  private func pepper(_ version: Int32, _ byte: UInt8) throws -> Pepper {
    try #require(Pepper(version: version, key: [UInt8](repeating: byte, count: 32)))
  }

  @Test("The keyed hash is HMAC-SHA256 of the secret's SHA-256 under the pepper")
  func knownHash() throws {
    let pepper = try #require(Pepper(version: 3, key: Array(0..<32)))
    let secret = try #require(Secret("ts_0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefg3URPp2"))
    let keyed = pepper.keyedHash(of: SecretHash(secret))
    #expect(keyed.bytes.hexadecimal == "1a6b4058be683a3299ce00dac2168393fbb3e7c36477556598f30cea9445030d")
    #expect(keyed.pepperVersion == 3)
  }

  @Test("A hash matches itself, and none of another secret, another pepper or another version")
  func matching() throws {
    let keyed = try pepper(1, 1).keyedHash(of: hash)
    #expect(keyed.matches(KeyedHash(bytes: keyed.bytes, pepperVersion: 1)))
    #expect(!keyed.matches(KeyedHash(bytes: keyed.bytes, pepperVersion: 2)))
    #expect(!keyed.matches(KeyedHash(bytes: [], pepperVersion: 1)))
    #expect(!keyed.matches(KeyedHash(bytes: Array(keyed.bytes.dropLast()), pepperVersion: 1)))
    #expect(!keyed.matches(try pepper(1, 2).keyedHash(of: hash)))
    #expect(!keyed.matches(try pepper(1, 1).keyedHash(of: SecretHash(Secret(kind: .accessToken)))))
    for index in keyed.bytes.indices {
      var changed = keyed.bytes
      changed[index] ^= 1
      #expect(!keyed.matches(KeyedHash(bytes: changed, pepperVersion: 1)))
    }
  }

  @Test("After a rotation, secrets stored under the old pepper are still found, the new one's hash coming first")
  func rotation() throws {
    let stored = try #require(PepperSet(current: try pepper(1, 1))).current.keyedHash(of: hash)
    let rotated = try #require(PepperSet(current: try pepper(2, 2), retired: [try pepper(1, 1)]))
    let candidates = rotated.keyedHashes(of: hash)
    #expect(candidates.map(\.pepperVersion) == [2, 1])
    #expect(candidates.contains { $0.matches(stored) })
    let forgotten = try #require(PepperSet(current: try pepper(2, 2)))
    #expect(!forgotten.keyedHashes(of: hash).contains { $0.matches(stored) })
  }

  @Test("Peppers are read with the current one first")
  func parsing() throws {
    let text = "2:\(String(repeating: "0b", count: 32)), 1:\(String(repeating: "0A", count: 32))\n"
    let peppers = try #require(PepperSet(text))
    #expect(peppers.current.version == 2)
    #expect(peppers.retired.map(\.version) == [1])
    #expect(peppers.current.keyedHash(of: hash).matches(try pepper(2, 11).keyedHash(of: hash)))
    #expect(peppers.retired.first?.keyedHash(of: hash).matches(try pepper(1, 10).keyedHash(of: hash)) == true)
  }

  @Test(
    "What is no set of peppers is refused",
    arguments: [
      "", ",", "1", "1:", ":\(key)", "0:\(key)", "-1:\(key)", "+1:\(key)", "4294967296:\(key)", "1:\(key.dropLast())",
      "1:\(key)0", "1:\(key.dropLast())g", "1:\(key),", "1:\(key),1:\(key)", "1:\(key):2", "1:\(key);2:\(key)",
      (1...9).map { "\($0):\(key)" }.joined(separator: ","), "1:\(zeros)", "2:\(key),1:\(zeros)",
    ])
  func refusals(text: String) {
    #expect(PepperSet(text) == nil)
  }

  private static let key = String(repeating: "0f", count: 32)
  private static let zeros = String(repeating: "0", count: 64)

  @Test("A key of zeros alone is no key, and one bit makes it one")
  func zeroKey() {
    let zeros = [UInt8](repeating: 0, count: 32)
    #expect(Pepper(version: 1, key: zeros) == nil)
    #expect(Pepper(version: 1, key: zeros.dropLast() + [1]) != nil)
  }
}
