/// Keeps statements that would harm their neighbours off connections that callers share.
///
/// It reads the first keywords only, which prevents accidents, not attacks. After each batch the connection's
/// transaction status is checked as well.
enum StatementGuard {
  enum Place {
    /// Shared by many callers, in an implicit transaction.
    case pipelined
    /// One statement alone.
    case alone
    /// Inside BEGIN … COMMIT.
    case transaction
  }

  /// Statements that change the session or the transaction for other callers, or need another protocol.
  private static let never: Set<String> = [
    "begin", "start", "commit", "end", "abort", "prepare", "execute", "deallocate", "discard", "listen", "unlisten",
    "copy", "load", "reset",
  ]
  /// Statements that are allowed where the transaction is the caller's own.
  private static let transactional: Set<String> = [
    "savepoint", "release", "rollback", "set", "declare", "fetch", "move", "close",
  ]
  /// Statements that refuse a transaction block, or may end one.
  private static let solitary: Set<String> = ["vacuum", "cluster", "reindex", "checkpoint", "call", "do"]

  /// - Throws: ``PostgresError/Code/unsafe`` when `sql` must not run in that place.
  static func check(_ sql: String, in place: Place) throws(PostgresError) {
    if isPlain(sql) { return }
    var words = Words(sql)
    guard let first = words.next() else { return }
    var refused = never.contains(first)
    switch place {
    case .transaction:
      if first == "set" {
        let second = words.next()
        refused = second != "local" && second != "transaction" && second != "constraints"
      } else if first == "rollback" {
        refused = !(words.next() == "to" || words.next() == "to")
      }
    case .alone:
      refused = refused || transactional.contains(first)
    case .pipelined:
      refused = refused || transactional.contains(first) || solitary.contains(first)
      if ["create", "drop", "alter"].contains(first), let second = words.next() {
        refused = ["database", "tablespace", "system", "subscription"].contains(second)
        if second == "index" || second == "unique" {
          refused = words.next() == "concurrently" || words.next() == "concurrently"
        }
      }
    }
    if refused {
      throw PostgresError(.unsafe, "\(first.uppercased()) can't run here: use a transaction, or executeAlone")
    }
  }

  /// Decides about nearly every statement without building strings.
  private static func isPlain(_ sql: String) -> Bool {
    let start = sql.utf8.prefix(7)
    return start.elementsEqual("SELECT ".utf8) || start.elementsEqual("INSERT ".utf8)
      || start.elementsEqual("UPDATE ".utf8) || start.elementsEqual("DELETE ".utf8)
  }
}

/// The leading words of a statement in lower case, without comments and white space. Ends at anything else.
private struct Words: IteratorProtocol {
  private var rest: Substring.UTF8View

  init(_ sql: String) {
    rest = Substring(sql).utf8
  }

  mutating func next() -> String? {
    skip()
    let word = rest.prefix { ($0 | 0x20) >= UInt8(ascii: "a") && ($0 | 0x20) <= UInt8(ascii: "z") }
    if word.isEmpty { return nil }
    rest = rest[word.endIndex...]
    return String(decoding: word.map { $0 | 0x20 }, as: UTF8.self)
  }

  private mutating func skip() {
    while let first = rest.first {
      if first <= 0x20 || first == UInt8(ascii: "(") || first == UInt8(ascii: ";") {
        rest = rest.dropFirst()
      } else if rest.starts(with: "--".utf8) {
        rest = rest.drop { $0 != UInt8(ascii: "\n") }
      } else if rest.starts(with: "/*".utf8) {
        skipBlockComment()
      } else {
        return
      }
    }
  }

  /// Skips a block comment; PostgreSQL's nest.
  private mutating func skipBlockComment() {
    var depth = 0
    repeat {
      if rest.starts(with: "/*".utf8) {
        depth += 1
        rest = rest.dropFirst(2)
      } else if rest.starts(with: "*/".utf8) {
        depth -= 1
        rest = rest.dropFirst(2)
      } else {
        rest = rest.dropFirst()
      }
    } while depth > 0 && !rest.isEmpty
  }
}
