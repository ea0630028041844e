// Runs schedules of the simulation, from seed FIRST on. Prints the first that breaks the guarantee, or else the first
// without progress, or else what all have shown. Or tells the schedule of a seed line by line.
//
//   simulate FIRST COUNT
//   simulate SEED trace

guard CommandLine.arguments.count == 3, let first = UInt64(CommandLine.arguments[1]) else {
  fatalError("usage: simulate FIRST COUNT, or simulate SEED trace")
}
if let count = UInt64(CommandLine.arguments[2]) {
  var summary = SimulationSummary()
  var verdict: String?
  search: for seed in first..<first + count {
    switch summary.run(seed) {
    case .guarantee(let reason):
      verdict = "found \(seed - first + 1) seed \(seed): \(reason)"
      break search
    case .progress(let reason) where verdict == nil:
      verdict = "stuck \(seed - first + 1) seed \(seed): \(reason)"
    case .progress, nil:
      break
    }
  }
  print(verdict ?? "held " + summary.lines.joined(separator: "\n"))
} else {
  print(SimulationSummary.trace(first).joined(separator: "\n"))
}
