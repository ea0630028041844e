import GRPCCore
import Hummingbird
import ServiceKit
import SwiftProtobuf
import TemporisAPI
import TokenDomain

extension ProfilePages {
  func newForm(_ request: MemberRequest) async throws -> DashboardResponse {
    let form = ProfileForm(dataSource: request.query.text("source"))
    return try await page(request, form, editedName: nil)
  }

  func create(_ request: MemberRequest) async throws -> DashboardResponse {
    let form = ProfileForm(request.form)
    let settings: Temporis_Predict_V1_ProfileSettings
    switch form.parsed {
    case .settings(let parsed): settings = parsed
    case .errors(let errors): return try await page(request, form, editedName: nil, errors: errors)
    }
    var message = Temporis_Predict_V1_CreateDataProfileRequest()
    message.name = form[.name]
    message.settings = settings
    message.idempotencyKey = request.form["key"]
    do {
      _ = try await request.services.profiles.createDataProfile(message)
    } catch {
      let refusal = try ServiceError.refusal(
        in: error, .invalidArgument, .dataProfileExists, .dataSourceNotFound, .idempotencyKeyReused, .quotaExceeded)
      return try await page(request, form, editedName: nil, refusal: refusal)
    }
    return .redirect(to: ProfileRow.path(of: message.name), flash: .profileCreated)
  }

  func editForm(_ request: MemberRequest) async throws -> DashboardResponse {
    let profile = try await request.services.profile(try request.parameter("name"))
    return try await page(request, ProfileForm(profile), editedName: profile.name)
  }

  func update(_ request: MemberRequest) async throws -> DashboardResponse {
    let name = try request.parameter("name")
    let form = ProfileForm(request.form)
    let settings: Temporis_Predict_V1_ProfileSettings
    switch form.parsed {
    case .settings(let parsed): settings = parsed
    case .errors(let errors): return try await page(request, form, editedName: name, errors: errors)
    }
    // Without a mask: the form holds every setting.
    var message = Temporis_Predict_V1_UpdateDataProfileRequest()
    message.name = name
    message.settings = settings
    do {
      _ = try await request.services.profiles.updateDataProfile(message)
    } catch {
      let refusal = try ServiceError.refusal(in: error, .invalidArgument, .dataSourceNotFound)
      return try await page(request, form, editedName: name, refusal: refusal)
    }
    return .redirect(to: ProfileRow.path(of: name), flash: .profileUpdated)
  }

  private func page(
    _ request: MemberRequest, _ form: ProfileForm, editedName: String?, errors: [ProfileSetting: String] = [:]
  ) async throws -> DashboardResponse {
    try await page(
      request, form, editedName: editedName, errors: errors, problem: nil,
      status: errors.isEmpty ? .ok : .unprocessableContent)
  }

  private func page(
    _ request: MemberRequest, _ form: ProfileForm, editedName: String?, refusal: ServiceError
  ) async throws -> DashboardResponse {
    let found = FormErrors(refusal, fields: Self.fields, reasons: Self.reasons)
    var errors: [ProfileSetting: String] = [:]
    for setting in ProfileSetting.allCases { errors[setting] = found[field: setting.rawValue] }
    return try await page(
      request, form, editedName: editedName, errors: errors, problem: found.general, status: found.status)
  }

  private func page(
    _ request: MemberRequest, _ form: ProfileForm, editedName: String?, errors: [ProfileSetting: String],
    problem: String?, status: HTTPResponse.Status
  ) async throws -> DashboardResponse {
    let sources = try await request.services.sourceChoice(chosen: form[.dataSource])
    // A key that has made a profile cannot make another: every page has its own.
    let view = ProfileFormView(
      form, editedName: editedName, key: Base62.random(count: 22), sources: sources, errors: errors, problem: problem)
    let title = editedName.map { "Edit \($0)" } ?? "New data profile"
    return .page(.profileForm, title: title, section: .profiles, status: status, content: view)
  }

  /// The fields by the paths that a violation names. What is wrong with a window as a whole stands beside its zone.
  private static let fields: [String: String] = {
    var fields = ["name": ProfileSetting.name.rawValue, "settings.exclude_window": ProfileSetting.timeZone.rawValue]
    for setting in ProfileSetting.allCases where setting != .name {
      fields["settings.\(setting.rawValue)"] = setting.rawValue
    }
    fields["settings.exclude_window.start_minute"] = ProfileSetting.start.rawValue
    fields["settings.exclude_window.stop_minute"] = ProfileSetting.stop.rawValue
    return fields
  }()

  private static let reasons: [ServiceError.Reason: String] = [
    .dataProfileExists: ProfileSetting.name.rawValue, .dataSourceNotFound: ProfileSetting.dataSource.rawValue,
  ]
}
