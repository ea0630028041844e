import ArgumentParser
import Gateway
import ServiceKit
import Testing

@Suite struct SettingTests {
  @Test(
    "A setting that cannot be used is one line, before anything runs",
    arguments: [
      (["--tls-certificate", "/x.pem"], "--tls-certificate needs --tls-key beside it"),
      (["--tls-key", "/x.pem"], "--tls-key needs --tls-certificate beside it"),
      (
        ["--tls-certificate", "/x.pem", "--tls-key", "/x.pem"],
        "--tls-certificate names '/x.pem', which cannot be read as a PEM certificate"
      ),
      (["--predict-service", "nowhere"], "--predict-service must be addresses"),
      (["--auth-verifier", ""], "--auth-verifier must be addresses"),
      (["--predict-timeout", "0"], "--predict-timeout must be seconds"),
      (["--predict-timeout", "10"], "--predict-timeout must be longer than --charge-write-timeout"),
      (
        ["--predict-timeout", "30", "--charge-write-timeout", "29"],
        "--predict-timeout must be longer than --charge-write-timeout"
      ),
      (["--verify-timeout", "soon"], "--verify-timeout must be seconds"),
      (["--public-url", "https://a/b"], "--public-url must be a URL without a path"),
      (["--trusted-proxies", "10.0.0.1/8"], "--trusted-proxies must be up to 64 networks"),
      (["--max-connections", "0"], "--max-connections must be a whole number"),
      (["--idle-timeout", "0"], "--idle-timeout must be seconds"),
    ])
  func bad(_ arguments: [String], _ line: String) async throws {
    let command = try #require(try APIGatewayCommand.parseAsRoot(arguments) as? APIGatewayCommand)
    let error = await #expect(throws: SettingError.self) { try await command.run() }
    #expect(error?.description.hasPrefix(line) == true)
  }
}
