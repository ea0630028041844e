import CLibPQ
import Glibc

/// libpq's connection keywords and values; never printed, for one of them may be the password.
struct ConnectionParameters: CustomStringConvertible, CustomReflectable {
  /// Keywords that take a value for each host.
  private static let hostLists: Set = ["host", "hostaddr", "port"]

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
    // Of several hosts: what a standby does not know yet must not be read as missing.
    setDefault("target_session_attrs", "primary")
    let timeout = configuration.statementTimeout.components
    // Rounded up: 0 would be no limit.
    let milliseconds = timeout.seconds * 1_000 + (timeout.attoseconds + 999_999_999_999_999) / 1_000_000_000_000_000
    addOption("statement_timeout", "\(milliseconds)")
  }

  /// The read lane's sessions can't write.
  func forLane(_ lane: Lane) -> ConnectionParameters {
    var copy = self
    if lane == .read {
      copy.addOption("default_transaction_read_only", "on")
      // libpq would find these sessions not to be read-write.
      if values.contains(where: { $0 == ("target_session_attrs", "read-write") }) {
        copy.set("target_session_attrs", "primary")
      }
    }
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

  /// Items of a list with commas, begun so many further on, the ones before at its end.
  private static func rotate(_ list: String, by count: Int) -> String {
    let items = list.split(separator: ",", omittingEmptySubsequences: false)
    let first = count % items.count
    return (items[first...] + items[..<first]).joined(separator: ",")
  }

  /// Begins a connection; nil when there is no memory for one.
  ///
  /// libpq tries the hosts one after another. `firstHost` counts on from the first of them, round and round.
  func startConnecting(firstHost: Int) -> Connection? {
    var keywords = values.map { strdup($0.keyword) }
    var texts = values.map { keyword, value in
      strdup(Self.hostLists.contains(keyword) ? Self.rotate(value, by: firstHost) : value)
    }
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
