import Forecasting
import Testing

@Suite("Tokens") struct TokenTests {
  private func near(_ actual: [Double], _ expected: [Double]) -> Bool {
    actual.count == expected.count
      && zip(actual, expected).allSatisfy { abs($0 - $1) <= 1e-6 * max(abs($1), 1e-6) }
  }

  @Test("Temperature and nucleus shape the probabilities as independent code does")
  func sharpening() {
    let base = Vocabulary.standard.probabilities
    func shaped(_ temperature: Double, _ topP: Double) -> [Double] {
      let sums = TokenDistribution(base, temperature: temperature, topP: topP).cumulative
      return zip(sums, [0] + sums).map { $0 - $1 }
    }
    let cold = shaped(0.5, 0.9)
    #expect(near(Array(cold[16...18]), [0.4140395480780182, 0.2561351538725052, 0]))
    // Of two equally likely tokens the earlier is kept.
    #expect(cold.filter { $0 > 1e-15 }.count == 4 && cold[14] > 0)
    #expect(
      near(
        Array(shaped(2, 1)[16...19]),
        [0.1474815266941642, 0.13079600080555673, 0.09579206152954427, 0.06370603144634977]))
    #expect(near(Array(shaped(1, 0.5)[16...17]), [0.3886431983017867, 0.30567840084910664]))
    #expect(near([shaped(1, 0)[16]], [1]))
  }

  @Test("top_p 1 keeps every token, and a temperature of 1 leaves the probabilities as they are")
  func keepsAll() {
    let base = Vocabulary.standard.probabilities
    let sums = TokenDistribution(base, temperature: 1, topP: 1).cumulative
    #expect(near(zip(sums, [0] + sums).map { $0 - $1 }, base))
    for temperature in [0.3, 1, 3] {
      let sums = TokenDistribution(base, temperature: temperature, topP: 1).cumulative
      #expect(zip(sums, [0] + sums).allSatisfy { $0 > $1 })
    }
  }

  @Test("A token without mass is never drawn, at either end of the quantiles")
  func zeroMass() {
    let distribution = TokenDistribution([0, 0.5, 0, 0.5, 0], temperature: 1, topP: 0.9)
    #expect(distribution.token(at: 0) == 1)
    #expect(distribution.token(at: 0.5) == 3)
    #expect(distribution.token(at: 0.4999) == 1)
    #expect(distribution.token(at: 1) == 3)
  }

  @Test("A random stream gives xoshiro256++'s numbers from SplitMix64's seed, its own for each trajectory")
  func random() {
    var stream = RandomStream(seed: 0, trajectory: 0)
    let numbers = (0..<3).map { _ in stream.next() }
    #expect(numbers == [5_987_356_902_031_041_503, 7_051_070_477_665_621_255, 6_633_766_593_972_829_180])
    var second = RandomStream(seed: 0, trajectory: 1)
    #expect(second.next() != numbers[0])
    var last = RandomStream(seed: .max, trajectory: 999)
    let normals = (0..<20_000).map { _ in last.normal() }
    let mean = normals.reduce(0, +) / 20_000
    let variance = normals.reduce(0) { $0 + $1 * $1 } / 20_000
    #expect(abs(mean) < 0.03 && abs(variance - 1) < 0.05)
  }
}
