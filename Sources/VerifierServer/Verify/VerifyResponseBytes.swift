import TokenDomain

/// The bytes of a `VerifyResponse`, the same as the message's own serialization.
enum VerifyResponseBytes {
  /// The header cannot hold a token.
  static let missing: [UInt8] = [1 << 3, 2]
  /// The token does not work.
  static let invalid: [UInt8] = [1 << 3, 3]

  /// What became of a request.
  static func answer(_ credential: CachedCredential, _ outcome: CachedCredential.Outcome) -> [UInt8] {
    switch outcome {
    case .valid: answer(1, credential)
    case .unusable, .stopped: invalid
    case .permissionDenied: answer(4, credential)
    }
  }

  /// A verdict with its principal. No length in it takes more than a byte: an id has at most 31.
  private static func answer(_ verdict: UInt8, _ credential: CachedCredential) -> [UInt8] {
    let (account, id) = (credential.accountID, credential.credentialID)
    let permissions = UInt8(Permission.allCases.count { credential.holds($0) })
    let principalLength = UInt8(2 + account.count + 2 + id.count + 2) + (permissions > 0 ? 2 + permissions : 0)
    return [UInt8](unsafeUninitializedCapacity: 4 + Int(principalLength)) { buffer, count in
      func append(_ byte: UInt8) {
        buffer[count] = byte
        count += 1
      }
      func append(_ field: UInt8, _ text: InlineText) {
        text.withBytes { bytes in
          append(field << 3 | 2)
          append(UInt8(bytes.count))
          UnsafeMutableRawBufferPointer(rebasing: UnsafeMutableRawBufferPointer(buffer)[count...]).copyMemory(
            from: bytes)
          count += bytes.count
        }
      }
      append(1 << 3)
      append(verdict)
      append(2 << 3 | 2)
      append(principalLength)
      append(1, account)
      append(2, id)
      append(3 << 3)
      append(credential.kind == .accessToken ? 1 : 2)
      if permissions > 0 {
        append(4 << 3 | 2)
        append(permissions)
        if credential.holds(.ingest) { append(1) }
        if credential.holds(.predict) { append(2) }
      }
    }
  }
}
