/// The templates of the pages and of their parts, each named as its file is.
enum Template: String, Sendable, CaseIterable {
  case layout = "Layout"
  case field = "Field"
  case formErrors = "FormErrors"
  case formToken = "FormToken"
  case time = "Time"
  case paging = "Paging"
  case error = "Error"
  case signIn = "SignIn"
  case signUp = "SignUp"
  case overview = "Overview"
  case tokens = "Tokens"
  case tokenCreated = "TokenCreated"
  case secretShown = "SecretShown"
  case token = "Token"
  case tokenRotation = "TokenRotation"
  case tokenStop = "TokenStop"
  case tokenUse = "TokenUse"
  case permissions = "Permissions"
  case activity = "Activity"
  case account = "Account"
  case billing = "Billing"
  case cardRemoval = "CardRemoval"
  case sources = "Sources"
  case source = "Source"
  case rowDeletion = "RowDeletion"
  case sourceDeletion = "SourceDeletion"
  case readers = "Readers"
  case choice = "Choice"
  case textArea = "TextArea"
  case check = "Check"
  case profiles = "Profiles"
  case profile = "Profile"
  case profileForm = "ProfileForm"
  case profileDeletion = "ProfileDeletion"
  case forecast = "Forecast"
  case drawnForecast = "DrawnForecast"

  /// The template's text.
  var source: [UInt8] {
    switch self {
    case .layout: PackageResources.Layout_mustache
    case .field: PackageResources.Field_mustache
    case .formErrors: PackageResources.FormErrors_mustache
    case .formToken: PackageResources.FormToken_mustache
    case .time: PackageResources.Time_mustache
    case .paging: PackageResources.Paging_mustache
    case .error: PackageResources.Error_mustache
    case .signIn: PackageResources.SignIn_mustache
    case .signUp: PackageResources.SignUp_mustache
    case .overview: PackageResources.Overview_mustache
    case .tokens: PackageResources.Tokens_mustache
    case .tokenCreated: PackageResources.TokenCreated_mustache
    case .secretShown: PackageResources.SecretShown_mustache
    case .token: PackageResources.Token_mustache
    case .tokenRotation: PackageResources.TokenRotation_mustache
    case .tokenStop: PackageResources.TokenStop_mustache
    case .tokenUse: PackageResources.TokenUse_mustache
    case .permissions: PackageResources.Permissions_mustache
    case .activity: PackageResources.Activity_mustache
    case .account: PackageResources.Account_mustache
    case .billing: PackageResources.Billing_mustache
    case .cardRemoval: PackageResources.CardRemoval_mustache
    case .sources: PackageResources.Sources_mustache
    case .source: PackageResources.Source_mustache
    case .rowDeletion: PackageResources.RowDeletion_mustache
    case .sourceDeletion: PackageResources.SourceDeletion_mustache
    case .readers: PackageResources.Readers_mustache
    case .choice: PackageResources.Choice_mustache
    case .textArea: PackageResources.TextArea_mustache
    case .check: PackageResources.Check_mustache
    case .profiles: PackageResources.Profiles_mustache
    case .profile: PackageResources.Profile_mustache
    case .profileForm: PackageResources.ProfileForm_mustache
    case .profileDeletion: PackageResources.ProfileDeletion_mustache
    case .forecast: PackageResources.Forecast_mustache
    case .drawnForecast: PackageResources.DrawnForecast_mustache
    }
  }
}
