package import GRPCCore
package import ServiceKit
import TemporisAPI
import TokenDomain

extension PredictService {
  /// Who may call which method: access tokens ingest and predict, everything else takes a person who signed in.
  package static let access: [MethodDescriptor: MethodAccess] = {
    let managed =
      Temporis_Predict_V1_DataSourceService.Method.descriptors
      + Temporis_Predict_V1_DataProfileService.Method.descriptors
      + Temporis_Billing_V1_BillingService.Method.descriptors
    var access = Dictionary(uniqueKeysWithValues: managed.map { ($0, MethodAccess.dashboardSession) })
    access[Temporis_Predict_V1_DataSourceService.Method.Ingest.descriptor] = .permission(.ingest)
    access[Temporis_Predict_V1_PredictionService.Method.Predict.descriptor] = .permission(.predict)
    return access
  }()
}
