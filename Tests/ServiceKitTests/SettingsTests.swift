import Foundation
import GRPCNghttp2Transport
import ServiceKit
import Testing

@Suite struct SettingsTests {
  private let timeout = Setting<Duration>.seconds("verify-timeout", default: 2, in: 0.01...60, help: "A wait.")

  @Test("A flag wins over the variable, and the variable over the default") func precedence() throws {
    let settings = Settings(environment: ["TEMPORIS_VERIFY_TIMEOUT": "3"])
    #expect(try settings.value(timeout, flag: "4.5") == .seconds(4.5))
    #expect(try settings.value(timeout, flag: nil) == .seconds(3))
    #expect(try Settings(environment: [:]).value(timeout, flag: nil) == .seconds(2))
  }

  @Test("A bad value is named with where it stands and what it should be", arguments: ["", "0", "61", "nan", "two"])
  func badValue(text: String) throws {
    let fromFlag = #expect(throws: SettingError.self) { try Settings(environment: [:]).value(timeout, flag: text) }
    #expect(fromFlag?.description == "--verify-timeout must be seconds from 0.01 to 60, not '\(text)'")
    let fromVariable = #expect(throws: SettingError.self) {
      try Settings(environment: ["TEMPORIS_VERIFY_TIMEOUT": text]).value(timeout, flag: nil)
    }
    #expect(fromVariable?.description.hasPrefix("TEMPORIS_VERIFY_TIMEOUT must be") == true)
  }

  @Test("A setting without a default is required") func required() {
    let setting = Setting<Int>("size", default: nil, help: "A size.", expected: "a number", parse: Int.init)
    let error = #expect(throws: SettingError.self) { try Settings(environment: [:]).value(setting, flag: nil) }
    #expect(error?.description == "--size (or TEMPORIS_SIZE) is required: a number")
  }

  @Test("Several endpoints are separated by commas, and one that is none spoils all") func endpoints() throws {
    let setting = Setting.endpoints("peers", default: nil, help: "Peers.")
    let settings = Settings(environment: [:])
    #expect(try settings.value(setting, flag: "127.0.0.1:1,unix:/run/x.sock").count == 2)
    for text in ["", "127.0.0.1:1,", "127.0.0.1", "127.0.0.1:70000", ",127.0.0.1:1"] {
      #expect(throws: SettingError.self) { try settings.value(setting, flag: text) }
    }
  }

  @Test("A service is named by its own name, and called where it listens by default") func replicas() throws {
    let settings = Settings(environment: ["TEMPORIS_AUTH_VERIFIER": "127.0.0.1:1,127.0.0.1:2"])
    #expect(try settings.value(.replicas(of: .tokenService), flag: nil) == [.host("127.0.0.1", port: 50_051)])
    #expect(try settings.value(.replicas(of: .predictService), flag: nil) == [.host("127.0.0.1", port: 50_053)])
    #expect(try settings.value(.replicas(of: .authVerifier), flag: nil).count == 2)
    #expect(throws: SettingError.self) { try settings.value(.replicas(of: .client), flag: nil) }
  }

  @Test("A setting that a file may hold comes from there when neither flag nor variable is given") func file() throws {
    let path = "/tmp/temporis-setting-\(UInt32.random(in: 0 ... .max))"
    defer { try? FileManager.default.removeItem(atPath: path) }
    func settings(_ text: String, _ more: [String: String] = [:]) throws -> Settings {
      try Data(text.utf8).write(to: URL(filePath: path))
      return Settings(environment: more.merging(["TEMPORIS_VERIFY_TIMEOUT_FILE": path]) { $1 })
    }
    #expect(try settings("5\n").valueOrFile(timeout, flag: nil) == .seconds(5))
    #expect(try settings("5").valueOrFile(timeout, flag: "6") == .seconds(6))
    #expect(try settings("5", ["TEMPORIS_VERIFY_TIMEOUT": "7"]).valueOrFile(timeout, flag: nil) == .seconds(7))
    #expect(try Settings(environment: [:]).valueOrFile(timeout, flag: nil) == .seconds(2))
    let bad = try settings("five")
    let error = #expect(throws: SettingError.self) { try bad.valueOrFile(timeout, flag: nil) }
    #expect(error?.description == "TEMPORIS_VERIFY_TIMEOUT_FILE must name a file that holds seconds from 0.01 to 60")
    let missing = Settings(environment: ["TEMPORIS_VERIFY_TIMEOUT_FILE": "/nowhere/at/all"])
    #expect(throws: SettingError.self) { try missing.valueOrFile(timeout, flag: nil) }
  }

  @Test("A secret comes from its variable or from the file that a variable names, and is in no error") func secrets()
    throws
  {
    let path = "/tmp/temporis-secret-\(UInt32.random(in: 0 ... .max))"
    try Data("hunter2\n".utf8).write(to: URL(filePath: path))
    defer { try? FileManager.default.removeItem(atPath: path) }
    #expect(try Settings(environment: ["TEMPORIS_DATABASE_URL": "hunter1"]).secret("database-url") == "hunter1")
    #expect(try Settings(environment: ["TEMPORIS_DATABASE_URL_FILE": path]).secret("database-url") == "hunter2")
    for environment in [[:], ["TEMPORIS_DATABASE_URL_FILE": "/nowhere/at/all"]] {
      let error = #expect(throws: SettingError.self) { try Settings(environment: environment).secret("database-url") }
      #expect(error?.description.contains("TEMPORIS_DATABASE_URL") == true)
      #expect(error?.description.contains("hunter") == false)
    }
  }
}
