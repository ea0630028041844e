import ServiceKit
import Testing
import TokenServer

@Suite struct PasswordTests {
  private static let cheap = ScryptParameters(costExponent: 4, blockSize: 1, parallelism: 1)

  @Test("A password's hash is scrypt's (RFC 7914, section 12)")
  func vector() throws {
    let password = try #require(Password("pleaseletmein"))
    let hash = try PasswordHash(
      of: password, salt: Array("SodiumChloride".utf8),
      parameters: ScryptParameters(costExponent: 14, blockSize: 8, parallelism: 1))
    #expect(
      hash.key == [
        0x70, 0x23, 0xbd, 0xcb, 0x3a, 0xfd, 0x73, 0x48, 0x46, 0x1c, 0x06, 0xcd, 0x81, 0xfd, 0x38, 0xeb,
        0xfd, 0xa8, 0xfb, 0xba, 0x90, 0x4f, 0x8e, 0x3e, 0xa9, 0xb5, 0x43, 0xf6, 0x54, 0x5d, 0xa1, 0xf2,
      ])
  }

  @Test("The standard cost works, with 128 MiB and more a hash")
  func standard() async throws {
    let parameters = ScryptParameters.standard
    #expect(128 << parameters.costExponent * parameters.blockSize >= 128 << 20)
    let hasher = PasswordHasher()
    let password = try #require(Password("correct horse battery"))
    let hash = try await hasher.hash(password)
    #expect(hash.parameters == .standard)
    #expect(try await hasher.verify(password, against: hash))
  }

  @Test("Only the same password matches, at the cost that its hash was made with")
  func verification() async throws {
    let password = try #require(Password("correct horse battery"))
    let wrong = try #require(Password("correct horse batterx"))
    let hash = try await PasswordHasher(parameters: Self.cheap).hash(password)
    let hasher = PasswordHasher(parameters: ScryptParameters(costExponent: 5, blockSize: 2, parallelism: 2))
    #expect(try await hasher.verify(password, against: hash))
    #expect(try await !hasher.verify(wrong, against: hash))
    #expect(try await !hasher.verify(password, against: nil))
  }

  @Test("Two hashes of one password differ")
  func salts() async throws {
    let hasher = PasswordHasher(parameters: Self.cheap)
    let password = try #require(Password("correct horse battery"))
    let first = try await hasher.hash(password)
    let second = try await hasher.hash(password)
    #expect(first.salt.count == 16 && first.key.count == 32)
    #expect(first.salt != second.salt)
    #expect(first.key != second.key)
  }

  @Test("More passwords at once than the queue takes are refused")
  func bound() async throws {
    let hasher = PasswordHasher(
      parameters: ScryptParameters(costExponent: 14, blockSize: 8, parallelism: 1), threads: 1, queueLimit: 4)
    let password = try #require(Password("correct horse battery"))
    let outcomes = await withTaskGroup(of: Bool.self) { group in
      for _ in 0..<50 {
        group.addTask {
          do {
            _ = try await hasher.hash(password)
            return true
          } catch {
            #expect((error as? ServiceError)?.reason == .rateLimited)
            return false
          }
        }
      }
      return await group.reduce(into: [Bool]()) { $0.append($1) }
    }
    #expect(outcomes.contains(true))
    #expect(outcomes.contains(false))
    #expect(try await hasher.verify(password, against: try await hasher.hash(password)))
  }

  @Test("A password and its hash never show themselves")
  func redaction() throws {
    let password = try #require(Password("correct horse battery"))
    let hash = try PasswordHash(of: password, salt: [1, 2, 3, 4, 5], parameters: Self.cheap)
    for value in [password, hash, [password], Optional(hash) as Any] as [Any] {
      var dumped = ""
      dump(value, to: &dumped)
      for shown in ["\(value)", String(reflecting: value), dumped] {
        #expect(!shown.contains("correct"))
        #expect(!shown.contains("99, 111, 114"))
        #expect(!shown.contains("1, 2, 3"))
        #expect(!shown.contains("\(hash.key)"))
      }
    }
  }
}
