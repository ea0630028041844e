import SwiftProtobuf
import TemporisAPI

extension TestDashboard {
  /// Fills the services with one of everything.
  /// - Parameter text: Stands wherever someone may have chosen a text.
  func fill(with text: String = "nightly job") async throws {
    let profile = Temporis_Predict_V1_DataProfile.with {
      $0.id = "prof_1"
      $0.name = "hourly_orders"
      $0.settings.dataSource = "shop"
      $0.settings.names = [text]
      $0.settings.interval = 3_600
      $0.settings.patchLen = .init(16)
      $0.settings.patchSpacing = .init(1)
      $0.settings.numPatches = .init(32)
      $0.settings.minPatches = .init(4)
      $0.settings.fillLimit = .init(2)
      $0.forecast.stepSeconds = 3_600
      $0.forecast.horizonSteps = 64
      $0.forecast.readyPoints = 64
      $0.forecast.servingPoints = 64
      $0.forecast.tokensPerTrajectory = 64
      $0.ready = true
      $0.statistics = [
        .with {
          $0.name = text
          $0.lower = 1
          $0.upper = 9
        }
      ]
    }
    services.with { state in
      state.email = text
      state.tokens = [
        .with {
          $0.id = "tok_0123456789012345678901"
          $0.name = text
          $0.lastFour = "wxyz"
          $0.permissions = [.ingest, .predict]
        }
      ]
      state.sessions = [
        .with {
          $0.id = "ses_0000000000000000000001"
          $0.createTime.seconds = 1_700_000_000
          $0.expireTime.seconds = 1_700_043_200
          $0.clientAddress = text
          $0.current = true
        },
        .with {
          $0.id = "ses_0000000000000000000002"
          $0.createTime.seconds = 1_699_990_000
          $0.expireTime.seconds = 1_700_033_200
        },
      ]
      state.auditRecords = [
        .with {
          $0.action = text
          $0.actorID = text
          $0.subjectID = "tok_0123456789012345678901"
          $0.count = 1
        }
      ]
      state.sources = [.with { $0.name = "shop" }]
      state.series = [
        .with {
          $0.name = text
          $0.rowCount = 1_234
          $0.latestTimestamp = 1_700_000_000
        }
      ]
      state.profiles = [profile]
      state.context = .hourly([text], count: 70)
      state.publicProfiles = [
        .with {
          $0.name = "temporis/demo_hourly"
          $0.names = [text]
          $0.forecast = profile.forecast
          $0.ready = true
        }
      ]
      state.card = .with {
        $0.brand = text
        $0.lastFour = "4242"
        $0.expireMonth = 3
        $0.expireYear = 2_034
        $0.status = .good
      }
      state.charges = [
        .with {
          $0.requestID = text
          $0.dataProfile = text
          $0.credentialID = "tok_0123456789012345678901"
          $0.modelTokens = 320
          $0.nanoDollars = 6_400
        }
      ]
    }
  }
}

extension Temporis_Predict_V1_GetDataProfileContextResponse {
  /// Hourly points up to an instant, of which the third is filled, with a gap of ten hours before the last twenty.
  static func hourly(_ names: [String], count: Int, until last: Int64 = 1_700_000_000) -> Self {
    let hours = (0..<count).map { Int64(count - 1 - $0) }.map { $0 < 20 ? $0 : $0 + 10 }
    return .with {
      $0.anchor = last
      $0.stepSeconds = 3_600
      $0.timestamps = hours.map { last - $0 * 3_600 }
      $0.series = names.map { name in
        .with {
          $0.name = name
          $0.values = hours.map { Double($0 % 24) }
          $0.filled = [2]
          $0.filledPoints = 1
          $0.missingPoints = 10
        }
      }
      $0.contextPoints = Int64(count)
      $0.contextLimit = 512
      $0.servingPoints = 64
      $0.sufficient = count >= 64
      $0.gapPoints = 10
    }
  }
}
