import CLibPQ
import Glibc

/// libpq's connection keywords and values; never printed, for one of them may be the password.
struct ConnectionParameters: CustomStringConvertible, CustomReflectable {
  private var values: [(keyword: String, value: String)] = []

  var description: String { "ConnectionParameters" }
  var customMirror: Mirror { Mirror(self, children: []) }

  /// Throws `configuration` without quoting the URL.
  init(url: String, configuration: Database.Configuration) throws(PostgresError) {
    var message: UnsafeMutablePointer<CChar>?
    let options = url.utf8.contains(0) ? nil : PQconninfoParse(url, &message)
    // libpq's message quotes the part of the URL that it stumbled over.
    PQfreemem(message)
    guard let options else {
      throw PostgresError(
        .configuration,
        "the database URL is neither a URI (postgres://user@host/database) nor a keyword string of libpq")
    }
    defer { PQconninfoFree(options) }
    var option = options
    while let keyword = option.pointee.keyword {
      if let value = option.pointee.val { values.append((String(cString: keyword), String(cString: value))) }
      option += 1
    }
    set("client_encoding", "UTF8")
    setDefault("application_name", configuration.applicationName)
    setDefault("keepalives_idle", "30")
    setDefault("tcp_user_timeout", "15000")
    let timeout = configuration.statementTimeout.components
    addOption("statement_timeout", "\(timeout.seconds * 1_000 + timeout.attoseconds / 1_000_000_000_000_000)")
  }

  /// The read lane's sessions can't write.
  func forLane(_ lane: Lane) -> ConnectionParameters {
    var copy = self
    if lane == .read { copy.addOption("default_transaction_read_only", "on") }
    return copy
  }

  private mutating func set(_ keyword: String, _ value: String) {
    values.removeAll { $0.keyword == keyword }
    values.append((keyword, value))
  }

  private mutating func setDefault(_ keyword: String, _ value: String) {
    if !values.contains(where: { $0.keyword == keyword }) { values.append((keyword, value)) }
  }

  private mutating func addOption(_ setting: String, _ value: String) {
    let options = values.first { $0.keyword == "options" }?.value ?? ""
    set("options", options + " -c \(setting)=\(value)")
  }

  /// Begins a connection; nil when there is no memory for one.
  func startConnecting() -> Connection? {
    var keywords = values.map { strdup($0.keyword) }
    var texts = values.map { strdup($0.value) }
    defer {
      for pointer in keywords { free(pointer) }
      for pointer in texts { free(pointer) }
    }
    keywords.append(nil)
    texts.append(nil)
    let raw = keywords.withUnsafeBufferPointer { keywords in
      texts.withUnsafeBufferPointer { texts in
        keywords.withMemoryRebound(to: UnsafePointer<CChar>?.self) { keywords in
          texts.withMemoryRebound(to: UnsafePointer<CChar>?.self) { texts in
            PQconnectStartParams(keywords.baseAddress, texts.baseAddress, 0)
          }
        }
      }
    }
    return raw.map { Connection(owning: $0) }
  }
}
