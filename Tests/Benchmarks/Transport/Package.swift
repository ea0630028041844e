// swift-tools-version: 6.2

import PackageDescription

let settings: [SwiftSetting] = [
  .swiftLanguageMode(.v6),
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("MemberImportVisibility"),
  .treatAllWarnings(as: .error),
]

func product(_ name: String, _ package: String) -> Target.Dependency {
  .product(name: name, package: package)
}

let grpcCore = product("GRPCCore", "grpc-swift-2")
let nioPosix = product("NIOPosix", "swift-nio")

// A package of its own, so that the product's never resolves or builds the transport it is compared with.
let package = Package(
  name: "transport-benchmark",
  dependencies: [
    .package(name: "temporis", path: "../../.."),
    .package(url: "https://github.com/apple/swift-log.git", from: "1.16.2"),
    .package(url: "https://github.com/apple/swift-nio.git", from: "2.101.2"),
    .package(url: "https://github.com/apple/swift-protobuf.git", from: "1.39.0"),
    .package(url: "https://github.com/grpc/grpc-swift-2.git", from: "2.4.3"),
    .package(url: "https://github.com/grpc/grpc-swift-nio-transport.git", exact: "2.9.2"),
    .package(url: "https://github.com/grpc/grpc-swift-protobuf.git", from: "2.4.1"),
  ],
  targets: [
    .target(
      name: "EchoService",
      dependencies: [
        grpcCore, product("GRPCProtobuf", "grpc-swift-protobuf"), product("SwiftProtobuf", "swift-protobuf"),
      ],
      swiftSettings: settings),
    .executableTarget(
      name: "nghttp2-server",
      dependencies: [
        "EchoService", grpcCore, nioPosix, product("GRPCNghttp2Transport", "temporis"),
        product("Logging", "swift-log"), product("SwiftProtobuf", "swift-protobuf"),
      ],
      swiftSettings: settings),
    .executableTarget(
      name: "nio-server",
      dependencies: [
        "EchoService", grpcCore, nioPosix, product("GRPCNIOTransportHTTP2Posix", "grpc-swift-nio-transport"),
      ],
      swiftSettings: settings),
  ]
)
