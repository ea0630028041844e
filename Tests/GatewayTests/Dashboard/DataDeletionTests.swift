import Gateway
import HummingbirdTesting
import SwiftProtobuf
import TemporisAPI
import Testing

@Suite struct DataDeletionTests {
  private static let rows = "/dashboard/sources/shop/delete-rows"
  private static let source = "/dashboard/sources/shop/delete"

  @Test("The page counts the rows, names the profiles that read them, and deletes nothing")
  func confirmation() async throws {
    try await TestDashboard.with { dashboard async throws in
      try await dashboard.fill(with: "orders")
      for query in ["", "?series=orders", "?series=orders&start=2026-05-01T12%3A30&end="] {
        let page = try await dashboard.open(Self.rows + query)
        #expect(page.isPage(200) && page.text.contains("Delete 1,234 rows?"), "\(query)")
        #expect(page.text.contains("href=\"/dashboard/profiles/hourly_orders\""), "\(query)")
      }
      let none = try await dashboard.open(Self.rows + "?series=returns")
      #expect(none.isPage(200) && none.text.contains("There are no such rows"))
      #expect(!none.text.contains("danger solid"))
      #expect(dashboard.services.changes.isEmpty)
    }
  }

  @Test("The rows of a series in a range of time are deleted as they were shown")
  func rows() async throws {
    try await TestDashboard.with { dashboard async throws in
      try await dashboard.fill(with: " led by a space")
      let fields: KeyValuePairs = ["series": " led by a space", "start": "2026-05-01T12:30", "end": "2026-05-02"]
      let answer = try await dashboard.submit(Self.rows, fields)
      #expect(answer.redirects(to: "/dashboard/sources/shop", notice: "rows-deleted"))
      let message = try #require(dashboard.services.with { $0.deletions }.first)
      #expect(message.dataSource == "shop" && message.series == " led by a space" && !message.validateOnly)
      #expect(message.startTimestamp.value == 1_777_638_600 && message.endTimestamp.value == 1_777_680_000)
      #expect(try await dashboard.follow(answer).text.contains("rows are deleted"))
    }
  }

  @Test("All rows are meant where no series and no time are named")
  func allRows() async throws {
    try await TestDashboard.with { dashboard async throws in
      try await dashboard.fill(with: "orders")
      _ = try await dashboard.submit(Self.rows, ["series": "", "start": "", "end": ""])
      let message = try #require(dashboard.services.with { $0.deletions }.first)
      #expect(message.series.isEmpty && !message.hasStartTimestamp && !message.hasEndTimestamp)
    }
  }

  @Test(
    "What is no time or no range is said beside its field, and nothing is counted or deleted",
    arguments: [
      ("start", "yesterday"), ("start", "2026-02-30"), ("start", "1969-12-31T23:59"), ("end", "2026-13-01"),
      ("end", "2026-05-01T24:00"), ("end", "1777638600"), ("end", "٢٠٢٦-05-01"),
    ])
  func badTimes(field: String, text: String) async throws {
    try await TestDashboard.with { dashboard async throws in
      try await dashboard.fill(with: "orders")
      let fields: KeyValuePairs = ["series": "orders", field: text]
      let sent = try await dashboard.submit(Self.rows, fields)
      let asked = try await dashboard.open("\(Self.rows)?series=orders&\(field)=\(FormFields.percentEncoded(text))")
      for page in [sent, asked] {
        #expect(page.isPage(422) && page.text.contains("id=\"\(field)-error\""))
        #expect(page.text.contains("value=\"\(text)\"") && !page.text.contains("danger solid"))
      }
      let calls = dashboard.services.with { $0.calls }
      #expect(!calls.contains("DeleteRecords"))
    }
  }

  @Test("A range that ends before it begins is refused")
  func emptyRange() async throws {
    try await TestDashboard.with { dashboard async throws in
      try await dashboard.fill(with: "orders")
      let page = try await dashboard.submit(Self.rows, ["start": "2026-05-02", "end": "2026-05-02"])
      #expect(page.isPage(422) && page.text.contains("id=\"end-error\"") && dashboard.services.changes.isEmpty)
    }
  }

  @Test("A source with profiles is deleted only with their deletion agreed to")
  func sourceInUse() async throws {
    try await TestDashboard.with { dashboard async throws in
      try await dashboard.fill(with: "orders")
      let page = try await dashboard.open(Self.source)
      #expect(page.isPage(200) && page.text.contains("1,234 rows") && page.text.contains("name=\"force\""))
      #expect(page.text.contains("href=\"/dashboard/profiles/hourly_orders\"") && dashboard.services.changes.isEmpty)
      let refused = try await dashboard.submit(Self.source)
      #expect(refused.isPage(409) && refused.text.contains("Data profiles read this data source."))
      #expect(dashboard.services.with { $0.sources.count } == 1)
      let answer = try await dashboard.submit(Self.source, ["force": "1"])
      #expect(answer.redirects(to: "/dashboard/sources", notice: "source-deleted"))
      #expect(dashboard.services.with { $0.sources.isEmpty && $0.profiles.isEmpty })
      #expect(try await dashboard.open(Self.source).isPage(404))
    }
  }

  @Test("A source without profiles is deleted, and one without rows too")
  func unusedSource() async throws {
    try await TestDashboard.with { dashboard async throws in
      try await dashboard.fill(with: "orders")
      dashboard.services.with { state in
        state.profiles = []
        state.series = []
      }
      let page = try await dashboard.open(Self.source)
      #expect(page.isPage(200) && page.text.contains("0 rows") && !page.text.contains("name=\"force\""))
      #expect(try await dashboard.submit(Self.source).redirects(to: "/dashboard/sources", notice: "source-deleted"))
    }
  }

  @Test("Every profile that goes with a source is named, also one that reads no row")
  func emptySourceInUse() async throws {
    try await TestDashboard.with { dashboard async throws in
      try await dashboard.fill(with: "orders")
      dashboard.services.with { $0.series = [] }
      for page in [try await dashboard.open(Self.source), try await dashboard.submit(Self.source)] {
        #expect(
          page.text.contains("name=\"force\"") && page.text.contains("href=\"/dashboard/profiles/hourly_orders\""))
      }
    }
  }
}
