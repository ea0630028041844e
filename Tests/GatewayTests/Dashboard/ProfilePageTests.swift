import Gateway
import Hummingbird
import HummingbirdTesting
import ServiceKit
import SwiftProtobuf
import TemporisAPI
import Testing

@Suite struct ProfilePageTests {
  private static let path = "/dashboard/profiles/hourly_orders"
  private static let filled: KeyValuePairs = [
    "key": "0123456789012345678901", "name": "daily", "data_source": "shop", "names": "orders\r\nreturns",
    "interval": "86400", "patch_len": "16", "patch_spacing": "1", "num_patches": "32", "min_patches": "4",
    "fill_limit": "2", "use_diffs": "1", "time_zone": "Europe/Berlin", "start": "22:00", "stop": "06:00",
  ]

  /// The value of an input.
  private func value(of name: String, in answer: TestResponse) -> String? {
    answer.text.split(separator: "<input").first { $0.contains(" name=\"\(name)\"") }
      .flatMap { $0.firstMatch(of: /value="([^"]*)"/) }.map { String($0.1) }
  }

  @Test("A profile is listed, shown with its settings, and can be edited and deleted from there")
  func show() async throws {
    try await TestDashboard.with { dashboard in
      try await dashboard.fill(with: "orders")
      let list = try await dashboard.open("/dashboard/profiles")
      #expect(list.isPage(200) && list.text.contains("href=\"\(Self.path)\"") && list.text.contains("Ready"))
      let page = try await dashboard.open(Self.path)
      #expect(page.isPage(200))
      for text in [
        "patch_len", "3,600 seconds (1 hour)", "64 steps of 1 hour", "64 model tokens", "fill_limit", "1st percentile",
      ] {
        #expect(page.text.contains(text), "\(text)")
      }
      #expect(page.text.contains("\(Self.path)/edit") && page.text.contains("\(Self.path)/delete"))
      let answer = try await dashboard.open("/dashboard/profiles/nothing")
      #expect(answer.isPage(404))
    }
  }

  @Test("A profile's page shows what the model reads, and does without where nobody tells")
  func context() async throws {
    try await TestDashboard.with { dashboard in
      try await dashboard.fill(with: "orders")
      let page = try await dashboard.open(Self.path)
      #expect(page.text.contains("70 points of at most 512, a forecast needs 64 · 1 value filled · 10 dropped in gaps"))
      for text in ["context-line", "context-gap", "context-fill", "Filled from the value before", "in 2 stretches"] {
        #expect(page.text.contains(text), "\(text)")
      }
      dashboard.services.with { $0.context = .with { $0.series = [.with { $0.name = "orders" }] } }
      let empty = try await dashboard.open(Self.path)
      #expect(empty.isPage(200) && empty.text.contains("There is no point yet"))
      for refusal in [ServiceError(.unavailable), ServiceError(.engineBusy)] {
        dashboard.services.with { $0.refusals["GetDataProfileContext"] = refusal }
        let unknown = try await dashboard.open(Self.path)
        #expect(unknown.isPage(200) && unknown.text.contains("This is not known just now"))
        #expect(unknown.text.contains("patch_len"))
      }
    }
  }

  @Test("Public profiles are listed for every account, to be forecast, and an own one says that it is public")
  func publicProfiles() async throws {
    try await TestDashboard.with { dashboard in
      try await dashboard.fill(with: "orders")
      dashboard.services.with { state in
        state.profiles = []
        state.publicProfiles.append(.with { $0.name = "temporis/later" })
      }
      let list = try await dashboard.open("/dashboard/profiles")
      #expect(list.text.contains("href=\"/dashboard/forecast?profile=temporis%2Fdemo_hourly\""))
      #expect(list.text.contains("<code>temporis/later</code>") && list.text.contains("No data profiles"))
      dashboard.services.with { $0.publicProfiles = [] }
      #expect(try await !dashboard.open("/dashboard/profiles").text.contains("Public profiles"))
      try await dashboard.fill(with: "orders")
      #expect(try await !dashboard.open(Self.path).text.contains("<code>temporis/hourly_orders</code>"))
      dashboard.services.with { $0.profiles[0].published = true }
      #expect(try await dashboard.open(Self.path).text.contains("<code>temporis/hourly_orders</code>"))
    }
  }

  @Test("Pages are shown without the public profiles while nobody tells them")
  func unknownPublicProfiles() async throws {
    try await TestDashboard.with { dashboard in
      try await dashboard.fill(with: "orders")
      dashboard.services.with { $0.refusals["ListPublicDataProfiles"] = ServiceError(.unavailable) }
      let list = try await dashboard.open("/dashboard/profiles")
      #expect(list.isPage(200) && list.text.contains("hourly_orders") && !list.text.contains("Public profiles"))
      let form = try await dashboard.open("/dashboard/forecast")
      #expect(form.isPage(200) && form.text.contains("hourly_orders"))
    }
  }

  @Test("The operator publishes a profile on its page and takes it back; others see no such button")
  func publish() async throws {
    try await TestDashboard.with { dashboard in
      try await dashboard.fill(with: "orders")
      #expect(try await !dashboard.open(Self.path).text.contains("/publish\""))
      dashboard.services.with { $0.profiles[0].publishable = true }
      #expect(try await dashboard.open(Self.path).text.contains("action=\"\(Self.path)/publish\""))
      let published = try await dashboard.submit(Self.path + "/publish")
      #expect(published.redirects(to: Self.path, notice: "profile-published"))
      #expect(dashboard.services.changes == ["PublishDataProfile"])
      let page = try await dashboard.follow(published)
      #expect(page.text.contains("The data profile is public.") && page.text.contains("Unpublish</button>"))
      #expect(page.text.contains("action=\"\(Self.path)/unpublish\""))
      let unpublished = try await dashboard.submit(Self.path + "/unpublish")
      #expect(unpublished.redirects(to: Self.path, notice: "profile-unpublished"))
      dashboard.services.with { $0.refusals["PublishDataProfile"] = ServiceError(.permissionDenied) }
      let refused = try await dashboard.submit(Self.path + "/publish")
      #expect(refused.isPage(403))
    }
  }

  @Test("One that is not ready says what is missing")
  func unready() async throws {
    try await TestDashboard.with { dashboard in
      try await dashboard.fill(with: "orders")
      dashboard.services.with { state in
        state.profiles[0].ready = false
        state.series[0].rowCount = 10
      }
      let page = try await dashboard.open(Self.path)
      #expect(page.text.contains("Not ready") && page.text.contains("at least 54 more are needed"))
      #expect(!page.text.contains("Draw a forecast"))
    }
  }

  @Test("Series that the source does not have are named in a warning, with those that it has")
  func unknownSeries() async throws {
    try await TestDashboard.with { dashboard in
      try await dashboard.fill(with: "Paris, France")
      dashboard.services.with { state in
        state.profiles[0].ready = false
        state.profiles[0].settings.names = ["Paris", "France"]
      }
      let page = try await dashboard.open(Self.path)
      #expect(page.text.contains("shop has no rows of “Paris”, “France”. It has: Paris, France."))
      dashboard.services.with { $0.profiles[0].settings.names = ["Paris, France"] }
      #expect(try await !dashboard.open(Self.path).text.contains("has no rows"))
    }
  }

  @Test("A form that is filled in creates the profile with every setting in it")
  func create() async throws {
    try await TestDashboard.with { dashboard in
      try await dashboard.fill(with: "orders")
      let answer = try await dashboard.submit("/dashboard/new-profile", Self.filled)
      #expect(answer.redirects(to: "/dashboard/profiles/daily", notice: "profile-created"))
      #expect(dashboard.services.changes == ["CreateDataProfile"])
    }
  }

  @Test("A profile may be named new")
  func named() async throws {
    try await TestDashboard.with { dashboard in
      try await dashboard.fill(with: "orders")
      dashboard.services.with { $0.profiles[0].name = "new" }
      let answer = try await dashboard.open("/dashboard/profiles/new")
      #expect(answer.text.contains("Normalization statistics"))
      let answer2 = try await dashboard.open("/dashboard/new-profile")
      #expect(answer2.text.contains("Create profile"))
    }
  }

  @Test("The form offers the sources, names the series of the chosen one, and holds the defaults")
  func form() async throws {
    try await TestDashboard.with { dashboard in
      try await dashboard.fill(with: "orders")
      let page = try await dashboard.open("/dashboard/new-profile?source=shop")
      #expect(page.text.contains("<option value=\"shop\" selected>") && page.text.contains("shop has: orders."))
      #expect(page.text.contains("<option value=\"America/New_York\">"))
      let names = ["patch_len", "patch_spacing", "num_patches", "min_patches", "fill_limit"]
      #expect(names.map { value(of: $0, in: page) } == ["16", "1", "32", "4", "2"])
    }
  }

  @Test("What is wrong is said beside the field, with everything typed kept, and nothing is asked of the service")
  func mistakes() async throws {
    try await TestDashboard.with { dashboard in
      try await dashboard.fill(with: "orders")
      let page = try await dashboard.submit(
        "/dashboard/new-profile",
        [
          "name": "Bad <Name>", "data_source": "shop", "names": "orders\r\n  orders\r\n<b>", "interval": "1h",
          "patch_len": "many", "use_diffs": "1", "time_zone": "Mars/Olympus", "start": "25:00", "stop": "\"8\"",
        ])
      #expect(page.isPage(422))
      for field in ["interval", "patch_len", "start", "stop"] {
        #expect(page.text.contains("id=\"\(field)-error\""), "\(field)")
      }
      #expect(value(of: "name", in: page) == "Bad &lt;Name&gt;" && value(of: "interval", in: page) == "1h")
      #expect(value(of: "time_zone", in: page) == "Mars/Olympus" && value(of: "stop", in: page) == "&quot;8&quot;")
      #expect(page.text.contains(">\norders\r\n  orders\r\n&lt;b&gt;</textarea>"))
      #expect(page.text.firstMatch(of: /name="use_diffs" value="1" checked/) != nil)
      #expect(dashboard.services.changes.isEmpty)
    }
  }

  @Test(
    "What the service refuses is said beside the field that it named",
    arguments: [
      (ServiceError(violating: "settings.interval", "must be 1 to 31556952"), "interval", 422),
      (
        ServiceError(violating: "settings.exclude_window", "must have a start and a stop that differ"), "time_zone", 422
      ),
      (ServiceError(violating: "settings.exclude_window.time_zone", "must be an IANA zone"), "time_zone", 422),
      (ServiceError(violating: "settings.exclude_window.stop_minute", "must be 0 to 1439"), "stop", 422),
      (ServiceError(violating: "settings.names", "must be 1 to 64 names"), "names", 422),
      (ServiceError(violating: "settings.names[1]", "must be at most 255 bytes"), "names", 422),
      (ServiceError(.dataProfileExists), "name", 409), (ServiceError(.dataSourceNotFound), "data_source", 404),
    ])
  func refusals(error: ServiceError, field: String, status: Int) async throws {
    try await TestDashboard.with { dashboard in
      try await dashboard.fill(with: "orders")
      dashboard.services.with {
        $0.refusals["CreateDataProfile"] = error
        $0.refusals["UpdateDataProfile"] = error
      }
      for path in ["/dashboard/new-profile", Self.path + "/edit"] where !(field == "name" && path.hasSuffix("edit")) {
        let page = try await dashboard.submit(path, Self.filled)
        #expect(page.isPage(status))
        #expect(page.text.contains("id=\"\(field)-error\""), "\(path)")
        #expect(value(of: "interval", in: page) == "86400")
      }
    }
  }

  @Test("Every field that breaks a rule is said at once, and a refusal that names none above the form")
  func severalViolations() async throws {
    try await TestDashboard.with { dashboard in
      try await dashboard.fill(with: "orders")
      let violations = ["settings.interval", "settings.names", "name"].map {
        FieldViolation(field: $0, rule: "must be otherwise")
      }
      dashboard.services.with {
        $0.refusals["CreateDataProfile"] = ServiceError(.invalidArgument, "three fields", violations: violations)
      }
      let page = try await dashboard.submit("/dashboard/new-profile", Self.filled)
      #expect(page.isPage(422) && page.text.contains("3 fields need another look"))
      for field in ["interval", "names", "name"] {
        #expect(page.text.contains("id=\"\(field)-error\">Must be otherwise."))
      }
      dashboard.services.with { $0.refusals["CreateDataProfile"] = ServiceError(.invalidArgument, "interval is odd") }
      let general = try await dashboard.submit("/dashboard/new-profile", Self.filled)
      #expect(general.isPage(422) && general.text.contains("<p>Interval is odd.</p>"))
      #expect(!general.text.contains("id=\"interval-error\""))
    }
  }

  @Test("The form of a profile holds its settings, and sends all of them")
  func edit() async throws {
    try await TestDashboard.with { dashboard in
      try await dashboard.fill(with: "orders")
      let page = try await dashboard.open(Self.path + "/edit")
      #expect(page.isPage(200) && value(of: "interval", in: page) == "3600" && value(of: "name", in: page) == nil)
      #expect(page.text.contains(">\norders</textarea>"))
      let answer = try await dashboard.submit(Self.path + "/edit", Self.filled)
      #expect(answer.redirects(to: Self.path, notice: "profile-updated"))
      #expect(dashboard.services.changes == ["UpdateDataProfile"])
    }
  }

  @Test("A profile is deleted only after it was said what stops working")
  func delete() async throws {
    try await TestDashboard.with { dashboard in
      try await dashboard.fill(with: "orders")
      let page = try await dashboard.open(Self.path + "/delete")
      #expect(page.isPage(200) && page.text.contains("What stops working"))
      #expect(dashboard.services.changes.isEmpty)
      let answer = try await dashboard.submit(Self.path + "/delete")
      #expect(answer.redirects(to: "/dashboard/profiles", notice: "profile-deleted"))
      #expect(dashboard.services.changes == ["DeleteDataProfile"])
    }
  }

  @Test("Whoever has no source is sent to make one first")
  func noSource() async throws {
    try await TestDashboard.with { dashboard in
      let form = try await dashboard.open("/dashboard/new-profile")
      #expect(form.text.contains("Create a source first"))
      let list = try await dashboard.open("/dashboard/profiles")
      #expect(list.text.contains("No data profiles"))
    }
  }
}
