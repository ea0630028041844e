import Foundation
import LocalStack
import ServiceKit
import Testing

@Suite("ready.json")
struct ReadyFileTests {
  private let temporary: TemporaryFolder
  private let file = ReadyFile(
    gateway: "http://127.0.0.1:8080", token: "ts_a", session: "tss_b", email: "e@x", password: "p",
    databaseURL: "postgres://o:p@/d?host=/run", services: [.tokenService: ["127.0.0.1:1"]], tls: nil,
    pids: ["token-service": [7]], admin: [.tokenService: ["127.0.0.1:2"]],
    operatorAccount: .init(email: "o@x", password: "q"))

  init() throws {
    temporary = try TemporaryFolder()
  }

  @Test("It has every field by its documented name, and null without TLS")
  func fields() throws {
    let object = try #require(JSONSerialization.jsonObject(with: Data(file.json().utf8)) as? [String: Any])
    #expect(
      Set(object.keys) == [
        "gateway", "token", "session", "email", "password", "database_url", "services", "tls", "pids", "admin",
        "operator",
      ])
    #expect(object["tls"] is NSNull)
    #expect(object["operator"] as? [String: String] == ["email": "o@x", "password": "q"])
    #expect(object["database_url"] as? String == "postgres://o:p@/d?host=/run")
    #expect(object["services"] as? [String: [String]] == ["token-service": ["127.0.0.1:1"]])
    #expect(object["admin"] as? [String: [String]] == ["token-service": ["127.0.0.1:2"]])
    #expect(try file.json().contains("http://127.0.0.1:8080"))
  }

  @Test("With TLS it says where a client's files are") func tls() throws {
    var file = file
    file.tls = .init(DataFolder(path: "/d").certificates.files(of: .client))
    let object = try #require(JSONSerialization.jsonObject(with: Data(file.json().utf8)) as? [String: Any])
    #expect(
      object["tls"] as? [String: String] == [
        "ca": "/d/tls/ca.pem", "client_certificate": "/d/tls/client.pem", "client_key": "/d/tls/client.key",
      ])
    #expect(try JSONDecoder().decode(ReadyFile.self, from: Data(file.json().utf8)) == file)
  }

  @Test("It is readable by its owner alone, follows the processes, and goes at the end")
  func publishes() throws {
    let folder = DataFolder(path: temporary.path)
    let publisher = ReadyFilePublisher(folder: folder)
    try publisher.publish(file)
    #expect(try temporary.mode(of: "ready.json") == 0o600)
    publisher.update(processIDs: ["token-service": [8]])
    let read = try ReadyFile.read(folder)
    #expect(read.pids == ["token-service": [8]])
    #expect(read.token == file.token)
    publisher.withdraw()
    publisher.update(processIDs: [:])
    #expect(try FileManager.default.contentsOfDirectory(atPath: temporary.path).isEmpty)
  }

  @Test("Without it the stack is said not to run, with the command that starts it")
  func missing() throws {
    let error = try #require(throws: LocalStackError.self) { try ReadyFile.read(DataFolder(path: temporary.path)) }
    #expect(error.code == .notRunning)
    #expect(error.message.contains("temporis up"))
  }
}
