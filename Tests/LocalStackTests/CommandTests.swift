import LocalStack
import Testing

@Suite("Commands")
struct CommandTests {
  @Test("A command's output is returned, and its input read from standard input")
  func runs() async throws {
    #expect(try await Command(["cat"]).run(input: "abc\n") == "abc\n")
  }

  @Test(
    "A failed command says why: the line that it calls an error, else the last one, standard error's first",
    arguments: [
      "echo first >&2; echo reason >&2; exit 3", "echo reason >&2; echo 'all is well'; exit 3",
      "echo 'initdb: error: reason' >&2; echo 'initdb: hint: more' >&2; echo 'running script ...'; exit 1",
      "echo 'FATAL:  reason' >&2; echo 'STATEMENT:  secret' >&2; exit 1", "echo first; echo reason; exit 1",
    ])
  func fails(script: String) async throws {
    let error = try #require(
      await #expect(throws: LocalStackError.self) { try await Command(["sh", "-c", script]).run() })
    #expect(error.message.hasSuffix("reason"))
  }

  @Test("A caller's own credentials do not reach a command, its changes do")
  func environment() async throws {
    var command = Command(["env"])
    command.parent = [
      "PATH": command.parent["PATH"] ?? "", "HOME": "/h", "LANG": "C", "PGPASSWORD": "a", "PGHOST": "b",
      "TEMPORIS_SESSION": "c", "TEMPORIS_TOKEN_PEPPERS": "d", "TEMPORIS_IDENTITY_KEY": "f", "TEMPORIS_LISTEN": "e",
    ]
    func names() async throws -> Set<String> {
      Set(try await command.run().split(separator: "\n").map { String($0.prefix { $0 != "=" }) })
    }
    command.environment = .inherited(["TEMPORIS_LISTEN": "here"])
    #expect(try await names().subtracting(["PWD", "_"]) == ["PATH", "HOME", "LANG", "TEMPORIS_LISTEN"])
    #expect(try await command.run().contains("TEMPORIS_LISTEN=here"))
    command.environment = .only(["ONE": "1"])
    #expect(try await names().subtracting(["PWD", "_"]) == ["PATH", "HOME", "ONE"])
  }

  @Test("The wish to end with us comes after every change of the user, which would undo it")
  func deathSignal() {
    #expect(Command(["postgres"]).wrapped(deathSignal: "QUIT") == ["setpriv", "--pdeathsig=QUIT", "--", "postgres"])
    let words = Command(["sh", "-c", "…", "setpriv", "--reuid=5", "--", "postgres"]).wrapped(deathSignal: "QUIT")
    #expect(words == ["sh", "-c", "…", "setpriv", "--pdeathsig=QUIT", "--reuid=5", "--", "postgres"])
  }

  @Test("A process that ends is started again after growing waits, up to a bound")
  func backoff() {
    var backoff = Backoff()
    #expect(backoff.next(afterRunning: .zero) == .milliseconds(100))
    #expect(backoff.next(afterRunning: .zero) == .milliseconds(200))
    for _ in 0..<100 { _ = backoff.next(afterRunning: .zero) }
    #expect(backoff.next(afterRunning: .zero) == .seconds(5))
    #expect(backoff.next(afterRunning: .seconds(60)) == .milliseconds(100))
  }
}
