import Foundation

/// A user of the operating system.
package struct SystemUser: Sendable, Hashable {
  /// The user's id.
  let userID: UInt32
  /// The user's group.
  let groupID: UInt32

  /// Takes ids that are known.
  package init(userID: UInt32, groupID: UInt32) {
    self.userID = userID
    self.groupID = groupID
  }

  /// Looks a user up by name.
  init?(named name: String) {
    var entry = passwd()
    var found: UnsafeMutablePointer<passwd>?
    var buffer = [CChar](repeating: 0, count: 16_384)
    guard getpwnam_r(name, &entry, &buffer, buffer.count, &found) == 0, found != nil else { return nil }
    userID = entry.pw_uid
    groupID = entry.pw_gid
  }

  /// Who runs PostgreSQL: nobody else for an ordinary user; for root, whom PostgreSQL refuses, Debian's `postgres`.
  static func forCluster() throws -> SystemUser? {
    guard geteuid() == 0 else { return nil }
    guard let user = SystemUser(named: "postgres") ?? SystemUser(named: "nobody") else {
      throw LocalStackError(
        .missingProgram, "PostgreSQL cannot run as root and there is no user `postgres`: apt-get install postgresql")
    }
    return user
  }
}
