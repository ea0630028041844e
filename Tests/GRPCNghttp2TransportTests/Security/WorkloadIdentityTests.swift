import GRPCNghttp2Transport
import HTTP2TestSupport
import Testing

@Suite struct WorkloadIdentityTests {
  @Test("A SPIFFE ID has a trust domain and a path, whose last component is the workload")
  func parses() throws {
    let id = try #require(SPIFFEID("spiffe://temporis.internal/ns/prod/auth-verifier"))
    #expect(id.trustDomain == "temporis.internal")
    #expect(id.workload == "auth-verifier")
    #expect(id.parent == "spiffe://temporis.internal/ns/prod/")
    #expect(id.uri == "spiffe://temporis.internal/ns/prod/auth-verifier")
  }

  @Test(
    "What the standard forbids is no SPIFFE ID",
    arguments: [
      "", "spiffe://", "spiffe:///a", "spiffe://d", "spiffe://d/", "spiffe://d//a", "spiffe://d/a/", "spiffe://d/./a",
      "spiffe://d/..", "spiffe://D/a", "spiffe://d:1/a", "spiffe://u@d/a", "spiffe://d/a?b", "spiffe://d/a#b",
      "spiffe://d/a%20b", "spiffe://d/ä", "http://d/a", "spiffe:/d/a", " spiffe://d/a",
      "spiffe://d/" + String(repeating: "a", count: 2038),
    ])
  func refuses(_ text: String) {
    #expect(SPIFFEID(text) == nil)
  }

  @Test("A name of dots that is not one or two of them is a name") func dots() {
    #expect(SPIFFEID("spiffe://d/...")?.workload == "...")
    #expect(SPIFFEID("spiffe://d/" + String(repeating: "a", count: 2037)) != nil)
  }

  @Test("An identity is read with its name") func loads() throws {
    let authority = try TestAuthority()
    let files = try TestIdentityFiles(authority.issue("auth-verifier"), trusting: authority)
    #expect(try files.identity().uri == "spiffe://temporis.test/auth-verifier")
  }

  private func error(_ spoil: (TestIdentityFiles, TestAuthority) throws -> Void) throws -> WorkloadIdentity.LoadingError
  {
    let authority = try TestAuthority()
    let files = try TestIdentityFiles(authority.issue("auth-verifier"), trusting: authority)
    try spoil(files, authority)
    return try #require(throws: WorkloadIdentity.LoadingError.self) { try files.identity() }
  }

  @Test("What can't be used is an error that names the file and what is wrong") func badFiles() throws {
    let uri = TestAuthority.uri("auth-verifier")
    #expect(try error { files, _ in try files.replace(\.certificate, with: "x") }.file == .certificate)
    #expect(try error { files, _ in try files.replace(\.authorities, with: "x") }.file == .authorities)
    #expect(try error { files, _ in try files.replace(\.key, with: "x") }.file == .key)
    let expired = try error { try $0.replace(\.certificate, with: $1.issue(uris: [uri], to: -60).pem) }
    #expect(expired.description.contains("has expired"))
    let unnamed = try error { try $0.replace(\.certificate, with: $1.issue(uris: []).pem) }
    #expect(unnamed.description.contains("names no single workload"))
    let mismatched = try error { try $0.replace(\.key, with: $1.issue(uris: [uri]).key) }
    #expect(mismatched.description == "The identity's key file does not hold the certificate's key.")
  }

  @Test("A key that wants a passphrase is refused without asking for one") func encryptedKey() throws {
    let key = """
      -----BEGIN ENCRYPTED PRIVATE KEY-----
      MIGjMF8GCSqGSIb3DQEFDTBSMDEGCSqGSIb3DQEFDDAkBBDtcTq3dGtQmqUhbsvY
      AAAAAgIIADAMBggqhkiG9w0CCQUAMB0GCWCGSAFlAwQBKgQQAAAAAAAAAAAAAAAA
      -----END ENCRYPTED PRIVATE KEY-----
      """
    let error = try error { files, _ in try files.replace(\.key, with: key) }
    #expect(error.file == .key)
  }
}
