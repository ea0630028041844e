import Logging
import Postgres
import ServiceKit
import TokenDomain

/// The token service's settings beyond those that every service has.
enum TokenServiceSettings {
  static let sessionLifetime = Setting<Duration>.seconds(
    "session-lifetime", default: 43_200, in: 60...2_592_000,
    help: "How long a dashboard session works, in seconds.")

  /// Opens the database that `TEMPORIS_DATABASE_URL` names. The URL may hold a password and is in no error.
  static func database(_ settings: Settings, logger: Logger) throws -> Database {
    let url = try settings.secret("database-url")
    var configuration = Database.Configuration()
    configuration.applicationName = "token-service"
    do {
      return try Database(url: url, configuration: configuration, logger: logger)
    } catch let error as PostgresError where error.code == .configuration {
      throw SettingError("TEMPORIS_DATABASE_URL cannot be used: \(error.message)")
    }
  }

  /// Reads the peppers of `TEMPORIS_TOKEN_PEPPERS`.
  static func peppers(_ settings: Settings) throws -> PepperSet {
    guard let peppers = PepperSet(try settings.secret("token-peppers")) else {
      throw SettingError(
        "TEMPORIS_TOKEN_PEPPERS must be version:key pairs, the current one first, separated by commas: a version is a "
          + "whole number from 1 and used once, a key 64 hexadecimal digits, at most \(PepperSet.limit) pairs")
    }
    return peppers
  }
}
