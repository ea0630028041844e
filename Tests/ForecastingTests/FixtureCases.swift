import Forecasting
import Foundation

/// Cases with every fitted quantity, made by an independent implementation of the same model in another language.
///
/// Numbers have ten digits; quantiles are those of 4,000 draws and have five.
struct FixtureCases: Decodable {
  struct Channel: Decodable {
    let context: [Double]
    let exponent: Int
    let kind: String
    let unit: Double
    let isConstant, isCounted, isNewLevel, hasLogarithms: Bool
    let periods, origins: [Int]
    let centre, width: Double
    let experts: [String]
    let weights: [Double]
    let oneStepMeanSquare: Double?
    let path: [Double]
    let noiseSpace: Double
    /// In the units of the noise space; left out where those are the path's.
    let noisePath: [Double]?
    let stepScale, forecastScale: [Double]
    let levelShare, persistence, highest: Double
    let factors: [Double]
    let codecValues, codecWeights, codecProbabilities: [Double]?
    let low, median, high: [Double]
  }

  struct Case: Decodable {
    let name: String
    let interval: Int64
    let patchLength, horizonPatches: Int
    let usesDiffs: Bool
    let copula: [Double]
    let meanLoss: Double
    let channels: [Channel]

    func settings() throws -> ForecastSettings {
      try .of(
        names: channels.indices.map { "channel \($0)" }, interval: interval, patchLength: patchLength,
        numPatches: 512, usesDiffs: usesDiffs, horizonPatches: horizonPatches)
    }
  }

  let vocabulary, probabilities: [Double]
  let cases: [Case]

  static func read() throws -> FixtureCases {
    let folder = URL(filePath: #filePath).deletingLastPathComponent()
    return try JSONDecoder().decode(
      FixtureCases.self, from: Data(contentsOf: folder.appending(path: "Fixtures/forecasts.json")))
  }
}
