import ServiceKit

extension Dashboard {
  /// Every page.
  static func routes(_ services: DashboardServices, _ faults: FaultLog) -> [DashboardRoute] {
    OverviewPage(services: services).routes
      + SignInPages(services: services).routes
      + SignUpPages(services: services).routes
      + TokenPages(services: services).routes
      + BillingPages(services: services).routes
      + SourcePages(services: services).routes
      + ProfilePages(services: services).routes
      + ForecastPages(services: services, faults: faults).routes
  }
}
