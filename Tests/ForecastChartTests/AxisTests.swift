import ForecastChart
import Testing

@Suite struct AxisTests {
  @Test(
    "A scale of values goes from round number to round number",
    arguments: [
      (0.0, 250.0, ["0", "50", "100", "150", "200", "250"]),
      (44.0, 235.0, ["0", "50", "100", "150", "200", "250"]),
      (99.6, 118.2, ["95", "100", "105", "110", "115", "120"]),
      (-0.068, 0.014, ["−0.08", "−0.06", "−0.04", "−0.02", "0", "0.02"]),
      (1_900_000.0, 7_300_000.0, ["0", "2M", "4M", "6M", "8M"]),
      (1_200.0, 1_300.0, ["1,200", "1,220", "1,240", "1,260", "1,280", "1,300"]),
      (5.0, 5.0, ["4.4", "4.6", "4.8", "5.0", "5.2", "5.4", "5.6"]),
      (0.0, 0.0, ["−1.0", "−0.5", "0", "0.5", "1.0"]),
      (1e300, 2e300, ["1.0e300", "1.2e300", "1.4e300", "1.6e300", "1.8e300", "2.0e300"]),
    ])
  func roundNumbers(low: Double, high: Double, labels: [String]) {
    #expect(ValueAxis(low: low, high: high).ticks.map(\.label) == labels)
  }

  @Test("Whatever the values, the scale holds them, and has between 2 and 12 different marks in order")
  func anyValues() {
    let magnitudes = [
      .leastNonzeroMagnitude, .leastNormalMagnitude / 200, 1e-20, 1e-4, 0.3, 1, 999, 12_345.678, 1e9, 9.99e14, 1e15,
      1e100, 1.7e308,
    ]
    for large in magnitudes {
      for share in [1, 0.9999999, 0.5, 0.1, 0, -0.5, -1] {
        let (low, high) = share <= 0 ? (large * share, large) : (large * share, large)
        let axis = ValueAxis(low: low, high: high)
        let name = "\(low)...\(high): \(axis.ticks.map(\.label))"
        #expect((2...12).contains(axis.ticks.count), "\(name)")
        #expect(axis.ticks.first?.position == 0 && axis.ticks.last?.position == 1, "\(name)")
        #expect(Set(axis.ticks.map(\.label)).count == axis.ticks.count, "\(name)")
        #expect(zip(axis.ticks, axis.ticks.dropFirst()).allSatisfy { $0.position < $1.position }, "\(name)")
        #expect(axis.ticks.allSatisfy { $0.label.count <= 12 && !$0.label.contains("n") }, "\(name)")
        #expect(
          (-1e-6...1 + 1e-6).contains(axis.position(low)) && (-1e-6...1 + 1e-6).contains(axis.position(high)), "\(name)"
        )
      }
    }
  }

  @Test(
    "A scale of instants has its marks at round times in UTC",
    arguments: [
      (1_764_000_000, 64 * 3_600, ["25 Nov", "12:00", "26 Nov", "12:00", "27 Nov"]),
      (1_764_000_000, 16 * 60, ["16:02", "16:04", "16:06", "16:08", "16:10", "16:12", "16:14", "16:16"]),
      (1_764_000_000, 20, ["16:00:05", "16:00:10", "16:00:15", "16:00:20"]),
      (1_764_000_000, 64 * 86_400, ["8 Dec", "22 Dec", "5 Jan", "19 Jan"]),
      (1_764_000_000, 300 * 86_400, ["2026", "Apr", "Jul"]),
      (1_764_000_000, 32 * 31_556_952, ["2030", "2035", "2040", "2045", "2050", "2055"]),
    ] as [(Int64, Int64, [String])])
  func roundTimes(start: Int64, span: Int64, labels: [String]) {
    #expect(TimeAxis(start: start, end: start + span).ticks.map(\.label) == labels)
  }

  @Test("Whatever the instants, there are at most 12 marks, in order and on the axis")
  func anyInstants() {
    for start in [0, 1_764_000_000, 253_402_300_799, Int64.min, Int64.max] {
      for span in [0, 1, 59, 3_600, 86_400, 31_556_952, 1_000 * 31_556_952, 2_048_000 * 31_556_952] as [Int64] {
        let (end, overflows) = start.addingReportingOverflow(span)
        let axis = TimeAxis(start: start, end: overflows ? .max : end)
        #expect(axis.ticks.count <= 12)
        #expect(axis.ticks.allSatisfy { (0...1).contains($0.position) })
        #expect(zip(axis.ticks, axis.ticks.dropFirst()).allSatisfy { $0.position < $1.position })
        #expect((0...1).contains(axis.position(start)) && (0...1).contains(axis.position(end)))
      }
    }
  }

  @Test(
    "The calendar agrees with well-known instants",
    arguments: [
      (0, 1970, 1, 1, "00:00:00"), (951_782_399, 2_000, 2, 28, "23:59:59"), (951_782_400, 2_000, 2, 29, "00:00:00"),
      (1_764_000_005, 2_025, 11, 24, "16:00:05"), (4_107_542_400, 2_100, 3, 1, "00:00:00"),
      (253_402_300_799, 9_999, 12, 31, "23:59:59"), (-1, 1969, 12, 31, "23:59:59"),
    ] as [(Int64, Int64, Int, Int, String)])
  func calendar(instant: Int64, year: Int64, month: Int, day: Int, clock: String) {
    let time = CivilTime(unixSeconds: instant)
    #expect(time.year == year && time.month == month && time.day == day)
    #expect(time.clockText(withSeconds: true) == clock)
    let begin = CivilTime(unixSeconds: CivilTime.start(ofMonth: Int64(month), year: year))
    #expect(begin.year == year && begin.month == month && begin.day == 1 && begin.isMidnight)
  }

  @Test(
    "The numbers of a series have as many digits as tell them apart",
    arguments: [
      (100.0, 200.0, 123.456, "123.5"), (100, 104, 101.2341, "101.234"), (0, 0.5, 0.123456, "0.123"),
      (0, 5e6, 1_234_567.8, "1,234,568"), (-40, 40, -12.345, "−12.3"), (0, 0, 0, "0.00"), (5, 5, 5, "5.00"),
      (0, 1e300, 1.23456e299, "1.235e299"), (0, 1e-9, 1.5e-10, "1.500e−10"), (-1, 1, -0.0001, "0.000"),
    ])
  func numbers(low: Double, high: Double, value: Double, text: String) {
    #expect(NumberStyle(low: low, high: high).text(value) == text)
  }

  @Test("Rows of days are written without a clock, and others no finer than they need")
  func rowTimes() {
    #expect(RowTimes([1_763_942_400, 1_764_028_800]).text(1_763_942_400) == "24 Nov 2025")
    #expect(RowTimes([1_764_000_000]).text(1_764_000_000) == "24 Nov 2025, 16:00")
    #expect(RowTimes([1_764_000_001]).text(1_764_000_001) == "24 Nov 2025, 16:00:01")
  }
}
