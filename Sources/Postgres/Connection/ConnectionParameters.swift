import CLibPQ
import Glibc

/// libpq's connection keywords and values. Never printed, because one of them may be the password.
package struct ConnectionParameters: CustomStringConvertible, CustomReflectable {
  /// Keywords that take a value for each host.
  private static let hostLists: Set = ["host", "hostaddr", "port"]

  private var values: [(keyword: String, value: String)] = []

  package var description: String { "ConnectionParameters" }
  package var customMirror: Mirror { Mirror(self, children: []) }

  /// Parses the URL and adds our defaults.
  /// - Throws: ``PostgresError/Code/configuration``, without quoting the URL.
  package init(url: String, configuration: Database.Configuration) throws(PostgresError) {
    var message: UnsafeMutablePointer<CChar>?
    let options = url.utf8.contains(0) ? nil : PQconninfoParse(url, &message)
    // libpq's message quotes the part of the URL that it could not parse.
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
    values.removeAll { $0.keyword == "client_encoding" }
    values.append(("client_encoding", "UTF8"))
    setDefault("application_name", configuration.applicationName)
    setDefault("keepalives_idle", "30")
    setDefault("tcp_user_timeout", "15000")
    // A row that a standby has not received yet must not be read as missing. Of several hosts, one that was told to
    // take no writes is none to choose either: that is how a primary is retired in favour of another one.
    setDefault("target_session_attrs", namesSeveralHosts ? "read-write" : "primary")
  }

  private var namesSeveralHosts: Bool {
    values.contains { Self.hostLists.contains($0.keyword) && $0.keyword != "port" && $0.value.contains(",") }
  }

  /// The kind of server that libpq accepts (PostgreSQL documentation, 34.1.2).
  package var targetSessionAttributes: String? {
    values.first { $0.keyword == "target_session_attrs" }?.value
  }

  private mutating func setDefault(_ keyword: String, _ value: String) {
    if !values.contains(where: { $0.keyword == keyword }) { values.append((keyword, value)) }
  }

  /// Rotates a comma-separated list left by `count`.
  private static func rotate(_ list: String, by count: Int) -> String {
    let items = list.split(separator: ",", omittingEmptySubsequences: false)
    let first = count % items.count
    return (items[first...] + items[..<first]).joined(separator: ",")
  }

  /// Begins a connection; `nil` when there is no memory for one.
  /// - Parameter firstHost: The position in the list of hosts at which libpq begins, modulo their number.
  func startConnecting(firstHost: Int) -> ConnectionHandle? {
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
    return raw.map { ConnectionHandle(owning: $0) }
  }
}
