// swift-tools-version: 6.2

import PackageDescription

let settings: [SwiftSetting] = [
  .swiftLanguageMode(.v6),
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("MemberImportVisibility"),
  .treatAllWarnings(as: .error),
]
/// Coverage for the fuzzer to follow, and every access checked.
let instrumented = settings + [.unsafeFlags(["-sanitize=fuzzer,address", "-enable-testing"])]
let linked: [LinkerSetting] = [.unsafeFlags(["-sanitize=fuzzer,address", "-use-ld=lld"])]

let grpcCore = Target.Dependency.product(name: "GRPCCore", package: "grpc-swift-2")

// A package of its own over the same sources (Sources holds links), since instrumented code is no use to anybody else.
let package = Package(
  name: "fuzzing",
  dependencies: [
    .package(url: "https://github.com/apple/swift-nio.git", from: "2.101.2"),
    .package(url: "https://github.com/grpc/grpc-swift-2.git", from: "2.4.3"),
  ],
  targets: [
    .systemLibrary(name: "CNghttp2", pkgConfig: "libnghttp2", providers: [.apt(["libnghttp2-dev"])]),
    .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
    .target(name: "HTTP2Session", dependencies: ["CNghttp2"], swiftSettings: instrumented),
    // What reads a peer's bytes above HTTP/2, without the sockets.
    .target(
      name: "GRPCNghttp2Transport",
      dependencies: ["CZlib", "HTTP2Session", grpcCore, .product(name: "NIOCore", package: "swift-nio")],
      swiftSettings: instrumented),
    .target(name: "CLibFuzzer"),
    .target(name: "FuzzSupport", dependencies: ["CLibFuzzer"], swiftSettings: settings),
    .executableTarget(
      name: "http2-session-fuzzer", dependencies: ["FuzzSupport", "HTTP2Session"], swiftSettings: instrumented,
      linkerSettings: linked),
    .executableTarget(
      name: "grpc-message-fuzzer", dependencies: ["FuzzSupport", "GRPCNghttp2Transport", "HTTP2Session", grpcCore],
      swiftSettings: instrumented, linkerSettings: linked),
  ]
)
