import Metrics
import ServiceKit
import Testing

@Suite struct PrometheusRegistryTests {
  private func samples(_ registry: PrometheusRegistry) -> [Substring] {
    registry.text().split(separator: "\n").filter { !$0.hasPrefix("#") }
  }

  private func counter(_ registry: PrometheusRegistry, _ label: String) -> Counter {
    Counter(label: "calls_total", dimensions: [("who", label)], factory: registry)
  }

  @Test("Counters, gauges and timers are written with their labels, sorted and each type said once") func text() {
    let registry = PrometheusRegistry()
    counter(registry, "b").increment(by: 2)
    counter(registry, "a").increment()
    Timer(label: "call.seconds", dimensions: [], factory: registry).recordMilliseconds(30)
    let text = registry.text()
    #expect(text.hasPrefix("# TYPE call_seconds histogram\ncall_seconds_bucket{le=\"0.0005\"} 0\n"))
    #expect(text.contains("call_seconds_bucket{le=\"0.025\"} 0\ncall_seconds_bucket{le=\"0.05\"} 1\n"))
    #expect(text.contains("call_seconds_bucket{le=\"+Inf\"} 1\ncall_seconds_sum 0.03\ncall_seconds_count 1\n"))
    #expect(text.hasSuffix("# TYPE calls_total counter\ncalls_total{who=\"a\"} 1.0\ncalls_total{who=\"b\"} 2.0\n"))
  }

  @Test("What a label holds cannot end it") func escaping() {
    let registry = PrometheusRegistry()
    counter(registry, "a\"\\\nb").increment()
    #expect(samples(registry) == [#"calls_total{who="a\"\\\nb"} 1.0"#])
  }

  @Test("Past 2,000 series a new one is counted nowhere, and the old ones go on") func bound() {
    let registry = PrometheusRegistry()
    for number in 0..<2_500 { counter(registry, "\(number)").increment() }
    #expect(samples(registry).count == 2_000)
    counter(registry, "0").increment()
    counter(registry, "2400").increment()
    #expect(samples(registry).count == 2_000)
    #expect(samples(registry).contains("calls_total{who=\"0\"} 2.0"))
    #expect(!samples(registry).contains { $0.contains("2400") })
  }
}
