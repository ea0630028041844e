import SwiftProtobuf
import Testing

extension Contracts {
  /// What the last release promised stays true.
  @Suite struct BreakingChangeTests {
    @Test("The contracts break nothing of the last release's") func baseline() throws {
      let baseline = try Google_Protobuf_FileDescriptorSet.baseline()
      let changes = BreakingChange.changes(from: baseline, to: try .contracts())
      #expect(changes.isEmpty, "A field is never renumbered, retyped or removed: add another beside it.")
      let schema = Schema(baseline)
      #expect(schema.methods.count > 20)
      ContractReport.shared.add(.baseline, schema.messageNames.count, schema.methods.count)
    }

    @Test("A breaking change is found where it is, by its rule", arguments: BreakingChange.Rule.allCases)
    func example(rule: BreakingChange.Rule) throws {
      let old = try Google_Protobuf_FileDescriptorSet.contracts()
      var new = old
      let example = rule.example
      try example.edit(&new)
      #expect(BreakingChange.changes(from: old, to: new) == [BreakingChange(rule: rule, element: example.element)])
      ContractReport.shared.add(.breaking, 1, 1, 0)
    }

    @Test("A change in an imported or nested message is found as well") func nested() throws {
      let old = try Google_Protobuf_FileDescriptorSet.contracts()
      var new = old
      try new.edit(file: "grpc/health/v1/health.proto") {
        try $0.edit(message: "HealthCheckResponse") { $0.enumType[0].value[1].number = 9 }
      }
      try new.edit(file: "google/protobuf/timestamp.proto") {
        try $0.edit("Timestamp", field: "nanos") { $0.type = .int64 }
      }
      #expect(
        Set(BreakingChange.changes(from: old, to: new)) == [
          BreakingChange(
            rule: .enumValueRenumbered, element: "grpc.health.v1.HealthCheckResponse.ServingStatus.SERVING"),
          BreakingChange(rule: .fieldRetyped, element: "google.protobuf.Timestamp.nanos"),
        ])
    }

    @Test("Additions break nothing") func additions() throws {
      let old = try Google_Protobuf_FileDescriptorSet.contracts()
      var new = old
      try new.edit(file: "temporis/token/v1/access_token_service.proto") { file in
        try file.edit(message: "AccessToken") { message in
          message.field.append(.with { ($0.name, $0.number, $0.type, $0.label) = ("note", 50, .string, .optional) })
        }
        try file.edit(enum: "Permission") { declared in
          declared.value.append(.with { ($0.name, $0.number) = ("PERMISSION_READ", 3) })
        }
        file.messageType.append(.with { $0.name = "RotateAccessTokenRequest" })
        file.enumType.append(.with { $0.name = "Reason" })
        file.service[0].method.append(.with { $0.name = "RotateAccessToken" })
        file.service.append(.with { $0.name = "AuditService" })
      }
      new.file.append(.with { $0.name = "temporis/audit/v1/audit_service.proto" })
      #expect(BreakingChange.changes(from: old, to: new).isEmpty)
      ContractReport.shared.add(.breaking, 0, 0, 7)
    }
  }
}
