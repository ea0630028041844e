// swift-tools-version: 6.2

import PackageDescription

/// What every target of ours is compiled with, as in the package above.
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

/// Other people's gRPC against ours: a package of its own, so that the product never builds theirs.
let package = Package(
  name: "temporis-interop",
  dependencies: [
    .package(name: "temporis", path: "../.."),
    .package(url: "https://github.com/apple/swift-log.git", from: "1.16.2"),
    .package(url: "https://github.com/apple/swift-nio.git", from: "2.101.2"),
    .package(url: "https://github.com/apple/swift-protobuf.git", from: "1.39.0"),
    .package(url: "https://github.com/grpc/grpc-swift-2.git", from: "2.4.3"),
    .package(url: "https://github.com/grpc/grpc-swift-nio-transport.git", from: "2.9.2"),
    .package(url: "https://github.com/grpc/grpc-swift-protobuf.git", from: "2.4.1"),
    .package(url: "https://github.com/swiftlang/swift-subprocess.git", from: "1.0.2"),
  ],
  targets: [
    // protoc writes `package import` of modules that a file may not use; everything else stays strict.
    .target(
      name: "InteropAPI",
      dependencies: [
        product("GRPCCore", "grpc-swift-2"), product("GRPCProtobuf", "grpc-swift-protobuf"),
        product("SwiftProtobuf", "swift-protobuf"),
      ],
      swiftSettings: [.swiftLanguageMode(.v6)]),
    .executableTarget(
      name: "interop",
      dependencies: [
        "InteropAPI", product("GRPCCore", "grpc-swift-2"),
        product("GRPCNIOTransportHTTP2Posix", "grpc-swift-nio-transport"), product("GRPCNghttp2Transport", "temporis"),
        product("Logging", "swift-log"), product("NIOCore", "swift-nio"), product("NIOPosix", "swift-nio"),
        product("Subprocess", "swift-subprocess"), product("SwiftProtobuf", "swift-protobuf"),
      ],
      swiftSettings: settings),
  ]
)
