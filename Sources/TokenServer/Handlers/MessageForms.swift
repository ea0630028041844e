import Postgres
import ServiceKit
import SwiftProtobuf
import TemporisAPI
import TokenDomain

extension Google_Protobuf_Timestamp {
  init(_ time: PostgresTimestamp) {
    let (seconds, microseconds) = time.microsecondsSince1970.quotientAndRemainder(dividingBy: 1_000_000)
    // A remainder is negative before 1970; nanos never are.
    self.init()
    self.seconds = microseconds < 0 ? seconds - 1 : seconds
    self.nanos = Int32((microseconds < 0 ? microseconds + 1_000_000 : microseconds) * 1_000)
  }
}

extension Temporis_Token_V1_Account {
  init(_ account: AccountRecord) {
    self.init()
    id = account.id
    email = account.email
    createTime = Google_Protobuf_Timestamp(account.createTime)
  }
}

extension Temporis_Token_V1_AccessToken {
  init(_ token: AccessTokenRecord) {
    self.init()
    id = token.id
    name = token.name
    lastFour = token.lastFour
    permissions = token.permissions.messages
    createTime = Google_Protobuf_Timestamp(token.createTime)
    if let expireTime = token.expireTime { self.expireTime = Google_Protobuf_Timestamp(expireTime) }
    if let day = token.lastUseDay { lastUseTime.seconds = Int64(day) * 86_400 }
  }
}

extension Temporis_Token_V1_Credential {
  init(_ credential: Credential) {
    self.init()
    kind = .init(credential.kind)
    accountID = credential.accountID
    credentialID = credential.credentialID
    permissions = credential.permissions.messages
    if let remaining = credential.remainingLifetime {
      remainingLifetime.seconds = remaining.components.seconds
      remainingLifetime.nanos = Int32(remaining.components.attoseconds / 1_000_000_000)
    }
  }
}
