import Forecasting
import Testing

/// Numbers of the reference engine with its experts limited to naive and seasonal naive.
@Suite("Reference numbers") struct ReferenceTests {
  struct Case: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let values: [Double]
    let settings: @Sendable () throws -> ForecastSettings
    let periods: [Int]
    let centre, width, inflation, level, persistence: Double
    /// First, a third in, last.
    let path, scale: [Double]
    /// Coefficients first, middle, last: last patch on first, last on last.
    let across, own: [Double]
  }

  static let cases: [Case] = [
    Case(
      testDescription: "hourly", values: TestSeries.daily(512), settings: { try .of() }, periods: [24, 168],
      centre: 49.90575687559474, width: 11.377306854223498, inflation: 1.140175425099138, level: 0.10711575142539975,
      persistence: 0.2, path: [0.7835748026565418, 0.9933216343079261, -0.28911791412571264],
      scale: [0.13340933031329058, 0.12930999285872827, 0.12234026874059607], across: [0.8366787148476815, 0, 0],
      own: [1.088370065047794, 0.9771301983604413, 0.8277266518052662]),
    Case(
      testDescription: "growing", values: TestSeries.growing(512), settings: { try .of() }, periods: [24, 168],
      centre: 4.0143413784847, width: 1.06261501571903, inflation: 1.140175425099138, level: 0.4216089169543401,
      persistence: 0.24146633563268688, path: [0.982741743893444, 1.0907349827010075, 0.6081045650210312],
      scale: [0.07388937331484623, 0.11221615346574997, 0.16371123529475054], across: [2.5198028965176382, 0, 0],
      own: [1.1348976143651766, 0.7156931270815013, 0.5817946847367882]),
    Case(
      testDescription: "growth asked for", values: TestSeries.growing(200),
      settings: { try .of(patchLength: 8, numPatches: 16, usesDiffs: true) }, periods: [24],
      centre: 3.6234825384353626, width: 0.7330902533460422, inflation: 1.0985884360051028, level: 0.515615083282153,
      persistence: 0.14545454545454545, path: [0.8251968391074638, 0.39946592457765634, 0.47591830249368194],
      scale: [0.17785132473534107, 0.17720473488765842, 0.17233219275992231],
      across: [1.9402129092212292, 0.008214276427671047, -0.0005409989439270945],
      own: [1.0947401151681329, 0.6019124323378602, 0.6747884884394851]),
    Case(
      testDescription: "growth of both signs", values: TestSeries.signed(300),
      settings: { try .of(numPatches: 16, usesDiffs: true) }, periods: [24],
      centre: 0.8038949316800916, width: 1.2174847970496405, inflation: 1.1241602482458912, level: 0.4526312743786153,
      persistence: 0.6191385691704364, path: [-0.05488729390603841, -0.05488729390603841, -0.05488729390603841],
      scale: [0.25546604043920684, 0.3935043537745685, 0.5719571943804221],
      across: [2.5314481230501014, 0.0029476339918783146, -2.4322057316557135e-05],
      own: [1.9225988495324926, 0.4424805643628555, 0.3608780807720566]),
    Case(
      testDescription: "walk", values: TestSeries.walk(512), settings: { try .of(interval: 86_400) }, periods: [7],
      centre: 99.97397021130308, width: 3.53836936871172, inflation: 1.140175425099138, level: 0.37846419015649024,
      persistence: 0.8014127135821993, path: [-0.39574652006936106, -0.39574652006936106, -0.39574652006936106],
      scale: [0.08268114951044939, 0.36957310322580494, 0.588578652748765],
      across: [2.0082476615587685, 8.554101220913553e-07, -5.92991065487614e-09],
      own: [2.3387889121677645, 0.3197537515635302, 0.20239718949606306]),
    Case(
      testDescription: "counts", values: TestSeries.counts(200), settings: { try .of(interval: 86_400) }, periods: [7],
      centre: 2, width: 2, inflation: 1.259113121867347, level: 0.29125617279507054, persistence: 0.3368421052631579,
      path: [-0.6769372748574776, -0.6769372748574776, -0.6769372748574776],
      scale: [0.8772147499433051, 0.9342341594284124, 0.9773259147435934], across: [1.9242700542690947, 0, 0],
      own: [1.3462423380585071, 0.7679433974953462, 0.6862943672375571]),
    Case(
      testDescription: "patches of one point", values: TestSeries.daily(100),
      settings: { try .of(patchLength: 1, numPatches: 16) }, periods: [24], centre: 50.376546293995176,
      width: 10.969948354141469, inflation: 1.0284416890093029, level: 0.2, persistence: 0.6,
      path: [0.6483365143537235, 0.6483365143537235, 0.7649877179115983],
      scale: [0.13935667185632422, 0.13935667185632422, 0.13781723821174263],
      across: [0.6799999996599999, 0.6799999996599999, 0.6799999996599999],
      own: [0.7332121121901903, 0.7332121121901903, 0.7332121121901903]),
    Case(
      testDescription: "nine points", values: TestSeries.walk(9), settings: { try .of(patchLength: 4, numPatches: 8) },
      periods: [], centre: 100.13831368590705, width: 0.5458435226697418, inflation: 1.2909944487358056,
      level: 0.15867577675719016, persistence: 0.5850813955825257,
      path: [-1.0233082687652995, -1.0233082687652995, -1.0233082687652995],
      scale: [0.722279848443902, 0.9532174277174856, 1.2582092939983232],
      across: [1.5413482202413074, 0.6653871776543638, 0.5174933731576965],
      own: [1.5413482202413074, 0.6653871776543638, 0.5174933731576965]),
    Case(
      testDescription: "24 months",
      values: [
        98.881059, 106.105981, 110.216245, 113.824296, 117.467299, 112.775336, 113.480569, 107.674068, 104.913678,
        106.944382, 112.01316, 116.445293, 124.06842, 132.392415, 138.825097, 139.379809, 138.57181, 139.152189,
        136.941299, 130.078549, 129.558529, 130.561626, 134.924102, 139.477932,
      ], settings: { try .of(interval: 2_629_746) }, periods: [], centre: 119.86196254000001, width: 19.59340117,
      inflation: 1.3228756555322954, level: 0.13333333333333336, persistence: 0.7166666666666667,
      path: [1.0011518311601029, 1.0011518311601029, 1.0011518311601029],
      scale: [0.29268003917439983, 1.936533420415105, 3.6751864129055605],
      across: [0.8418414041630938, 6.01534749967752e-08, -4.3781195291920254e-10],
      own: [2.2319280400292665, 0.5251511170201508, 0.37997024117029016]),
    Case(
      testDescription: "five points", values: [1, 2, 4, 3, 5], settings: { try .of() }, periods: [], centre: 3,
      width: 1.96, inflation: 1.3228756555322954, level: 0.2, persistence: 0.6,
      path: [1.0204081632653061, 1.0204081632653061, 1.0204081632653061],
      scale: [1.2100552271052472, 5.675662107471171, 9.680441816841977],
      across: [1.3036699105572396, 3.387713198166493e-10, -2.5403394569231477e-12],
      own: [1.8693418150257413, 0.609314058834219, 0.4492093984421965]),
  ]

  private func near(_ actual: [Double], _ expected: [Double]) -> Bool {
    actual.count == expected.count
      && zip(actual, expected).allSatisfy { abs($0 - $1) <= 1e-6 * max(abs($1), 1e-6) }
  }

  @Test("Every fitted quantity is the reference's", arguments: cases)
  func fitted(_ expected: Case) throws {
    let settings = try expected.settings()
    let model = ChannelModel.fit(expected.values, settings)
    let (horizon, length) = (settings.horizon, settings.patchLength)
    let steps = [0, horizon / 3, horizon - 1]
    #expect(model.periods == expected.periods)
    #expect(near([model.normalisation.centre, model.normalisation.width], [expected.centre, expected.width]))
    #expect(near([model.inflation], [expected.inflation]))
    #expect(near([model.covariance.level, model.covariance.persistence], [expected.level, expected.persistence]))
    #expect(near(steps.map { model.fit.path[$0] }, expected.path))
    #expect(near(steps.map { model.scale[$0] }, expected.scale))
    let factors = [0, length / 2, length - 1].map { model.covariance.factors[$0] }
    let patches = horizon / length
    #expect(near(factors.map { $0[(patches - 1) * patches] }, expected.across))
    #expect(near(factors.map { $0[patches * patches - 1] }, expected.own))
  }

  @Test(
    "The log gate opens where the spread grows with the level, and growth takes asinh where values are not positive")
  func transforms() throws {
    #expect(ChannelModel.fit(TestSeries.daily(512), try .of()).transform == .level)
    #expect(ChannelModel.fit(TestSeries.growing(512), try .of()).transform == .logarithm)
    #expect(ChannelModel.fit(TestSeries.daily(512), try .of(usesDiffs: true)).transform == .logarithm)
    let magnitudes = TestSeries.signed(300).map(abs).sorted()
    let median = (magnitudes[149] + magnitudes[150]) / 2
    #expect(ChannelModel.fit(TestSeries.signed(300), try .of(usesDiffs: true)).transform == .inverseSinh(unit: median))
    #expect(ValueTransform(for: [0, 0, 0, 1], periods: [], usesDiffs: true) == .inverseSinh(unit: 1))
    for transform in [ValueTransform.level, .logarithm, .inverseSinh(unit: 3)] {
      #expect(abs(transform.undo(transform.apply(17.25)) - 17.25) < 1e-12)
    }
  }

  @Test("The copula of two channels is the reference's, each row of unit length")
  func copula() throws {
    let settings = try ForecastSettings.of()
    let channels = [TestSeries.daily(512), TestSeries.companion(512)].map { ChannelModel.fit($0, settings) }
    let copula = try #require(ChannelCopula(channels.map(\.covariance), patchLength: 16))
    #expect(near(copula.factor, [1, 0, 0.7953215658099694, 0.6061877654304634]))
    #expect(ChannelCopula([channels[0].covariance], patchLength: 16) == nil)
  }

  @Test("The vocabulary has the reference's 33 values of unit variance and their probabilities")
  func vocabulary() {
    let vocabulary = Vocabulary.standard
    #expect(vocabulary.values.count == 33)
    #expect(near(Array(vocabulary.values[16...18]), [0, 0.5036369056434395, 1.007273811286879]))
    #expect(near([vocabulary.values[0], vocabulary.values[32]], [-8.058190490295033, 8.058190490295033]))
    #expect(
      near(
        Array(vocabulary.probabilities[0...4]) + [vocabulary.probabilities[16]],
        [
          2.1999972641889858e-05, 3.18113049420953e-05, 4.705833076135585e-05, 7.141522325989182e-05,
          0.00011154567291580632, 0.2450658433960266,
        ]))
    #expect(near([vocabulary.probabilities.reduce(0, +)], [1]))
  }

  @Test("Temperature and nucleus shape the probabilities as the reference's do")
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
