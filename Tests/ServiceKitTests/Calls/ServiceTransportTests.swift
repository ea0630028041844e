import ArgumentParser
import GRPCNghttp2Transport
import ServiceKit
import Testing

/// The connections between the suite's services.
@Suite struct ServiceTransportTests {
  private func configuration(_ flags: [String] = [], _ environment: [String: String] = [:]) throws
    -> Nghttp2ServerConfiguration
  {
    try ServiceOptions.parse(flags).transport(settings: Settings(environment: environment))
  }

  @Test("Connections end by themselves unless told otherwise, later than the calls on them") func settings() throws {
    let defaults = try configuration()
    #expect(defaults.maxConnectionAge == .seconds(300))
    #expect(defaults.maxConnectionAgeGrace == .seconds(600))
    let flags = try configuration(["--max-connection-age", "60", "--max-connection-age-grace", "2"])
    #expect(flags.maxConnectionAge == .seconds(60))
    #expect(flags.maxConnectionAgeGrace == .seconds(2))
    let variables = try configuration(
      [], ["TEMPORIS_MAX_CONNECTION_AGE": "61", "TEMPORIS_MAX_CONNECTION_AGE_GRACE": "3"])
    #expect(variables.maxConnectionAge == .seconds(61))
    #expect(variables.maxConnectionAgeGrace == .seconds(3))
    #expect(throws: SettingError.self) { try configuration(["--max-connection-age", "0"]) }
  }

  @Test("Clients ping a silent server, with a call or without, no more often than servers permit") func keepalive()
    throws
  {
    let keepalive = try #require(try ServiceTransport.client().keepalive)
    let server = try configuration()
    #expect(keepalive.time == .seconds(30))
    #expect(keepalive.permitsWithoutCalls)
    // A ping may come early by what the one before it was late.
    #expect(server.minPingInterval <= keepalive.time / 2)
    #expect(server.permitsPingsWithoutCalls)
  }
}
